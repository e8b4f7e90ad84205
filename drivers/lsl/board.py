"""A stream of the Lab Streaming Layer as a board."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.drivers.counters import Counters, patience
from otolith.drivers.errors import BoardLost, BoardRefused, BoardTimeout
from otolith.drivers.lsl.chart import Chart
from otolith.drivers.lsl.finding import found_stream
from otolith.drivers.lsl.library import liblsl
from otolith.drivers.lsl.order import Order
from otolith.drivers.monikers import Lsl, form
from otolith.drivers.reading import OneReader
from otolith.drivers.usb.outbox import Outbox

ROOM: Final = 1024
"""Chunks waiting for the loop."""
WAIT: Final = 0.05
"""Seconds of one pull: how long closing can take."""
MOST: Final = 4096
"""Samples of one pull."""

T = TypeVar("T")


class LslBoard(OneReader):
    """``counts`` are newtons (and N mm), computed from the stream's channels as its chart says.

    ``t_device`` is the time stamp of the sender, moved to this machine's liblsl clock by the offset that was measured
    at opening; what the two clocks drift apart later shows in the regression to the host's clock, as with any board.
    """

    def __init__(self, info: BoardInfo, inlet: Any, chart: Chart, offset: float, *, even: bool) -> None:  # noqa: ANN401 -- pylsl
        super().__init__(info)
        self._inlet = inlet
        self._chart = chart
        self._offset = offset
        self._silence = patience(1.0 / info.rate) if even else None
        self._order = Order(info.rate, flagged=chart.tells_gaps, even=even)
        self._counters = Counters()
        self._overruns = 0
        self._heard = time.monotonic_ns()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def statistics(self) -> StreamStatistics:
        """Read the counters; reports are chunks."""
        seen = self._counters
        return StreamStatistics(seen.reports, seen.samples, seen.missed, seen.malformed, self._overruns)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, in the reader's thread."""
        self._claim()
        outbox: Outbox[T] = Outbox(asyncio.get_running_loop(), ROOM)
        thread = threading.Thread(target=self._read, args=(transform, outbox), name=self._info.moniker, daemon=True)
        self._thread = thread
        thread.start()
        try:
            async for item in outbox:
                yield item
        finally:
            self._closing.set()
            self._streaming = False

    async def identify(self) -> None:
        """A stream has nothing to blink with."""
        raise BoardRefused("a stream has no light to blink with; the board behind it is known to its sender alone")

    async def aclose(self) -> None:
        """Stop, and let go of the stream; safe to call twice."""
        self._closing.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        inlet, self._inlet = self._inlet, None
        if inlet is not None:
            await asyncio.to_thread(inlet.close_stream)

    def _read(self, transform: Callable[[Batch], T], outbox: Outbox[T]) -> None:
        """The thread: one pull after the other until somebody closes, or the stream ends."""
        try:
            while not self._closing.is_set():
                for batch in self._pull():
                    self._overruns += outbox.put(transform(batch))
            outbox.end()
        except Exception as error:  # noqa: BLE001 - also what transform raises ends the stream, for whoever reads it
            outbox.end(error)

    def _pull(self) -> list[Batch]:
        lsl = liblsl()
        try:
            values, stamps = self._inlet.pull_chunk(WAIT, MOST, min_samples=1, as_numpy=True)
        except lsl.util.LostError as error:
            raise BoardLost(f"{self._info.moniker}: the stream ended; its sender closed it or went away") from error
        now = time.monotonic_ns()
        if not len(stamps):
            self._refuse_silence(now)
            return []
        self._heard = now
        self._counters.reports += 1
        return self._batches(np.asarray(values, dtype=np.float64), np.asarray(stamps, dtype=np.float64), now)

    def _batches(self, values: NDArray[np.float64], stamps: NDArray[np.float64], now: int) -> list[Batch]:
        loads, flags = self._chart.loads(values)
        out = []
        for seq, missed, rows in self._order.runs(stamps, self._chart.flags(values)):
            n = rows.stop - rows.start
            self._counters.samples += n
            self._counters.missed += missed
            host = np.full(n, now, dtype=np.int64)
            out.append(Batch(seq, loads[rows], host, flags[rows], stamps[rows] + self._offset, missed))
        return out

    def _refuse_silence(self, now: int) -> None:
        if self._silence is not None and now - self._heard > self._silence * 1e9:
            raise BoardTimeout(f"{self._info.moniker}: the stream is there and silent for {self._silence:g} s")


async def open_lsl(moniker: Lsl) -> LslBoard:
    """Find the stream, connect, and learn its clock. Raises BoardNotFound, BoardRefused, BoardTimeout."""
    found = await asyncio.to_thread(found_stream, moniker)
    k = len(found.chart.cells) or 6 * len(found.chart.plates)
    info = BoardInfo(
        moniker=form(moniker),
        family="lsl",
        model=found.name,
        serial=found.source or found.name,
        firmware="",
        unit="N",
        rate=found.rate,
        cells=found.chart.cells,
        plates=found.chart.plates,
        calibration=Linear((1.0,) * k, (0.0,) * k, "stream"),
        simulated=found.simulated,
        irregular=not found.even,
    )
    return LslBoard(info, found.inlet, found.chart, found.offset, even=found.even)
