"""A walk over the chunks of an XDF file: is it whole, and which streams does it hold? Nothing is loaded."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from otolith.drivers.errors import RecordingError

MAGIC: Final = b"XDF:"
HEADER, SAMPLES = 2, 3
"""Tags of the chunks that are looked into."""
TAGS = range(1, 7)
ABOUT_A_STREAM = frozenset({2, 3, 4, 6})
SIZES: Final = {"double64": 8, "float32": 4, "int64": 8, "int32": 4, "int16": 2, "int8": 1}
"""Bytes of a number in each channel format."""
LARGEST_HEADER = 16 * 2**20
"""Bytes; bounds what a damaged length can make us read."""

Opened = gzip.GzipFile | io.BufferedReader


@dataclass(frozen=True, slots=True)
class StreamHeader:
    """What a stream says of itself."""

    id: int
    name: str
    type: str
    channels: int
    format: str
    rate: float
    """Samples per second, 0 where they come as they come."""

    @property
    def numeric(self) -> bool:
        """It holds numbers, not markers."""
        return self.format in SIZES

    def __str__(self) -> str:
        return f"{self.name!r} ({self.type or 'no type'}, {self.channels} channels at {self.rate:g} Hz)"


def survey(path: Path) -> tuple[StreamHeader, ...]:
    """Every stream of a file, in order. Raises RecordingError with the byte where the file is damaged or cut short."""
    streams: dict[int, StreamHeader] = {}
    try:
        with _opened(path) as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise RecordingError(f"{path}: not an XDF file: it does not begin with {MAGIC.decode()!r}")
            for at, tag, stream, size in _chunks(path, file):
                if tag == HEADER:
                    streams[stream] = _header(path, at, stream, file.read(min(size, LARGEST_HEADER)))
                elif tag == SAMPLES:
                    _refuse_absurd(path, at, streams.get(stream), file, size)
    except FileNotFoundError as error:
        raise RecordingError(f"{path}: there is no such file") from error
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise RecordingError(f"{path}: cannot be read: {error}") from error
    return tuple(streams.values())


def _opened(path: Path) -> Opened:
    packed = path.suffix in {".xdfz", ".gz"}
    return gzip.open(path, "rb") if packed else path.open("rb")


def _chunks(path: Path, file: Opened) -> Iterator[tuple[int, int, int, int]]:
    """Place, tag, stream and size of the content of each chunk; the file stands at that content."""
    end = file.seek(0, io.SEEK_END) if isinstance(file, io.BufferedReader) else None
    at = file.seek(len(MAGIC))
    while (size := _length(path, file, at)) is not None:
        start = file.tell()
        head = file.read(2)
        tag = int.from_bytes(head, "little")
        stream = file.read(4) if tag in ABOUT_A_STREAM else b""
        if len(head) == 2 and tag not in TAGS:  # noqa: PLR2004  # a whole tag
            raise RecordingError(f"{path}: damaged at byte {at}: there is no chunk of tag {tag}")
        rest = size - len(head) - len(stream)
        if rest < 0 or (end is not None and start + size > end) or (tag in ABOUT_A_STREAM and len(stream) < 4):  # noqa: PLR2004  # an id
            raise RecordingError(f"{path}: cut short: the chunk at byte {at} announces {size} bytes and is not whole")
        yield at, tag, int.from_bytes(stream, "little"), rest
        at = file.seek(start + size)
        if at < start + size:
            raise RecordingError(f"{path}: cut short at byte {at}, inside a chunk of {size} bytes")


def _length(path: Path, file: Opened, at: int) -> int | None:
    """The variable-length integer that begins here; None at the end of the file."""
    width = file.read(1)
    if not width:
        return None
    if width[0] not in (1, 4, 8):
        raise RecordingError(f"{path}: damaged at byte {at}: a length cannot have {width[0]} bytes")
    raw = file.read(width[0])
    if len(raw) < width[0]:
        raise RecordingError(f"{path}: cut short at byte {at}, inside a length")
    return int.from_bytes(raw, "little")


def _header(path: Path, at: int, stream: int, content: bytes) -> StreamHeader:
    try:
        info = {element.tag: element.text or "" for element in ET.fromstring(content.decode("utf-8", "replace"))}  # noqa: S314 -- CPython's expat bounds entity expansion since 2.4.1
        return StreamHeader(
            id=stream,
            name=info.get("name", ""),
            type=info.get("type", ""),
            channels=int(info["channel_count"]),
            format=info["channel_format"],
            rate=float(info["nominal_srate"]),
        )
    except (ET.ParseError, KeyError, ValueError) as error:
        raise RecordingError(f"{path}: damaged at byte {at}: the header of stream {stream} cannot be read") from error


def _refuse_absurd(path: Path, at: int, header: StreamHeader | None, file: Opened, size: int) -> None:
    """The number of samples that a chunk announces must fit into it: memory is taken by that number."""
    if header is None:
        raise RecordingError(f"{path}: damaged at byte {at}: samples of a stream that has no header")
    announced = _length(path, file, at)
    least = header.channels * SIZES.get(header.format, 1) + 1
    if announced is None or announced * least > size:
        raise RecordingError(
            f"{path}: damaged at byte {at}: {announced} samples of {least} bytes do not fit into {size} bytes"
        )
