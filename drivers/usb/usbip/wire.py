"""USB/IP once a device is imported: transfers and their ends, bytes to records and back, no I/O.

Source: Linux ``Documentation/usb/usbip_protocol.rst``, protocol 1.1.1; every field is big-endian, except the eight
setup bytes, which are USB's own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from struct import Struct
from typing import TypeVar

HEADER = 48  # bytes of every URB message before its payload
NOT_ISOCHRONOUS = 0xFFFFFFFF  # number_of_packets of other transfers; the document's own capture has 0
MAX_TRANSFER = 1 << 20  # bytes; boards move less than 64 KiB at once, and a hostile length must not reserve memory
NO_SETUP = bytes(8)

_CMD_SUBMIT, _CMD_UNLINK, _RET_SUBMIT, _RET_UNLINK = 1, 2, 3, 4
_BASIC = Struct(">5I")  # command, seqnum, devid, direction, ep
_SUBMIT = Struct(">5I5I8s")  # + flags, length, start_frame, number_of_packets, interval, setup
_SUBMITTED = Struct(">5Ii4I8x")  # + status, actual_length, start_frame, number_of_packets, error_count
_UNLINK = Struct(">5II24x")  # + seqnum of the victim
_UNLINKED = Struct(">5Ii24x")  # + status
_IN = 0x80  # bit of an endpoint address
_LAST_ENDPOINT = 15  # USB 2.0, 9.6.6: four bits

M = TypeVar("M")


class WireError(ValueError):
    """The peer sent what is not USB/IP, or more of it than we accept; the link cannot be resynchronised."""


class Status(IntEnum):
    """Linux error numbers as they travel; the same on every system."""

    OK = 0
    NO_ENTRY = -2
    NO_DEVICE = -19
    STALL = -32
    PROTOCOL = -71
    OVERFLOW = -75
    UNLINKED = -104  # ECONNRESET
    SHUTDOWN = -108


@dataclass(frozen=True, slots=True)
class Submit:
    """A transfer the host wants; ``endpoint`` is an address (0x81 is IN 1), so that 0x80 is a control read."""

    seqnum: int
    devid: int
    endpoint: int
    length: int
    data: bytes = b""
    """The OUT stage, ``length`` bytes; empty for IN."""
    setup: bytes = NO_SETUP
    flags: int = 0
    interval: int = 0
    start_frame: int = 0
    packets: int = NOT_ISOCHRONOUS

    def encode(self) -> bytes:
        """Bytes for the wire."""
        direction, number = divmod(self.endpoint, _IN)
        basic = (_CMD_SUBMIT, self.seqnum, self.devid, direction, number)
        frame = (self.flags, self.length, self.start_frame, self.packets, self.interval, self.setup)
        return _SUBMIT.pack(*basic, *frame) + self.data


@dataclass(frozen=True, slots=True)
class Submitted:
    """The end of a transfer; ``data`` follows only when the transfer was IN."""

    seqnum: int
    status: int
    actual: int
    data: bytes = b""
    start_frame: int = 0
    packets: int = NOT_ISOCHRONOUS
    error_count: int = 0

    def encode(self) -> bytes:
        """Bytes for the wire."""
        tail = (self.status, self.actual, self.start_frame, self.packets, self.error_count)
        return _SUBMITTED.pack(_RET_SUBMIT, self.seqnum, 0, 0, 0, *tail) + self.data


@dataclass(frozen=True, slots=True)
class Unlink:
    """The host gives up on transfer ``victim``."""

    seqnum: int
    devid: int
    victim: int

    def encode(self) -> bytes:
        """Bytes for the wire."""
        return _UNLINK.pack(_CMD_UNLINK, self.seqnum, self.devid, 0, 0, self.victim)


@dataclass(frozen=True, slots=True)
class Unlinked:
    """``Status.UNLINKED``: the victim is cancelled and will not end otherwise; 0: it had ended already."""

    seqnum: int
    status: int

    def encode(self) -> bytes:
        """Bytes for the wire."""
        return _UNLINKED.pack(_RET_UNLINK, self.seqnum, 0, 0, 0, self.status)


@dataclass(slots=True)
class Buffer:
    """Bytes as they arrive, messages as they are complete, whatever the chunking."""

    _bytes: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> None:
        """Append what arrived."""
        self._bytes += data

    def take(self, decode: Callable[[bytearray], tuple[M, int] | None]) -> M | None:
        """Remove and return the next message, or None while it is incomplete; raises what ``decode`` raises."""
        found = decode(self._bytes)
        if found is None:
            return None
        message, size = found
        del self._bytes[:size]
        return message


def decode_command(buffer: bytes | bytearray) -> tuple[Submit | Unlink, int] | None:
    """Read what a host sends: the message and its size, None while incomplete. Raises WireError."""
    if len(buffer) < HEADER:
        return None
    command, seqnum, devid, direction, number = _BASIC.unpack_from(buffer)
    if command == _CMD_UNLINK:
        return Unlink(seqnum, devid, _UNLINK.unpack_from(buffer)[5]), HEADER
    if command != _CMD_SUBMIT or direction > 1 or number > _LAST_ENDPOINT:
        raise WireError(f"not a USB/IP command: command {command:#x}, direction {direction}, endpoint {number}")
    return _decode_submit(buffer, seqnum, devid, number | direction * _IN)


def _decode_submit(buffer: bytes | bytearray, seqnum: int, devid: int, endpoint: int) -> tuple[Submit, int] | None:
    flags, length, start_frame, packets, interval, setup = _SUBMIT.unpack_from(buffer)[5:]
    _refuse_isochronous(packets)
    if length > MAX_TRANSFER:
        raise WireError(f"a transfer of {length} bytes; the limit is {MAX_TRANSFER}")
    size = HEADER + (0 if endpoint & _IN else length)
    if len(buffer) < size:
        return None
    data = bytes(buffer[HEADER:size])
    return Submit(seqnum, devid, endpoint, length, data, setup, flags, interval, start_frame, packets), size


def decode_reply(buffer: bytes | bytearray, room: Callable[[int], int]) -> tuple[Submitted | Unlinked, int] | None:
    """Read what a server sends: the message and its size, None while incomplete. Raises WireError.

    ``room(seqnum)`` is how many IN bytes that transfer may return (0 for OUT): the reply itself does not tell its
    direction. It raises WireError for a transfer nobody asked for.
    """
    if len(buffer) < HEADER:
        return None
    command, seqnum = _BASIC.unpack_from(buffer)[:2]
    if command == _RET_UNLINK:
        return Unlinked(seqnum, _UNLINKED.unpack_from(buffer)[5]), HEADER
    if command != _RET_SUBMIT:
        raise WireError(f"not a USB/IP reply: command {command:#x}")
    status, actual, start_frame, packets, errors = _SUBMITTED.unpack_from(buffer)[5:]
    _refuse_isochronous(packets)
    limit = room(seqnum)
    if limit and actual > limit:
        raise WireError(f"transfer {seqnum} returned {actual} bytes into a buffer of {limit}")
    size = HEADER + (actual if limit else 0)
    if len(buffer) < size:
        return None
    return Submitted(seqnum, status, actual, bytes(buffer[HEADER:size]), start_frame, packets, errors), size


def _refuse_isochronous(packets: int) -> None:
    if packets not in {0, NOT_ISOCHRONOUS}:
        raise WireError(f"isochronous transfers ({packets} packets) are not offered")
