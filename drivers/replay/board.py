"""A recording that plays the part of a board, in real time, faster or slower."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardRefused, RecordingError
from otolith.drivers.monikers import Replay, form
from otolith.drivers.reading import OneReader
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.c3d.plates import wrench_plates
from otolith.drivers.replay.reel import Reel, Strip, batch_of, gathered, journal_reel, recording_reel
from otolith.drivers.replay.roles import parse_columns
from otolith.drivers.replay.trial import Kind, kind_of, read_recording

FAMILY: Final = "replay"
GATHER: Final = 0.02
"""Seconds between batches."""
BIGGEST: Final = 1.0
"""Seconds of recording in a batch, at most, however fast it runs."""

T = TypeVar("T")


class ReplayBoard(OneReader):
    """A board made of a recording; ``counts`` are its loads, gaps are gaps again, and after the end there is no more.

    ``speed`` 1 is real time, ``inf`` as fast as the samples are taken. ``t_device`` is the recording's own time,
    uneven where it is; a loop carries it on.
    """

    def __init__(self, reel: Reel, moniker: str, *, speed: float = 1.0, loop: bool = False) -> None:
        super().__init__(
            BoardInfo(
                moniker=moniker,
                family=FAMILY,
                model=reel.model,
                serial=reel.name,
                firmware="",
                unit="N",
                rate=reel.rate,
                cells=reel.cells,
                plates=reel.plates,
                calibration=Linear((1.0,) * reel.columns, (0.0,) * reel.columns, "recording"),
                simulated=True,
                irregular=reel.irregular,
            )
        )
        self._reel = reel
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
        plan = self._plan(time.monotonic_ns())
        try:
            while (batch := await asyncio.to_thread(next, plan, None)) is not None:
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
        seq, passed = 0, 0.0
        while True:
            first = last = math.nan
            for strip in self._strips():
                first = float(strip.t[0]) if math.isnan(first) else first
                last = float(strip.t[-1])
                seq += strip.missed
                host = start + np.rint((passed + strip.t - first) / speed * 1e9).astype(np.int64)
                yield batch_of(strip, seq, host, strip.t + passed)
                seq += len(strip)
            if not self._loop or math.isnan(first):
                return
            passed += last - first + 1.0 / self._reel.rate

    def _strips(self) -> Iterator[Strip]:
        size = max(1, round(min(GATHER * self._speed, BIGGEST) * self._reel.rate))
        return gathered(self._reel.strips(), size)


async def open_replay(moniker: Replay) -> ReplayBoard:
    """Look at the whole recording first, so that a broken one is refused now and not in the middle of a trial.

    Raises RecordingError.
    """
    reel = await asyncio.to_thread(_reel, moniker)
    return ReplayBoard(reel, form(moniker), speed=moniker.speed, loop=moniker.loop)


def _reel(moniker: Replay) -> Reel:
    path, kind = Path(moniker.path), kind_of(Path(moniker.path))
    columns = parse_columns(moniker.columns) if moniker.columns else None
    for option, owner in (("plate", Kind.C3D), ("stream", Kind.XDF)):
        if getattr(moniker, option) is not None and kind is not owner:
            raise RecordingError(f"{path}: {option}= chooses a {option} of {owner.words}, and this is none")
    if kind is Kind.JOURNAL:
        return journal_reel(path)
    if kind is Kind.C3D:
        found = wrench_plates(C3dFile(path), moniker.plate, columns, moniker.rate, centred=True)
        return recording_reel(found)
    recording = read_recording(path, columns, moniker.units, moniker.rate, moniker.stream, even=False)
    if isinstance(recording, C3dFile):
        raise RecordingError(f"{path}: changed while it was being opened")
    return recording_reel(recording)
