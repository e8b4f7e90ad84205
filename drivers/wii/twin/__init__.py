"""The board's own side of the wire, byte-exact, driven by a load source."""

from otolith.drivers.wii.twin.body import Body, Manner, factory_block
from otolith.drivers.wii.twin.dolphinbar import DolphinBar
from otolith.drivers.wii.twin.link import serve_hidraw, serve_l2cap

__all__ = ["Body", "DolphinBar", "Manner", "factory_block", "serve_hidraw", "serve_l2cap"]
