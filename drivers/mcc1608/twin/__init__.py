"""The device's own side of the wire."""

from otolith.drivers.mcc1608.twin.converters import factory
from otolith.drivers.mcc1608.twin.daq import MccTwin

__all__ = ["MccTwin", "factory"]
