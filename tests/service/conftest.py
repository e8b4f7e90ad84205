"""Twins of what a station stands on: a board that does what the test says, a clock that the test moves."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np
import pytest
from blockbuster import blockbuster_ctx
from structlog.testing import capture_logs

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, Cell, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardLost, BoardNotFound
from otolith.service.clock import VirtualClock
from otolith.service.config import Config
from otolith.service.sections import BoardConfig, RecordingConfig
from otolith.service.station import Station

T = TypeVar("T")
CELLS = (Cell("FR", 200, 300), Cell("BR", 200, -300), Cell("BL", -200, -300), Cell("FL", -200, 300))


def board_info(serial: str = "1001", **changes: Any) -> BoardInfo:
    values: dict[str, Any] = {
        "moniker": f"twin:{serial}",
        "family": "twin",
        "model": "Scripted",
        "serial": serial,
        "firmware": "1.0",
        "unit": "count",
        "rate": 125.0,
        "cells": CELLS,
        "calibration": Linear((0.01,) * 4, (1000.0,) * 4, "nominal"),
        "simulated": True,
    }
    return BoardInfo(**(values | changes))


class ScriptedBoard:
    """Streams the batches that the test feeds; an exception among them ends the stream."""

    def __init__(self, info: BoardInfo, clock: VirtualClock) -> None:
        self.info = info
        self.closed = False
        self.identified = 0
        self.presses = 0
        self.battery: float | None = None
        self._clock = clock
        self._inbox: asyncio.Queue[Batch | Exception | None] = asyncio.Queue()
        self._seq = self._samples = self._missed = 0

    def feed(self, loads: Any = (150.0,) * 4, n: int = 1, missed: int = 0, noise: Any = 0.0, flags: int = 0) -> Batch:
        """``n`` samples of these newtons, now."""
        loads = np.broadcast_to(np.asarray(loads, dtype=float), (n, self.info.channels)) + noise
        t = np.full(n, self._clock.monotonic_ns(), dtype=np.int64)
        counts = self.info.calibration.counts(loads)
        batch = Batch(self._seq + missed, counts, t, np.full(n, flags, np.uint32), None, missed)
        self._seq += missed + n
        self._samples += n
        self._missed += missed
        self._inbox.put_nowait(batch)
        return batch

    @property
    def waiting(self) -> int:
        """Batches that were fed and nobody has taken yet."""
        return 0 if self.closed else self._inbox.qsize()

    def fail(self, error: Exception) -> None:
        self._inbox.put_nowait(error)

    def finish(self) -> None:
        self._inbox.put_nowait(None)

    def statistics(self) -> StreamStatistics:
        return StreamStatistics(
            reports=self._samples,
            samples=self._samples,
            missed=self._missed,
            presses=self.presses,
            battery=self.battery,
        )

    def batches(self) -> AsyncIterator[Batch]:
        return self.stream(lambda batch: batch)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        while (item := await self._inbox.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield transform(item)

    async def identify(self) -> None:
        self.identified += 1

    async def aclose(self) -> None:
        self.closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class Bench:
    """What is plugged in, by moniker; ``open`` is the station's opener."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.opened: deque[tuple[str, ScriptedBoard]] = deque()
        self.attempts = 0
        self._plugged: dict[str, BoardInfo | Exception] = {}

    def plug(self, moniker: str, what: BoardInfo | Exception | None = None) -> None:
        self._plugged[moniker] = what if what is not None else board_info()

    def unplug(self, moniker: str) -> None:
        self._plugged.pop(moniker)
        for name, board in self.opened:
            if name == moniker and not board.closed:
                board.fail(BoardLost(f"{moniker} was unplugged"))

    async def open(self, moniker: str) -> ScriptedBoard:
        self.attempts += 1
        what = self._plugged.get(moniker)
        if what is None:
            raise BoardNotFound(f"no board {moniker}; plugged in: none")
        if isinstance(what, Exception):
            raise what
        board = ScriptedBoard(what, self.clock)
        self.opened.append((moniker, board))
        return board

    def newest(self, moniker: str | None = None) -> ScriptedBoard:
        return next(board for name, board in reversed(self.opened) if moniker in (None, name))

    async def caught_up(self, station: Station) -> None:
        """Wait until every run has taken what was fed, so that time never runs ahead of a slow thread or disk."""

        def behind() -> bool:
            taps = station.frames.statistics().taps
            return bool(self.newest().waiting or any(tap.queued for tap in taps if tap.name.startswith("run ")))

        async with asyncio.timeout(60):
            while behind():  # noqa: ASYNC110 - frames that are taken announce nothing
                await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> Iterator[None]:
    """A blocking call of ours on the event loop fails the test; where logs go is not ours to decide."""
    with capture_logs(), blockbuster_ctx("otolith"):
        yield


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def bench(clock: VirtualClock) -> Bench:
    return Bench(clock)


@pytest.fixture
def info() -> Callable[..., BoardInfo]:
    return board_info


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Config]:
    """A configuration in a folder of its own, without a continuous journal unless asked for."""

    def make(*monikers: str, **changes: Any) -> Config:
        values: dict[str, Any] = {
            "folder": tmp_path / "state",
            "boards": [BoardConfig(moniker=moniker) for moniker in monikers],
            "recording": RecordingConfig(mode="on_demand"),
        }
        return Config(**(values | changes))

    return make


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """Wait for a condition, turn by turn of the loop; fails after some seconds."""

    async def wait(condition: Callable[[], object], seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - conditions of parts that announce nothing
                await asyncio.sleep(0.001)

    return wait
