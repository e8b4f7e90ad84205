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

    Standard requests that only read descriptors (GET_DESCRIPTOR, GET_CONFIGURATION, GET_STATUS) are answered
    by the server from the descriptors; everything else reaches ``control``.
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

        Raise Stall to halt the endpoint until CLEAR_FEATURE(ENDPOINT_HALT).
        """
        ...

    async def write(self, endpoint: int, data: bytes) -> int:
        """Take an OUT packet; return how many bytes were taken."""
        ...
