"""The chip's own side: registers, and bytes cut into packets with their status."""

from collections.abc import Callable
from typing import Final

from otolith.drivers.ftdi.numbers import STATUS, Line, Request, Reset
from otolith.drivers.usb.gadget import Setup, Stall

PACKET: Final = 64
"""wMaxPacketSize of a full-speed chip."""
IDLE: Final = bytes([0x01 | 0x10, Line.HOLDING_EMPTY | Line.SENT])
"""Clear to send; nothing left to send."""


def device_descriptor(vendor: int, product: int) -> bytes:
    """Of an FT232R: USB 2.0 full speed, release 6.00, strings 1 maker, 2 product, 3 serial."""
    identity = b"".join(number.to_bytes(2, "little") for number in (vendor, product, 0x0600))
    return bytes.fromhex("12 01 00 02 00 00 00 08") + identity + bytes((1, 2, 3, 1))


CONFIGURATION: Final = bytes.fromhex(
    "09 02 20 00 01 01 00 A0 2D"  # one interface, remote wake-up, 90 mA
    "09 04 00 00 02 FF FF FF 02"  # vendor class, two endpoints
    "07 05 81 02 40 00 00"  # bulk IN, 64 bytes
    "07 05 02 02 40 00 00"  # bulk OUT, 64 bytes
)


class Chip:
    """Registers by request; ``on_purge`` is called when the computer throws away what waits for it."""

    def __init__(self, on_purge: Callable[[], None]) -> None:
        self._on_purge = on_purge
        self.reset()

    def reset(self) -> None:
        """As after power-up: no flow control, a packet every 16 ms."""
        self.latency = 0.016
        """Seconds between packets of an idle chip."""
        self.divisor = 0
        self.data = 0
        self.flow = 0
        self.modem = 0

    def control(self, setup: Setup) -> bytes:
        """Vendor requests; Stall for those that are not of a serial port."""
        match setup.request_type, setup.request:
            case (0xC0, Request.GET_LATENCY_TIMER):
                return bytes([round(self.latency * 1e3)])
            case (0xC0, Request.MODEM_STATUS):
                return IDLE
            case (0x40, _):
                self._set(setup)
                return b""
            case _:
                raise Stall

    def _set(self, setup: Setup) -> None:
        match setup.request:
            case Request.RESET:
                self._reset(setup.value)
            case Request.BAUD_RATE:
                self.divisor = setup.value | setup.index >> 8 << 16
            case Request.DATA:
                self.data = setup.value
            case Request.FLOW_CTRL:
                self.flow = setup.index & 0xFF00
            case Request.MODEM_CTRL:
                self.modem |= setup.value & setup.value >> 8
            case Request.LATENCY_TIMER:
                self.latency = max(1, setup.value) * 1e-3
            case Request.EVENT_CHAR | Request.ERROR_CHAR:
                pass  # none is ever set off
            case Request.BIT_MODE if setup.value >> 8 == 0:
                pass  # a serial port is what it is
            case _:
                raise Stall

    def packets(self, data: bytes) -> list[bytes]:
        """Bytes from the serial line as packets for the computer."""
        room = PACKET - STATUS
        return [IDLE + data[at : at + room] for at in range(0, len(data), room)]

    def _reset(self, what: int) -> None:
        if what == Reset.ALL:
            self.reset()
        if what != Reset.PURGE_TX:
            self._on_purge()
