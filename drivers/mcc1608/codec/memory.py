"""The calibration memory: what the maker found out about each input on each range."""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.mcc1608.codec.numbers import INPUTS, RANGES, ZERO

SIZE: Final = 768
DATE: Final = 0x200
"""yy mm dd hh mm ss, years since 2000."""
_PAIR: Final = struct.Struct("<ff")
_STEEP: Final = 0.1
_FAR: Final = 3277.0
"""A slope differs from 1, and an intercept from 0, by less: a tenth of the range would be a broken converter."""


@dataclass(frozen=True, slots=True)
class Converter:
    """An input on a range: codes to volts, ``V = (code slope + intercept - 32768) full / 32768``, linear throughout."""

    slope: float
    intercept: float
    full: float
    """Volts."""

    @property
    def gain(self) -> float:
        """Volts per code."""
        return self.slope * self.full / ZERO

    @property
    def zero(self) -> float:
        """The code of 0 V."""
        return (ZERO - self.intercept) / self.slope

    def volts(self, code: int) -> float:
        """Not rounded to a whole code in between, as the maker's programs do."""
        return (code * self.slope + self.intercept - ZERO) * self.full / ZERO


@dataclass(frozen=True, slots=True)
class Memory:
    """All of it that is used."""

    pairs: tuple[tuple[float, float], ...]
    """Slope and intercept: all inputs on range 0, then all on range 1 ..."""
    date: datetime | None
    """When it was calibrated; None where no date is written."""

    def converter(self, number: int, scale: int) -> Converter:
        """Of input ``number`` on range ``scale``."""
        return Converter(*self.pairs[scale * INPUTS + number], RANGES[scale])


def decode_memory(raw: bytes) -> Memory:
    """ReportError where it is short, blank, or cannot be a calibration."""
    if len(raw) != SIZE:
        raise ReportError(f"the calibration memory has {SIZE} bytes, not {len(raw)}")
    if raw.count(raw[0]) == SIZE:
        raise ReportError(f"the calibration memory is blank: nothing but {raw[0]:#04x}")
    pairs = tuple(_PAIR.iter_unpack(raw[: INPUTS * len(RANGES) * _PAIR.size]))
    for index, (slope, intercept) in enumerate(pairs):
        if not (abs(slope - 1.0) < _STEEP and abs(intercept) < _FAR):
            scale, number = divmod(index, INPUTS)
            raise ReportError(
                f"the calibration of input {number} on ±{RANGES[scale]:g} V cannot be: slope {slope:g},"
                f" intercept {intercept:g}"
            )
    return Memory(pairs, _date(raw[DATE : DATE + 6]))


def encode_memory(memory: Memory) -> bytes:
    """The inverse; what is not used is blank."""
    raw = bytearray(b"\xff" * SIZE)
    raw[: len(memory.pairs) * _PAIR.size] = b"".join(_PAIR.pack(*pair) for pair in memory.pairs)
    if memory.date:
        when = memory.date
        raw[DATE : DATE + 6] = bytes([when.year - 2000, when.month, when.day, when.hour, when.minute, when.second])
    return bytes(raw)


def _date(raw: bytes) -> datetime | None:
    year, month, day, hour, minute, second = raw
    try:
        return datetime(2000 + year, month, day, hour, minute, second)  # noqa: DTZ001 - nobody knows the time zone of the maker's clock
    except ValueError:
        return None
