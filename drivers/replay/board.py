"""A recording that plays the part of a board, in real time, faster or slower."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo, Cell, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardRefused, RecordingError
from otolith.drivers.loads import corner_loads
from otolith.drivers.monikers import Replay, form
from otolith.drivers.phidget_bridge.geometry import btracks_cells
from otolith.drivers.reading import OneReader
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.roles import parse_columns
from otolith.drivers.replay.trial import read_recording

FAMILY: Final = "replay"
GATHER: Final = 0.02
"""Seconds between batches."""
BIGGEST: Final = 1.0
"""Seconds of recording in a batch, at most, however fast it runs."""
WEIGHT: Final = 700.0
"""N: the vertical force where a recording has a CoP only; CoP does not depend on it."""

T = TypeVar("T")


class ReplayBoard(OneReader):
    """A board made of a recording; ``counts`` are newtons, gaps are gaps again, and after the end there is no more.

    ``speed`` 1 is real time, ``inf`` as fast as the samples are taken. ``t_device`` is the recording's own time.
    """

    def __init__(self, recording: Recording, moniker: str, *, speed: float = 1.0, loop: bool = False) -> None:
        cells = recording.cells or btracks_cells()
        super().__init__(
            BoardInfo(
                moniker=moniker,
                family=FAMILY,
                model="recording" if recording.cells else "recording as BTrackS",
                serial=recording.name,
                firmware="",
                unit="N",
                rate=recording.rate,
                cells=cells,
                calibration=Linear((1.0,) * len(cells), (0.0,) * len(cells), "recording"),
                simulated=True,
            )
        )
        self._loads = _newtons(recording, cells)
        self._recording = recording
        self._speed = speed
        self._loop = loop
        self._samples = 0
        self._missed = 0
        self._closed = asyncio.Event()

    def statistics(self) -> StreamStatistics:
        """Read the counters."""
        return StreamStatistics(self._samples, self._samples, self._missed)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``."""
        self._claim()
        start = time.monotonic_ns()
        try:
            for batch in self._plan(start):
                if await self._closed_before(int(batch.t_host[-1])):
                    return
                self._samples += len(batch)
                self._missed += batch.missed
                yield transform(batch)
        finally:
            self._streaming = False

    async def identify(self) -> None:
        """A recording has nothing to blink with."""
        raise BoardRefused("a recording has no light to blink with")

    async def aclose(self) -> None:
        """Stop; safe to call twice."""
        self._closed.set()

    async def _closed_before(self, due: int) -> bool:
        pause = 0.0 if math.isinf(self._speed) else max(0.0, (due - time.monotonic_ns()) * 1e-9)
        try:
            async with asyncio.timeout(pause):
                await self._closed.wait()
        except TimeoutError:
            pass
        return self._closed.is_set()

    def _plan(self, start: int) -> Iterator[Batch]:
        """Batches with the host times at which they are due; at unlimited speed these are the recording's own."""
        speed = 1.0 if math.isinf(self._speed) else self._speed
        t, seq, begin = self._recording.t - self._recording.t[0], 0, float(start)
        length = (t[-1] + 1.0 / self._recording.rate) / speed * 1e9
        while True:
            host = np.rint(begin + t / speed * 1e9).astype(np.int64)
            for first, last, missed in self._pieces():
                flags = np.zeros(last - first, dtype=np.uint32)
                flags[0] = Flag.AFTER_GAP if missed else 0
                seq += missed
                rows = slice(first, last)
                yield Batch(seq, self._loads[rows], host[rows], flags, self._recording.t[rows], missed)
                seq += last - first
            if not self._loop:
                return
            begin += length

    def _pieces(self) -> Iterator[tuple[int, int, int]]:
        """Runs of rows for one batch each, ``[first, last)``, with the samples missing before them."""
        size = max(1, round(min(GATHER * self._speed, BIGGEST) * self._recording.rate))
        begin, missed = 0, 0
        for index, rows, lost in [*((gap.index, gap.rows, gap.missed) for gap in self._recording.gaps), (-1, 0, 0)]:
            end = len(self._recording) if index < 0 else index
            for first in range(begin, end, size):
                yield first, min(first + size, end), missed
                missed = 0
            begin, missed = end + rows, missed + rows + lost


async def open_replay(moniker: Replay) -> ReplayBoard:
    """Read the whole recording first, so that a broken one is refused now and not in the middle of a trial."""
    columns = parse_columns(moniker.columns) if moniker.columns else None
    recording = await asyncio.to_thread(read_recording, Path(moniker.path), columns, moniker.units)
    if isinstance(recording, C3dFile):
        raise RecordingError(f"{moniker.path}: a C3D file can be analysed, but not yet played back as a board")
    return ReplayBoard(recording, form(moniker), speed=moniker.speed, loop=moniker.loop)


def _newtons(recording: Recording, cells: tuple[Cell, ...]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    if recording.loads is not None:
        if recording.loads.shape[1] != len(cells):
            raise RecordingError(
                f"{recording.source}: {recording.loads.shape[1]} cells, and the board has {len(cells)}"
            )
        return recording.loads
    if recording.ml is None or recording.ap is None:
        raise RecordingError(f"{recording.source}: a board needs a CoP (ml and ap), or loads of its cells")
    force = np.full(len(recording), WEIGHT) if recording.force is None else recording.force
    return corner_loads(force, recording.ml, recording.ap, cells)
