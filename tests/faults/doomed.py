"""A station that records for ever and prints what it acknowledged, for a test to kill: ``python doomed.py FOLDER``."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, Cell, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.service.config import BoardConfig, Config, RecordingConfig
from otolith.service.station import Station

T = TypeVar("T")
INFO = BoardInfo(
    moniker="twin:doomed",
    family="twin",
    model="Counting board",
    serial="1",
    firmware="1",
    unit="count",
    rate=1000.0,
    cells=(Cell("L", -100.0, 0.0), Cell("R", 100.0, 0.0)),
    calibration=Linear((1.0, 1.0), (0.0, 0.0), "nominal"),
    simulated=True,
)


class CountingBoard:
    """Every sample's counts are its own number, and its negative."""

    info = INFO
    sent = 0

    def statistics(self) -> StreamStatistics:
        return StreamStatistics(samples=self.sent)

    def batches(self) -> AsyncIterator[Batch]:
        return self.stream(lambda batch: batch)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        while True:
            numbers = np.arange(self.sent, self.sent + 8)
            t = np.full(8, time.monotonic_ns())
            counts = np.column_stack([numbers, -numbers]).astype(float)
            yield transform(Batch(self.sent, counts, t, np.zeros(8, np.uint32)))
            self.sent += 8
            await asyncio.sleep(0.0005)

    async def identify(self) -> None: ...

    async def aclose(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


async def opened(_moniker: str) -> CountingBoard:
    return CountingBoard()


async def main(folder: Path) -> None:
    recording = RecordingConfig(mode="always", segment_s=600)
    config = Config(folder=folder, boards=[BoardConfig(moniker=INFO.moniker)], recording=recording)
    last = -1
    async with Station(config, opener=opened) as station:
        while True:
            state = station.boards()[0].recording
            if state is not None and state.seq > last:
                last = state.seq
                sys.stdout.write(f"{last}\n")
                sys.stdout.flush()
            await asyncio.sleep(0.0003)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
