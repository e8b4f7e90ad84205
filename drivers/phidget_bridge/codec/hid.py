"""1046_0 on the wire: HID reports in (converter codes) and out (what the board shall do)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.phidget_bridge.codec.converter import ALL, CHANNELS

GAINS: Final = {1: 0, 8: 3, 16: 4, 32: 5, 64: 6, 128: 7}
"""Gain to its code in both reports (libphidget22)."""
GAIN_OF: Final = {code: gain for gain, code in GAINS.items()}
TICK: Final = 8
"""ms per unit of the interval."""
INTERVALS: Final = (8, 1000)
SHORTEST_IN: Final = 18
"""Bytes the known fields take; real reports may be longer, the report descriptor says how long."""
SHORTEST_OUT: Final = 5


@dataclass(frozen=True, slots=True)
class Setting:
    """What the board is told to do, and echoes in every report."""

    enabled: int = ALL
    """Bit mask of channels."""
    gains: tuple[int, ...] = (128,) * CHANNELS
    interval: int = TICK
    """ms between samples, 8 to 1000 in steps of 8; the whole board has one."""

    def __post_init__(self) -> None:
        if not 0 <= self.enabled <= ALL or len(self.gains) != CHANNELS or any(gain not in GAINS for gain in self.gains):
            raise ValueError(f"a 1046_0 has {CHANNELS} channels with gains {', '.join(map(str, GAINS))}")
        if self.interval % TICK or not INTERVALS[0] <= self.interval <= INTERVALS[1]:
            raise ValueError(f"a 1046_0 samples every 8 to 1000 ms in steps of 8, not every {self.interval} ms")


@dataclass(frozen=True, slots=True)
class Report:
    """One input report."""

    setting: Setting
    valid: int
    """Bit mask of channels with new data."""
    errors: int
    """Bit mask of channels whose input is at fault."""
    raw: tuple[int, ...]
    """24-bit offset-binary code per channel."""


def decode(report: bytes, length: int = SHORTEST_IN) -> Report:
    """Read an input report of at least ``length`` bytes; ReportError if it cannot be one.

    Bits without a known meaning are ignored, as the maker's library ignores them.
    """
    if len(report) < max(length, SHORTEST_IN):
        raise ReportError(f"a report of {len(report)} bytes where {max(length, SHORTEST_IN)} were due")
    setting = _setting(report[0] & ALL, report[2], report[3], (report[4] & 3) << 8 | report[5])
    raw = tuple(int.from_bytes(report[6 + 3 * i : 9 + 3 * i], "big") for i in range(CHANNELS))
    return Report(setting, report[0] >> 4, report[1] & ALL, raw)


def encode(report: Report, length: int = SHORTEST_IN) -> bytes:
    """The board's own side: an input report, padded with zeros to ``length``."""
    setting = report.setting
    ticks = setting.interval // TICK
    head = bytes([report.valid << 4 | setting.enabled, report.errors, *_gain_bytes(setting), ticks >> 8, ticks & 0xFF])
    return (head + b"".join(code.to_bytes(3, "big") for code in report.raw)).ljust(length, b"\0")


def encode_setting(setting: Setting, length: int = SHORTEST_OUT) -> bytes:
    """An output report, padded with zeros to ``length``."""
    ticks = setting.interval // TICK
    return bytes([setting.enabled, *_gain_bytes(setting), ticks & 0xFF, ticks >> 8]).ljust(length, b"\0")


def decode_setting(report: bytes) -> Setting:
    """Read an output report; ReportError if it cannot be one."""
    if len(report) < SHORTEST_OUT:
        raise ReportError(f"an output report of {len(report)} bytes where {SHORTEST_OUT} were due")
    return _setting(report[0], report[1], report[2], (report[4] & 3) << 8 | report[3])


def report_lengths(descriptor: bytes) -> tuple[int, int]:
    """Bytes of the input and the output report, from a HID report descriptor (HID 1.11, 6.2.2).

    ReportError where it is cut short, numbers its reports (a 1046_0 does not), or declares too little.
    """
    size = count = 0
    bits = {0x80: 0, 0x90: 0}
    for tag, value in _items(descriptor):
        if tag == 0x74:  # noqa: PLR2004 - Report Size
            size = value
        elif tag == 0x94:  # noqa: PLR2004 - Report Count
            count = value
        elif tag == 0x84:  # noqa: PLR2004 - Report ID
            raise ReportError("the board numbers its reports, which no known 1046_0 does")
        elif tag in bits:
            bits[tag] += size * count
    lengths = bits[0x80] // 8, bits[0x90] // 8
    if lengths[0] < SHORTEST_IN or lengths[1] < SHORTEST_OUT:
        raise ReportError(f"the board declares reports of {lengths[0]} and {lengths[1]} bytes: too short for a 1046_0")
    return lengths


def _items(descriptor: bytes) -> Iterator[tuple[int, int]]:
    """Short items as (tag and type, value); long items are reserved and never used."""
    at = 0
    while at < len(descriptor):
        size = (0, 1, 2, 4)[descriptor[at] & 3]
        value = descriptor[at + 1 : at + 1 + size]
        if len(value) < size:
            raise ReportError("the board's report descriptor is cut short")
        yield descriptor[at] & 0xFC, int.from_bytes(value, "little")
        at += 1 + size


def _setting(enabled: int, gains01: int, gains23: int, ticks: int) -> Setting:
    codes = (gains01 >> 4, gains01 & 15, gains23 >> 4, gains23 & 15)
    try:
        return Setting(enabled, tuple(GAIN_OF[code] for code in codes), ticks * TICK)
    except KeyError as error:
        raise ReportError(f"gain code {error} means nothing to a 1046_0") from None
    except ValueError as error:
        raise ReportError(str(error)) from None


def _gain_bytes(setting: Setting) -> tuple[int, int]:
    a, b, c, d = (GAINS[gain] for gain in setting.gains)
    return a << 4 | b, c << 4 | d
