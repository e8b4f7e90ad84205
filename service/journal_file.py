"""One journal: on disk, in the catalogue, and acknowledged."""

import asyncio
import platform
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from otolith import __version__
from otolith.drivers.batch import Batch
from otolith.drivers.batching import joined
from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration
from otolith.drivers.replay.journal_head import JournalHead, JournalTare
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.service.frame import Frame
from otolith.service.shared import Shared
from otolith.service.state import RecordingMode, RecordingState
from otolith.service.store import RecordingRow
from otolith.service.tare import Zeros

SYNC_NS = 1_000_000_000
"""How much a power cut may cost."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a journal is about: one connection of a board."""

    info: BoardInfo
    calibration: Calibration
    zeros: Zeros


class JournalFile:
    """Written in the scribe's threads; every method waits for them, none blocks the loop."""

    def __init__(self, writer: JournalWriter, row: RecordingRow, mode: RecordingMode, shared: Shared) -> None:
        self.row = row
        self.state = RecordingState(row.id, row.started, seq=-1, samples=0, mode=mode)
        self._writer = writer
        self._shared = shared
        self._synced_ns = shared.clock.monotonic_ns()

    @classmethod
    async def open(cls, shared: Shared, subject: Subject, mode: RecordingMode, by: str, seq: int) -> "JournalFile":
        """A new journal, in the catalogue, whose first sample is ``seq``. Raises OSError, StoreError."""
        row = _row(shared, subject.info, mode, by)
        head = _head(shared, subject, row, seq)
        await shared.store.recordings.add(row)
        try:
            writer = await shared.scribe.write(partial(_create, shared.folder / row.path, head))
        except OSError:
            await shared.store.recordings.delete(row.id)
            raise
        return cls(writer, row, mode, shared)

    async def append(self, frames: list[Frame], tares: list[JournalTare]) -> None:
        """Write and acknowledge. Raises OSError; what was acknowledged stays, and the journal takes no more."""
        now = self._shared.clock.monotonic_ns()
        sync = now - self._synced_ns >= SYNC_NS
        self._synced_ns = now if sync else self._synced_ns
        try:
            await self._shared.scribe.write(partial(_append, self._writer, frames, tares, now))
            if sync:
                await self._shared.scribe.sync(self._writer.sync)
        finally:
            self.state = replace(self.state, seq=self._writer.seq, samples=self._writer.samples)

    async def close(self, reason: str) -> RecordingRow | None:
        """End it, in the catalogue too; None where it had no sample and is gone. Raises OSError, StoreError."""
        try:
            await self._shared.scribe.write(self._writer.close)
        finally:
            self.row = await self._catalogue(reason)
        return self.row if self._writer.samples else None

    async def _catalogue(self, reason: str) -> RecordingRow:
        recordings, path, samples = self._shared.store.recordings, self._writer.path, self._writer.samples
        if not samples:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            await recordings.delete(self.row.id)
            return self.row
        size = (await asyncio.to_thread(path.stat)).st_size
        return await recordings.close(self.row.id, ended=self._shared.now(), reason=reason, samples=samples, size=size)


def _row(shared: Shared, info: BoardInfo, mode: RecordingMode, by: str) -> RecordingRow:
    recording_id = shared.store.ids.make(shared.clock.now())
    return RecordingRow(
        id=recording_id,
        board=info.id,
        serial=info.serial,
        mode=mode,
        by=by,
        started=shared.now(),
        path=f"recordings/{info.id}/{recording_id}.mcap",
    )


def _head(shared: Shared, subject: Subject, row: RecordingRow, seq: int) -> JournalHead:
    return JournalHead(
        station=shared.config.station,
        id=row.id,
        started=row.started,
        monotonic_ns=shared.clock.monotonic_ns(),
        board=subject.info,
        calibration=subject.calibration,
        zero=subject.zeros.at(seq),
        versions={"otolith": __version__, "python": platform.python_version(), "numpy": np.__version__},
    )


def _create(path: Path, head: JournalHead) -> JournalWriter:
    path.parent.mkdir(parents=True, exist_ok=True)
    return JournalWriter(path, head)


def _append(writer: JournalWriter, frames: list[Frame], tares: list[JournalTare], now: int) -> None:
    for tare in tares:
        writer.tare(tare, now)
    for batch in joined(map(_batch, frames)):
        writer.append(batch)


def _batch(frame: Frame) -> Batch:
    return Batch(frame.seq, frame.counts, frame.t_arrival, frame.flags, frame.t_device, frame.missed, frame.t)
