"""Reads a journal, whole or torn: what was recovered, what is missing, and every good block in between.

A journal is an MCAP file without chunks (mcap.dev/spec): one message of channel ``/batch`` per block, one of
channel ``/tare`` per zero, one metadata record with the head.
"""

import io
import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from mcap.data_stream import ReadDataStream
from mcap.exceptions import EndOfFile
from mcap.opcode import Opcode
from mcap.records import Metadata
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.errors import RecordingError, ReportError
from otolith.drivers.replay import block
from otolith.drivers.replay.journal_head import METADATA, JournalHead, JournalTare, unpack_head, unpack_tare

MCAP_MAGIC = b"\x89MCAP0\r\n"
RECORD = struct.Struct("<BQ")
"""Opcode and length of what follows."""
MESSAGE = struct.Struct("<HIQQ")
"""Channel, sequence, log time, publish time; then the payload."""
BLOCKS, TARES = 1, 2
"""Channel numbers."""
DATA_END_SIZE = 4
KNOWN = frozenset(int(opcode) for opcode in Opcode)


@dataclass(frozen=True, slots=True)
class Gap:
    """Consecutive samples that the journal does not have."""

    seq: int
    """The first of them."""
    count: int
    reason: str
    """``board``: lost before they were recorded; ``file``: recorded, and damaged since."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a journal still has."""

    complete: bool
    """It was closed properly; otherwise its writer died, and it ends with the last block that was written whole."""
    torn: int
    """Bytes at the end that are no whole record."""
    damaged: int
    """Places inside where bytes were changed."""
    blocks: int
    samples: int
    gaps: tuple[Gap, ...]


