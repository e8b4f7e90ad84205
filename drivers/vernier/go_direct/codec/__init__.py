"""Bytes to records and back, no I/O."""
