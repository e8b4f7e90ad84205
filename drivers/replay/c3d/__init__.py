"""C3D files of motion laboratories (c3d.org user guide), in all three encodings; no dsp, only what the file says."""