class Journal:
    """A recording on disk. Opening it walks it once; batches are decoded when they are asked for.

    Raises RecordingError where the file is not a journal, or ends or is damaged before its first block could begin.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with _mapped(path) as data:
            self.head, start = _head(path, data)
            walk = _Walk(data, start)
            walk.run()
        self.tares: tuple[JournalTare, ...] = tuple(walk.tares)
        self.recovery: Recovery = walk.recovery()
        self._places = walk.places

    def batches(self) -> Iterator[Batch]:
        """Every good block in order; ``missed`` counts what the board lost and what the file lost."""
        expected: int | None = None
        with _mapped(self.path) as data:
            for offset, size in self._places:
                batch = block.decode(data[offset : offset + size])
                missed = batch.missed if expected is None else batch.seq - expected
                expected = batch.seq + len(batch)
                yield replace(batch, missed=missed)

    def loads(self) -> Iterator[tuple[Batch, NDArray[np.float64]]]:
        """Every batch with its newtons ``(n, k)``: calibrated, by the zero that was in use at the time."""
        for batch in self.batches():
            yield batch, self.head.calibration.loads(batch.counts, self.zero(batch.seq))

    def zero(self, seq: int) -> tuple[float, ...]:
        """Counts per cell in use at a sample."""
        taken = [tare for tare in self.tares if tare.seq <= seq]
        return max(taken, key=lambda tare: tare.seq).zero if taken else self.head.zero


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:  # ValueError: an empty file cannot be mapped
        raise RecordingError(f"{path}: cannot be read as a journal: {error}") from error
    with data:
        yield data


def _head(path: Path, data: mmap.mmap) -> tuple[JournalHead, int]:
    """The head, and where the first record after it begins."""
    if data[: len(MCAP_MAGIC)] != MCAP_MAGIC:
        raise RecordingError(f"{path}: not a journal: byte 0 is not the beginning of an MCAP file")
    for opcode, start, end in _records(data, len(MCAP_MAGIC)):
        if opcode == Opcode.METADATA:
            try:
                name, metadata = _metadata(data[start:end])
                if name == METADATA:
                    return unpack_head(metadata), end
            except ReportError as error:
                raise RecordingError(f"{path}: not readable as a journal, at byte {start}: {error}") from error
        if opcode in (Opcode.MESSAGE, Opcode.CHUNK, Opcode.DATA_END):
            raise RecordingError(f"{path}: an MCAP file, but not a journal of ours: no head before byte {start}")
    raise RecordingError(f"{path}: the journal ends or is damaged before its head, within {len(data)} bytes")


def _records(data: mmap.mmap, at: int) -> Iterator[tuple[int, int, int]]:
    """Opcode, start and end of the content of each record, as long as they make sense."""
    while at + RECORD.size <= len(data):
        opcode, size = RECORD.unpack_from(data, at)
        start, at = at + RECORD.size, at + RECORD.size + size
        if opcode not in KNOWN or at > len(data):
            return
        yield opcode, start, at


def _metadata(content: bytes) -> tuple[str, dict[str, str]]:
    """Name and entries of a metadata record. Raises ReportError."""
    try:
        record = Metadata.read(ReadDataStream(io.BytesIO(content)))
    except (EndOfFile, UnicodeDecodeError, struct.error) as error:
        raise ReportError("a metadata record is damaged") from error
    return record.name, record.metadata


class _Walk:
    """One pass over the records after the head, stepping over what is damaged."""

    def __init__(self, data: mmap.mmap, start: int) -> None:
        self._data = data
        self._at = start
        self._expected: int | None = None
        self._complete = False
        self._torn = self._damaged = self._samples = 0
        self._gaps: list[Gap] = []
        self.places: list[tuple[int, int]] = []
        self.tares: list[JournalTare] = []

    def recovery(self) -> Recovery:
        """What was found."""
        return Recovery(self._complete, self._torn, self._damaged, len(self.places), self._samples, tuple(self._gaps))

    def run(self) -> None:
        """Take every good record; after each break in the chain, go on at the next good block."""
        while self._chain() and (found := self._next_block()) is not None:
            self._at = found
        self._torn = 0 if self._complete else len(self._data) - self._at

    def _chain(self) -> bool:
        """Follow the records; True where the chain breaks before the end of the data."""
        for opcode, start, end in _records(self._data, self._at):
            if opcode == Opcode.MESSAGE and not self._message(start, end):
                self._damaged += 1
                if next(_records(self._data, end), None) is None:  # its length cannot be trusted either
                    return True
            self._at = end
            if opcode == Opcode.DATA_END and end - start == DATA_END_SIZE:
                self._complete = True
                return False
        return self._at < len(self._data)

    def _message(self, start: int, end: int) -> bool:
        """Take a message; False where it is damaged."""
        if end - start < MESSAGE.size:
            return False
        channel = MESSAGE.unpack_from(self._data, start)[0]
        offset = start + MESSAGE.size
        try:
            if channel == TARES:
                self.tares.append(unpack_tare(self._data[offset:end]))
            elif channel == BLOCKS:
                self._block(offset, end - offset)
        except ReportError:
            return False
        return channel in (BLOCKS, TARES)

    def _block(self, offset: int, size: int) -> None:
        batch = block.decode(self._data[offset : offset + size])
        if block.length(self._data[offset : offset + size]) != size:
            raise ReportError("a record is longer than its block")
        expected = batch.seq - batch.missed if self._expected is None else self._expected
        if batch.seq < expected:
            raise ReportError("a block goes back in time")
        by_board = min(batch.missed, batch.seq - expected)
        if in_file := batch.seq - expected - by_board:
            self._gaps.append(Gap(expected, in_file, "file"))
        if by_board:
            self._gaps.append(Gap(batch.seq - by_board, by_board, "board"))
        self._expected = batch.seq + len(batch)
        self._samples += len(batch)
        self.places.append((offset, size))

    def _next_block(self) -> int | None:
        """Where the record of the next good block begins, at or after the break."""
        at = self._at
        while (at := self._data.find(block.MAGIC, at)) >= 0:
            begin = at - MESSAGE.size - RECORD.size
            if begin >= self._at and self._good(at):
                return begin
            at += 1
        return None

    def _good(self, at: int) -> bool:
        """Whether a whole block begins here, and a message record of that size holds it."""
        try:
            size = block.length(self._data[at : at + block.HEADER.size])
            block.decode(self._data[at : at + size])
        except ReportError:
            return False
        begin = at - MESSAGE.size - RECORD.size
        return RECORD.unpack_from(self._data, begin) == (Opcode.MESSAGE, MESSAGE.size + size)
