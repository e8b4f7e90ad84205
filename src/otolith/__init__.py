"""Otolith, the open real-time balance station: force plates in, centre of pressure and sway out."""

__version__ = "0.1.0"
