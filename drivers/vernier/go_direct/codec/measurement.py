"""What a measuring device sends: values of its sensors, and notices."""

from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final

from otolith.drivers.errors import ReportError
from otolith.drivers.vernier.go_direct.codec.commands import numbers
from otolith.drivers.vernier.go_direct.codec.packet import MEASUREMENT, Packet


class Kind(IntEnum):
    """``Packet.command`` of a measurement."""

    REAL = 0x06
    WIDE_REAL = 0x07
    """The same for sensors beyond number 15."""
    SINGLE_REAL = 0x08
    SINGLE_WHOLE = 0x09
    APERIODIC_REAL = 0x0A
    APERIODIC_WHOLE = 0x0B
    START_TIME = 0x0C
    DROPPED = 0x0D
    """The device was too slow and has thrown values away. How many is not public."""
    PERIOD = 0x0E


NOTICES: Final = (Kind.START_TIME, Kind.DROPPED, Kind.PERIOD)
SINGLE: Final = (Kind.SINGLE_REAL, Kind.SINGLE_WHOLE, Kind.APERIODIC_REAL, Kind.APERIODIC_WHOLE)
WHOLE: Final = (Kind.SINGLE_WHOLE, Kind.APERIODIC_WHOLE)
_REAL: Final = Struct("<HBx")
_WIDE: Final = Struct("<IBx")
_SINGLE: Final = Struct("<xBB")
_VALUE: Final = 4


@dataclass(frozen=True, slots=True)
class Values:
    """Samples of some sensors, oldest first; each row in the order of ``sensors``."""

    kind: Kind
    sensors: tuple[int, ...]
    rows: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that is no sample; what its bytes mean is not public."""

    kind: Kind
    raw: bytes = b""


def decode(packet: Packet) -> Values | Notice:
    """ReportError for an unknown kind, no sensor, or fewer bytes than there should be."""
    try:
        kind = Kind(packet.command)
    except ValueError:
        raise ReportError(f"a measurement of the unknown kind {packet.command:#04x}") from None
    if kind in NOTICES:
        return Notice(kind, packet.body)
    form = _SINGLE if kind in SINGLE else _WIDE if kind is Kind.WIDE_REAL else _REAL
    if len(packet.body) < form.size:
        raise ReportError(f"a measurement of {len(packet.body)} bytes where {form.size} were due at least")
    where, count = form.unpack_from(packet.body)
    return _values(kind, (where,) if kind in SINGLE else numbers(where), count, packet.body[form.size :])


def encode(values: Values, counter: int) -> Packet:
    """The device's side."""
    single, wide = values.kind in SINGLE, values.kind is Kind.WIDE_REAL
    where = values.sensors[0] if single else sum(1 << number for number in values.sensors)
    form = _SINGLE if single else _WIDE if wide else _REAL
    cells = [value for row in values.rows for value in row]
    data = Struct(f"<{len(cells)}{_code(values.kind)}").pack(*(map(int, cells) if values.kind in WHOLE else cells))
    return Packet(MEASUREMENT, counter, values.kind, form.pack(where, len(values.rows)) + data)


def _values(kind: Kind, sensors: tuple[int, ...], count: int, data: bytes) -> Values:
    total = count * len(sensors)
    if not total or len(data) < total * _VALUE:
        raise ReportError(f"a measurement of {count} values of sensors {sensors} in {len(data)} bytes")
    flat = Struct(f"<{total}{_code(kind)}").unpack_from(data)
    rows = (flat[at : at + len(sensors)] for at in range(0, total, len(sensors)))
    return Values(kind, sensors, tuple(tuple(map(float, row)) for row in rows))


def _code(kind: Kind) -> str:
    return "i" if kind in WHOLE else "f"
