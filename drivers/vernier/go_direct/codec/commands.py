"""Requests and their answers. An answer's body begins with its request's counter; the records follow that.

Every record has its encoder, so that the twin speaks by the same code. Little-endian; text is padded with zeros.
"""

from dataclasses import astuple, dataclass
from enum import IntEnum
from struct import Struct
from typing import Any, Final

from otolith.drivers.errors import ReportError


class Command(IntEnum):
    """What can be asked."""

    STATUS = 0x10
    START = 0x18
    STOP = 0x19
    INIT = 0x1A
    SET_PERIOD = 0x1B
    SENSOR = 0x50
    AVAILABLE = 0x51
    DISCONNECT = 0x54
    INFO = 0x55
    DEFAULTS = 0x56


HELLO: Final = bytes.fromhex("a54a 0649 0748 0847 0946 0a45 0b44 0c43 0d42 0e41")
"""Body of INIT."""
STOP_ALL: Final = bytes.fromhex("ff00 ffffffff")
"""Body of STOP."""
_MASK: Final = Struct("<I")
_PERIOD: Final = Struct("<2sI4s")
_START: Final = Struct("<2sI8s")
_STATUS: Final = Struct("<BBBBHBBHBB")
_INFO: Final = Struct("<16s16s32sHHBBBBHBBH6sI64s")
_INFO_TEXTS: Final = (0, 1, 2, 15)
"""Which of its fields are text."""
_SENSOR: Final = Struct("<bBIBB60s32sdddIQIII")


def period_body(microseconds: int) -> bytes:
    """Of SET_PERIOD."""
    return _PERIOD.pack(b"\xff\x00", microseconds, bytes(4))


def read_period(body: bytes) -> int:
    """Microseconds of a SET_PERIOD."""
    return int(_unpack(_PERIOD, body, "SET_PERIOD")[1])


def start_body(mask: int) -> bytes:
    """Of START, for the sensors whose bits are set."""
    return _START.pack(b"\xff\x01", mask, bytes(8))


def read_start(body: bytes) -> int:
    """Mask of a START."""
    return int(_unpack(_START, body, "START")[1])


def encode_mask(mask: int) -> bytes:
    """Record of AVAILABLE and DEFAULTS."""
    return _MASK.pack(mask)


def decode_mask(record: bytes) -> int:
    """Bits of the sensors."""
    return int(_unpack(_MASK, record, "a mask of sensors")[0])


def numbers(mask: int) -> tuple[int, ...]:
    """The sensors in a mask."""
    return tuple(number for number in range(mask.bit_length()) if mask >> number & 1)


class Charger(IntEnum):
    """What the battery is doing."""

    IDLE = 0
    CHARGING = 1
    COMPLETE = 2
    ERROR = 3


@dataclass(frozen=True, slots=True)
class Status:
    """Record of STATUS."""

    status: int
    spare: int
    major: int
    minor: int
    build: int
    """Of the device's own firmware; the radio's has the other three."""
    radio_major: int
    radio_minor: int
    radio_build: int
    battery: int
    """Per cent."""
    charger: int

    @property
    def firmware(self) -> str:
        """``1.23.456``."""
        return f"{self.major}.{self.minor}.{self.build}"


@dataclass(frozen=True, slots=True)
class Info:
    """Record of INFO."""

    order_code: str
    serial: str
    name: str
    maker: int
    year: int
    month: int
    day: int
    major: int
    minor: int
    build: int
    radio_major: int
    radio_minor: int
    radio_build: int
    address: bytes
    """Of the radio, last byte first."""
    memory: int
    """Bytes."""
    description: str


@dataclass(frozen=True, slots=True)
class Sensor:
    """Record of SENSOR: one of what the device can measure. Periods in microseconds."""

    number: int
    spare: int
    id: int
    whole: int
    """0: its values are real numbers, 1: integers."""
    aperiodic: int
    description: str
    unit: str
    uncertainty: float
    least: float
    most: float
    """Of its values."""
    shortest: int
    longest: int
    typical: int
    granularity: int
    excludes: int
    """Mask of the sensors that cannot be on at the same time."""

    def __str__(self) -> str:
        return f"{self.number} {self.description} ({self.unit or 'no unit'})"


def encode_status(status: Status) -> bytes:
    """The device's side."""
    return _STATUS.pack(*astuple(status))


def decode_status(record: bytes) -> Status:
    """ReportError where it is too short."""
    return Status(*_unpack(_STATUS, record, "a status"))


def encode_info(info: Info) -> bytes:
    """The device's side."""
    return _INFO.pack(*map(_packed, astuple(info)))


def decode_info(record: bytes) -> Info:
    """ReportError where it is too short, or its text is none."""
    fields = list(_unpack(_INFO, record, "a device's info"))
    for at in _INFO_TEXTS:
        fields[at] = _text(fields[at])
    return Info(*fields)


def encode_sensor(sensor: Sensor) -> bytes:
    """The device's side."""
    return _SENSOR.pack(*map(_packed, astuple(sensor)))


def decode_sensor(record: bytes) -> Sensor:
    """ReportError where it is too short, or its text is none."""
    fields = _unpack(_SENSOR, record, "a sensor's info")
    return Sensor(*fields[:5], *map(_text, fields[5:7]), *fields[7:])


def _unpack(form: Struct, raw: bytes, what: str) -> tuple[Any, ...]:
    if len(raw) < form.size:
        raise ReportError(f"{what} of {len(raw)} bytes where {form.size} were due")
    return form.unpack_from(raw)


def _text(raw: bytes) -> str:
    try:
        return raw.split(b"\0", 1)[0].decode()
    except UnicodeDecodeError:
        raise ReportError(f"{raw.hex(' ')} is no text") from None


def _packed(value: object) -> object:
    return value.encode() if isinstance(value, str) else value
