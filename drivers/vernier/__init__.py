"""Vernier's force plates: Go Direct by itself, the analogue FP-BTA on a Go!Link. One vertical force each, no CoP."""
