"""The device's own side of the wire, byte-exact, with simulated plates on its inputs."""

from otolith.drivers.labjack.twin.device import LabJackTwin
from otolith.drivers.labjack.twin.t7 import T7Twin
from otolith.drivers.labjack.twin.u3 import U3Twin
from otolith.drivers.labjack.twin.u6 import U6Twin

__all__ = ["LabJackTwin", "T7Twin", "U3Twin", "U6Twin"]
