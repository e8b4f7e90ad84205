"""Force plates of motion laboratories: the platform types of the C3D format, Kistler's correction, the lab frame."""
