"""The boards' own side of the wire, byte-exact, driven by a load source."""

from otolith.drivers.phidget_bridge.twin.bridge import Bridge
from otolith.drivers.phidget_bridge.twin.hid import HidBridge
from otolith.drivers.phidget_bridge.twin.vendor import VendorBridge

__all__ = ["Bridge", "HidBridge", "VendorBridge"]
