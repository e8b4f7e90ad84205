"""MCC USB-1608FS-Plus: eight inputs, sampled together, for plates with analogue outputs."""
