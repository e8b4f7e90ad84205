"""The device's own side of USB: what a twin implements and the USB/IP server exports."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol


class Speed(IntEnum):
    """USB speeds by the numbers of the kernel's ``usb_device_speed``."""

    LOW = 1
    FULL = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Setup:
    """The eight bytes of a control request (USB 2.0, table 9-2)."""

    request_type: int
    request: int
    value: int
    index: int
    length: int


class Stall(Exception):
    """The function refuses this request; the host sees EPIPE."""


class Gadget(Protocol):
    """One USB device, seen from inside. Called on the server's event loop.

    The server answers what it can from the descriptors (GET_DESCRIPTOR of the device, its configuration and its
    strings, GET_STATUS) and keeps configuration, alternate settings and halted endpoints itself. Everything else
    reaches ``control``: class and vendor requests, and GET_DESCRIPTOR of other kinds, such as a HID report's.
    A bus reset is ``detach`` and ``attach``. An exception that is not Stall fails that transfer alone.
    """

    device_descriptor: bytes
    configuration_descriptor: bytes
    """With all interfaces, class descriptors and endpoints, as GET_DESCRIPTOR(CONFIGURATION) returns it."""
    strings: dict[int, str]
    speed: Speed

    async def attach(self) -> None:
        """A host imported the device: it has power now."""
        ...

    async def detach(self) -> None:
        """The host let go (or the cable is out)."""
        ...

    async def control(self, setup: Setup, data: bytes) -> bytes:
        """Answer a control request; ``data`` is the OUT stage. Raise Stall to refuse."""
        ...

    async def read(self, endpoint: int, length: int) -> bytes:
        """Wait until the IN endpoint (0x81 …) has a packet and return it; cancelled by UNLINK, losing nothing.

        ``length`` is the room the host has left; a longer packet overruns it (EOVERFLOW) and is cut. A packet that
        fills wMaxPacketSize is followed by the next one in the same transfer while there is room.

        Raise Stall to halt the endpoint until CLEAR_FEATURE(ENDPOINT_HALT).
        """
        ...

    async def write(self, endpoint: int, data: bytes) -> int:
        """Take an OUT packet of at most wMaxPacketSize; return how many bytes were taken. Raise Stall to halt."""
        ...
