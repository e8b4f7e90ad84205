"""The eight bytes that cross at a time: requests one way, answers and measurements the other."""

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final

from otolith.drivers.errors import ReportError

PACKET: Final = 8
MOST: Final = 3
"""Values in a measurement."""
ANSWER, INIT_ANSWER = 0x40, 0x80
"""Upper two bits of an answer's first byte; a measurement has 0 there."""
FAILED, FIRST, LAST = 0x20, 0x08, 0x10
"""Further bits of it; the lower three count its other bytes."""
_KIND: Final = 0xC0
_COUNT: Final = 0x07
_VALUES: Final = Struct("<3h")


class Command(IntEnum):
    """First byte of a request, second byte of the first packet of its answer."""

    STATUS = 0x10
    READ_LOCAL = 0x17
    START = 0x18
    STOP = 0x19
    INIT = 0x1A
    SET_PERIOD = 0x1B
    GET_PERIOD = 0x1C
    SET_LIGHT = 0x1D
    SERIAL = 0x20
    READ_REMOTE = 0x27
    """Memory of the sensor, if it has one."""
    SENSOR = 0x28
    SET_CHANNEL = 0x29


@dataclass(frozen=True, slots=True)
class Measurement:
    """Up to three values, oldest first."""

    counter: int
    """Of measurements, modulo 256."""
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A packet of an answer."""

    data: bytes
    """Without the command that the first one repeats."""
    command: int | None = None
    """In the first one."""
    last: bool = True
    failed: bool = False
    init: bool = False


def encode_request(command: Command, *params: int) -> bytes:
    """A request's eight bytes."""
    return bytes([command, *params]).ljust(PACKET, b"\0")


def decode(raw: bytes) -> Measurement | Part:
    """What came from the device; ReportError where it is neither."""
    if len(raw) != PACKET:
        raise ReportError(f"{len(raw)} bytes where {PACKET} were due")
    match raw[0] & _KIND:
        case 0:
            if not 1 <= raw[0] <= MOST:
                raise ReportError(f"a measurement of {raw[0]} values")
            return Measurement(raw[1], _VALUES.unpack_from(raw, 2)[: raw[0]])
        case kind if kind != _KIND:
            return _part(raw, init=kind == INIT_ANSWER)
    raise ReportError(f"a packet of the unknown kind {raw[0]:#04x}")


def encode(packet: Measurement | Part) -> bytes:
    """The device's side."""
    if isinstance(packet, Measurement):
        padded = packet.values + (0,) * (MOST - len(packet.values))
        return bytes([len(packet.values), packet.counter]) + _VALUES.pack(*padded)
    body = packet.data if packet.command is None else bytes([packet.command]) + packet.data
    bits = FAILED * packet.failed | FIRST * (packet.command is not None) | LAST * packet.last
    return bytes([(INIT_ANSWER if packet.init else ANSWER) | bits | len(body), *body]).ljust(PACKET, b"\0")


def _part(raw: bytes, *, init: bool) -> Part:
    body, last, failed = raw[1 : 1 + (raw[0] & _COUNT)], bool(raw[0] & LAST), bool(raw[0] & FAILED)
    if not raw[0] & FIRST:
        return Part(body, None, last, failed, init)
    if not body:
        raise ReportError("an answer that does not say to what")
    return Part(body[1:], body[0], last, failed, init)


class Answers:
    """Puts answers of several packets together. Not for two threads at once."""

    def __init__(self) -> None:
        self._begun: Part | None = None

    def feed(self, part: Part) -> Part | None:
        """The whole answer that this part ends; ReportError for a part of nothing."""
        begun, self._begun = self._begun, None
        if part.command is None:
            if begun is None:
                raise ReportError("the end of an answer without its beginning")
            part = Part(begun.data + part.data, begun.command, part.last, part.failed, part.init)
        if part.last:
            return part
        self._begun = part
        return None
