"""Biofeedback: where the target is and where the person is, computed here so that any client can draw it."""
