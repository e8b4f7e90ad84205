"""What answers hold, and volts of what is measured."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

from otolith.drivers.errors import ReportError

TICK: Final = 1e-3
"""Seconds of a period's unit."""
FULL: Final = 32768
"""Counts from the middle of the range to its end."""


class Channel(IntEnum):
    """Which input is measured."""

    TEN = 1
    """Sensors of -10 to 10 V."""
    FIVE = 2
    """Sensors of 0 to 5 V."""


class State(IntFlag):
    """Faults since the last INIT."""

    NOT_RECOGNISED = 0x01
    IGNORED = 0x02
    OVERRUN = 0x04
    PACKET_LOST = 0x08
    BAD_PACKET = 0x10
    BAD_COUNTER = 0x20
    FIFO_OVERFLOW = 0x40
    """Packets were made faster than the host took them."""
    CONVERSION_LOST = 0x80


class Failure(IntEnum):
    """Why a request was refused."""

    NOT_READY = 0x30
    NOT_SUPPORTED = 0x31
    INTERNAL = 0x32
    INTERNAL_2 = 0x33
    PERIOD_WHILE_COLLECTING = 0x34
    MEMORY_WHILE_COLLECTING = 0x35
    INVALID_PARAMETER = 0x36
    POWERING_UP = 0x40
    POWER_RESTORED = 0x41


@dataclass(frozen=True, slots=True)
class Status:
    """Answer to STATUS."""

    state: State
    minor: int
    major: int
    """Binary-coded decimal, as all versions."""

    @property
    def firmware(self) -> str:
        """``1.61``."""
        return f"{self.major:x}.{self.minor:02x}"


def encode_status(status: Status) -> bytes:
    """The device's side; its second processor says nothing."""
    return bytes([status.state, status.minor, status.major, 0, 0])


def decode_status(data: bytes) -> Status:
    """ReportError where it is too short."""
    return Status(State(_enough(data, 3)[0]), data[1], data[2])


def encode_serial(week: int, year: int, number: int) -> bytes:
    """The device's side; week and year in binary-coded decimal."""
    return bytes([week, year]) + number.to_bytes(4, "little")


def decode_serial(data: bytes) -> str:
    """Year, week and number: ``2614-100001``."""
    number = int.from_bytes(_enough(data, 6)[2:6], "little")
    return f"{data[1]:02x}{data[0]:02x}-{number}"


def decode_word(data: bytes) -> int:
    """Answer to SENSOR and GET_PERIOD."""
    return int.from_bytes(_enough(data, 4)[:4], "little")


def failure(data: bytes) -> str:
    """Why a request was refused, in words."""
    code = _enough(data, 1)[0]
    return Failure(code).name.lower().replace("_", " ") if code in list(Failure) else f"reason {code:#04x}"


def volts(raw: float, channel: Channel) -> float:
    """What a converter's number stands for."""
    return raw * 2.5 / FULL + 2.5 if channel is Channel.FIVE else raw * 10.0 / FULL


def _enough(data: bytes, least: int) -> bytes:
    if len(data) < least:
        raise ReportError(f"an answer of {len(data)} bytes where {least} were due")
    return data
