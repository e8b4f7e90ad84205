"""Phidget Bridge 4-Input 1046 and the BTrackS board built on it."""
