"""The reference implementation of a plate: what the specification says, done."""

from otolith.drivers.ofp.twin.plate import PlateTwin
from otolith.drivers.ofp.twin.serial import serve_stream

__all__ = ["PlateTwin", "serve_stream"]
