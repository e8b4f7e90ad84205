"""The board's own side of the wire, byte-exact, driven by a load source."""

from otolith.drivers.wii.twin.body import Body, Manner, factory_block
from otolith.drivers.wii.twin.dolphinbar import DolphinBar

__all__ = ["Body", "DolphinBar", "Manner", "factory_block"]
