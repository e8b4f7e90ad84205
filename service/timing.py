"""When samples were taken: a board's own count or clock, regressed on the station's clock."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo
from otolith.dsp._clock import ClockFit
from otolith.service.state import ClockState

MEMORY: Final = 30.0
"""Seconds that the line remembers: long against jitter, short against a crystal that warms up."""
FEWEST: Final = 200
"""Samples that it remembers at least."""
LIMIT: Final = 0.1
"""Seconds that a sample may be off before it says nothing, or that the clock has jumped."""
PATIENCE: Final = 4.0
"""Seconds of lateness that make a jump: longer than it takes ``drivers.interval`` to find lost samples."""


class Timing:
    """The times of one board's samples, while it is connected. For one thread; ``state`` may be read from any.

    The index is the board's clock where it has one, else the number of the sample. A board that samples when it likes
    has neither: its times are those of arrival.
    """

    def __init__(self, info: BoardInfo) -> None:
        self._rate = info.rate
        memory = max(MEMORY * info.rate, FEWEST)
        self._fit = None if info.irregular else ClockFit(1.0 / info.rate, memory=memory, limit=LIMIT, patience=PATIENCE)
        self._by_clock = False
        self._newest: int | None = None

    def __call__(self, batch: Batch) -> NDArray[np.int64]:
        """``(n,)`` nanoseconds of the station's clock, strictly increasing through the whole stream."""
        host = np.ascontiguousarray(batch.t_host)
        if self._fit is None:
            return self._as_they_came(host)
        self._by_clock = batch.t_device is not None
        times = np.empty(len(host), dtype=np.int64)
        self._fit.run(self._index(batch), host, times)
        return times

    def state(self) -> ClockState | None:
        """How the two clocks run; None for a board that samples when it likes."""
        if self._fit is None:
            return None
        return ClockState(
            source="clock" if self._by_clock else "count",
            residual_ms=1e3 * self._fit.residual,
            skew_ppm=1e6 * (self._fit.nominal / self._fit.period - 1.0),
            jumps=self._fit.restarts,
        )

    def _index(self, batch: Batch) -> NDArray[np.float64]:
        if batch.t_device is not None:
            return batch.t_device * self._rate
        return batch.seq + np.arange(len(batch), dtype=np.float64)

    def _as_they_came(self, host: NDArray[np.int64]) -> NDArray[np.int64]:
        if len(host) == 0:
            return host
        steps = np.arange(len(host))
        floor = host[0] if self._newest is None else self._newest + 1
        times = np.maximum.accumulate(np.maximum(host - steps, floor)) + steps
        self._newest = int(times[-1])
        return times
