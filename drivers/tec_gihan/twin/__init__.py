"""The controller's own side of the wire, behind its FTDI chip."""

from otolith.drivers.tec_gihan.twin.controller import Controller

__all__ = ["Controller"]
