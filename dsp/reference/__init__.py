"""The textbook numpy twin of every kernel: slow, obvious, and what the kernels are tested against."""
