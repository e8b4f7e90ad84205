"""OFP 1.0 between bytes and records; no input or output."""
