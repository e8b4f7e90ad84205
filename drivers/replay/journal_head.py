"""What a journal says of itself, before, between and after its blocks."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration, Linear, Matrix, Piecewise
from otolith.drivers.errors import ReportError

FORMAT = "otolith-journal/2"
"""What is written. 1 had no regressed times in its blocks, and is read as well."""
READABLE = ("otolith-journal/1", FORMAT)
METADATA = "otolith.journal"
"""Name of the MCAP metadata record that holds the head."""


@dataclass(frozen=True, slots=True)
class JournalHead:
    """Who recorded what, with which calibration; everything that is needed to get newtons from counts."""

    station: str
    id: str
    started: str
    """RFC 3339; the same moment as ``monotonic_ns``."""
    monotonic_ns: int
    """Nanoseconds of the clock of ``Batch.t_host``."""
    board: BoardInfo
    calibration: Calibration
    """In use; the board's own unless a file replaced it."""
    zero: tuple[float, ...]
    """Counts per channel in use when the journal began: the last tare, else the calibration's."""
    versions: dict[str, str]
    """Of the software that wrote it."""


@dataclass(frozen=True, slots=True)
class JournalTare:
    """A zero taken while the journal was written."""

    seq: int
    """First sample it applies to."""
    at: str
    by: str
    zero: tuple[float, ...]
    noise_n: float


def pack_head(head: JournalHead) -> dict[str, str]:
    """The metadata record of a head."""
    text = msgspec.json.encode(head).decode()
    return {"format": FORMAT, "head": text, "crc32": f"{zlib.crc32(text.encode()):08x}"}


def unpack_head(metadata: Mapping[str, str]) -> JournalHead:
    """The head of a metadata record. Raises ReportError where it is foreign or damaged."""
    if metadata.get("format") not in READABLE:
        raise ReportError(f"it says format {metadata.get('format')!r}, this version reads {' and '.join(READABLE)}")
    text = metadata.get("head", "").encode()
    if metadata.get("crc32") != f"{zlib.crc32(text):08x}":
        raise ReportError("the checksum of its head is wrong")
    try:
        return msgspec.json.decode(text, type=JournalHead, dec_hook=_calibration)
    except (msgspec.DecodeError, ValueError) as error:
        raise ReportError(f"its head cannot be read: {error}") from error


def _calibration(kind: type, content: object) -> Calibration:
    """Which kind of calibration it is, stands nowhere but in its fields."""
    if kind is not Calibration or not isinstance(content, dict):
        raise ValueError(f"{content!r:.40} is no calibration")
    named = {"points": Piecewise, "rows": Matrix}
    return msgspec.convert(content, next((named[field] for field in named if field in content), Linear))


class _Sealed(msgspec.Struct, frozen=True):
    tare: JournalTare
    crc32: str


def pack_tare(tare: JournalTare) -> bytes:
    """A tare as JSON with its checksum."""
    return msgspec.json.encode(_Sealed(tare, f"{zlib.crc32(msgspec.json.encode(tare)):08x}"))


def unpack_tare(data: bytes) -> JournalTare:
    """The inverse of :func:`pack_tare`. Raises ReportError where it is damaged."""
    try:
        sealed = msgspec.json.decode(data, type=_Sealed)
    except (msgspec.DecodeError, ValueError) as error:
        raise ReportError(f"a tare cannot be read: {error}") from error
    if sealed.crc32 != f"{zlib.crc32(msgspec.json.encode(sealed.tare)):08x}":
        raise ReportError("the checksum of a tare is wrong")
    return sealed.tare
