"""Calibration of boards: the guided procedure, its evaluation, the files and where they are kept."""
