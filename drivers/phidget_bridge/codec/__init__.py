"""Bytes and records of the Phidget Bridge 1046, without any input or output.

Facts: the maker's own libraries libphidget22 and libphidget 2.1 (BSD), ``bridgedevice.c`` and ``cphidgetbridge.c``.
"""

from otolith.drivers.phidget_bridge.codec import hid, vendor
from otolith.drivers.phidget_bridge.codec.converter import ALL, CHANNELS, PRODUCT, VENDOR, ZERO, Generation, limit

__all__ = ["ALL", "CHANNELS", "PRODUCT", "VENDOR", "ZERO", "Generation", "hid", "limit", "vendor"]
