"""Reports of the Wii Balance Board, each as its number and its bytes: out as the host says them, in as records.

Every record has its encoder, so that the twin speaks by the same code. A report may be longer than it need be
(adapters pad them); shorter ones are malformed. Byte order is big-endian.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.wii.codec.descriptor import IN

RUMBLE, ACKNOWLEDGE, ENABLE = 0x01, 0x02, 0x04
"""Bits of the first byte of output reports."""
LED: Final = 0x10
"""The only light a board has (the first of a remote's four)."""
BUTTON: Final = 0x08
"""Of the second button byte: the front button."""
FULL_BATTERY: Final = 0xC8
"""``Status.battery`` of fresh cells (wiiuse)."""
SENSORS, EXTENDED, BUTTONS = 0x32, 0x34, 0x30
"""Data reports: four cells; four cells, temperature and battery; nothing but the button."""
REGISTERS: Final = 0x04
"""Address space of the extension's registers."""
WAKING: Final = (0xA400F0, 0xA400FB)
"""The only registers that are ever written: they wake the extension. The calibration is not among them."""
CHUNK: Final = 16
"""Most bytes in one write, or in one answer to a read."""
BARS: Final = ((0x82, 4), (0x7D, 3), (0x78, 2), (0x6A, 1))
"""Battery byte of the extension and the bars it is worth, at least (WiiBrew)."""
NO_TEMPERATURE: Final = (-128, 127)


@dataclass(frozen=True, slots=True)
class Status:
    """0x20: what a board says when it is asked, and unasked when its extension comes or goes. Data stop after it."""

    battery: int
    """0 to 200 and more; another scale than ``Sample.battery``."""
    leds: int = 0
    low: bool = False
    extension: bool = True
    button: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """0x21: up to sixteen bytes of what was read; several of them answer a longer read."""

    address: int
    """Low sixteen bits."""
    data: bytes
    error: int = 0
    """0; 7: not ready or not readable; 8: no such address."""
    button: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """0x22: a report was taken, or why not."""

    report: int
    error: int = 0
    button: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """0x32 or 0x34: raw counts of the cells TR, BR, TL, BL."""

    counts: tuple[int, int, int, int]
    temperature: int | None = None
    """Degrees Celsius or close to it; None in the short form, and where the board marks it invalid."""
    battery: int | None = None
    """See :func:`bars`; None in the short form."""
    button: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A data report without cells: the board is not in the mode it is wanted in."""

    number: int
    button: bool = False


Report = Status | Memory | Acknowledgement | Sample | Other


def bars(battery: int) -> int:
    """0 (empty) to 4 bars of ``Sample.battery``."""
    return next((bars for least, bars in BARS if battery >= least), 0)


def decode(report: bytes) -> Report:
    """Read an input report; ReportError if it cannot be one."""
    if not report or report[0] not in IN:
        raise ReportError(f"no report of a Wii device begins with {report[:1].hex() or 'nothing'}")
    number, body = report[0], report[1:]
    least = _least(number, body)
    if len(body) < least:
        raise ReportError(f"report {number:02x} with {len(body)} bytes where {least} were due")
    return _READERS.get(number, _other)(number, body, bool(body[1] & BUTTON))


def _least(number: int, body: bytes) -> int:
    """Some clones leave the unused end of a 0x21 away."""
    if number == 0x21 and len(body) > 2:  # noqa: PLR2004 - its number, and where it says how long it is
        return 5 + _told(body)
    return IN[number]


def _told(body: bytes) -> int:
    return (body[2] >> 4) + 1


def _status(_: int, body: bytes, button: bool) -> Report:  # noqa: FBT001 - one signature for all readers
    flags = body[2]
    return Status(body[5], flags & 0xF0, bool(flags & 1), bool(flags & 2), button)


def _memory(_: int, body: bytes, button: bool) -> Report:  # noqa: FBT001
    error = body[2] & 0x0F
    data = b"" if error else bytes(body[5 : 5 + _told(body)])
    return Memory(int.from_bytes(body[3:5], "big"), data, error, button)


def _acknowledgement(_: int, body: bytes, button: bool) -> Report:  # noqa: FBT001
    return Acknowledgement(body[2], body[3], button)


def _sample(number: int, body: bytes, button: bool) -> Report:  # noqa: FBT001
    tr, br, tl, bl = struct.unpack(">4H", body[2:10])
    if number == SENSORS:
        return Sample((tr, br, tl, bl), button=button)
    temperature = int.from_bytes(body[10:11], "big", signed=True)
    valid = temperature not in NO_TEMPERATURE
    return Sample((tr, br, tl, bl), temperature if valid else None, body[12], button)


def _other(number: int, _: bytes, button: bool) -> Report:  # noqa: FBT001
    return Other(number, button)


_READERS: Final[dict[int, Callable[[int, bytes, bool], Report]]] = {
    0x20: _status,
    0x21: _memory,
    0x22: _acknowledgement,
    SENSORS: _sample,
    EXTENDED: _sample,
}


def encode(report: Report) -> bytes:
    """The board's own side: an input report at its declared length."""
    number, rest = _written(report)
    return (bytes([number, 0, BUTTON * report.button]) + rest).ljust(1 + IN[number], b"\0")


def _written(report: Report) -> tuple[int, bytes]:
    match report:
        case Status(battery, leds, low, extension):
            return 0x20, bytes([leds | low | extension << 1, 0, 0, battery])
        case Memory(address, data, error):
            size = (len(data) or CHUNK) - 1
            return 0x21, bytes([size << 4 | error, *address.to_bytes(2, "big")]) + data
        case Acknowledgement(of, error):
            return 0x22, bytes([of, error])
        case Sample(counts, None, None):
            return SENSORS, struct.pack(">4H", *counts)
        case Sample(counts, temperature, battery):
            degrees = -128 if temperature is None else temperature
            return EXTENDED, struct.pack(">4HbBB", *counts, degrees, 0, battery or 0)
        case Other(number):
            return number, b""


def light(*, on: bool) -> bytes:
    """0x11: the light."""
    return bytes([0x11, LED * on])


def mode(number: int, *, continuous: bool = True) -> bytes:
    """0x12: which data report to send, at every sample or when something changes."""
    return bytes([0x12, ENABLE * continuous, number])


def ask_status() -> bytes:
    """0x15: a 0x20, please."""
    return bytes([0x15, 0])


def write(address: int, data: bytes) -> bytes:
    """0x16: write up to sixteen bytes into one of the registers of :data:`WAKING`; a 0x22 answers."""
    if address not in WAKING:
        raise ValueError(f"register {address:06x} is not ours to write: a board's calibration cannot be made again")
    if not 1 <= len(data) <= CHUNK:
        raise ValueError(f"a write takes 1 to {CHUNK} bytes, not {len(data)}")
    return bytes([0x16, REGISTERS, *address.to_bytes(3, "big"), len(data)]) + data.ljust(CHUNK, b"\0")


def read(address: int, size: int) -> bytes:
    """0x17: read registers; one or more 0x21 answer."""
    return bytes([0x17, REGISTERS, *address.to_bytes(3, "big"), *size.to_bytes(2, "big")])
