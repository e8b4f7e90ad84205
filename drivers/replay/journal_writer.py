"""Writes a journal so that a sample that was acknowledged survives the death of the process."""

import io
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from mcap.writer import CompressionType, IndexType, Writer

from otolith.drivers.batch import Batch
from otolith.drivers.replay import block
from otolith.drivers.replay.journal_head import METADATA, JournalHead, JournalTare, pack_head, pack_tare

BLOCKS, TARES = 1, 2
"""MCAP channel numbers, in order of registration."""


class _Staging(io.BytesIO):
    """Collects the bytes of one step of the MCAP writer, who needs to know where in the file they go."""

    base = 0

    def tell(self) -> int:
        return self.base + super().tell()

    def take(self) -> bytes:
        data = self.getvalue()
        self.base += len(data)
        self.seek(0)
        self.truncate()
        return data


class JournalWriter:
    """A new journal. When ``append`` or ``tare`` returns, the record is the kernel's: it survives a killed process.

    ``sync`` makes it survive a power cut. For one thread. Any OSError (disk full) leaves a readable file that ends
    after the last acknowledged record; close it and begin another.
    """

    def __init__(self, path: Path, head: JournalHead) -> None:
        """Raises OSError where the file exists or cannot be made."""
        self.path = path
        self.samples = 0
        self.seq = -1
        """Number of the last acknowledged sample."""
        self._broken = False
        wall = datetime.fromisoformat(head.started)
        self._epoch_ns = round(wall.timestamp() * 1e6) * 1000 - head.monotonic_ns
        self._staging = _Staging()
        self._mcap = Writer(
            self._staging, compression=CompressionType.NONE, index_types=IndexType.METADATA, use_chunking=False
        )
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
        self._begin(head)

    def append(self, batch: Batch) -> None:
        """Write one block."""
        time_ns = int(batch.t_host[0]) + self._epoch_ns if len(batch) else self._epoch_ns
        self._mcap.add_message(BLOCKS, time_ns, block.encode(batch), time_ns, batch.seq & 0xFFFFFFFF)
        self._write()
        self.samples += len(batch)
        self.seq = batch.seq + len(batch) - 1

    def tare(self, tare: JournalTare, monotonic_ns: int) -> None:
        """Write the zero that is in use from ``tare.seq`` on."""
        time_ns = monotonic_ns + self._epoch_ns
        self._mcap.add_message(TARES, time_ns, pack_tare(tare), time_ns)
        self._write()

    def sync(self) -> None:
        """Wait until the disk has everything."""
        os.fdatasync(self._file)

    @property
    def size(self) -> int:
        """Bytes written."""
        return os.fstat(self._file).st_size

    def close(self) -> int:
        """Write the summary if the disk still takes it; the size of the file. Call once. Raises OSError."""
        try:
            if not self._broken:
                self._finish()
                self.sync()
            return self.size
        finally:
            os.close(self._file)

    def _finish(self) -> None:
        self._mcap.finish()  # type: ignore[no-untyped-call]  # the library leaves it unannotated
        with suppress(OSError):  # without a summary the file is as good, only slower to search
            self._write()

    def _begin(self, head: JournalHead) -> None:
        try:
            self._mcap.start(profile="otolith", library=f"otolith {head.versions.get('otolith', '')}")
            schema = self._mcap.register_schema("otolith.Block", "otolith-block", (block.__doc__ or "").encode())
            self._mcap.register_channel("/batch", "otolith-block", schema)
            self._mcap.register_channel("/tare", "json", 0)
            self._mcap.add_metadata(METADATA, pack_head(head))
            self._write()
            self.sync()
        except OSError:
            os.close(self._file)
            self.path.unlink(missing_ok=True)
            raise

    def _write(self) -> None:
        whole = self._staging.base
        rest = memoryview(self._staging.take())
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            self._broken = True
            os.ftruncate(self._file, whole)
            raise
