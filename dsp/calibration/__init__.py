"""Calibration with known loads: estimates, their uncertainty, and what the plate itself adds to it."""
