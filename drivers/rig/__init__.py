"""The rig: twins as devices on ports, for the project's own scenarios and for whoever builds on it."""

from otolith.drivers.rig.ports import CLEAR, LOOPBACK, PLUG, Rig
from otolith.drivers.rig.serving import send_order, serve_twin

__all__ = ["CLEAR", "LOOPBACK", "PLUG", "Rig", "send_order", "serve_twin"]
