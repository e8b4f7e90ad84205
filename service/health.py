"""How well samples arrive: rate, jitter and latency of the last ten seconds."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import StreamStatistics
from otolith.service.frame import Frame
from otolith.service.state import StreamHealth

WINDOW_NS = 10_000_000_000


@dataclass(frozen=True, slots=True)
class _Arrival:
    t: NDArray[np.int64]
    """Completion of each sample, nanoseconds."""
    published: int


class HealthMeter:
    """Fed with every published frame, asked once a second; counters go on across reconnects."""

    def __init__(self) -> None:
        self._arrivals: deque[_Arrival] = deque()
        self._before = StreamStatistics()

    def add(self, frame: Frame, published_ns: int) -> None:
        """Note a frame, at the moment when it was handed to the hub."""
        if len(frame):
            self._arrivals.append(_Arrival(frame.t_arrival, published_ns))

    def disconnect(self, statistics: StreamStatistics) -> None:
        """The connection with these counters is over; the next begins at zero."""
        self._before = _sum(self._before, statistics)
        self._arrivals.clear()

    def report(self, now_ns: int, statistics: StreamStatistics | None) -> StreamHealth:
        """The figures now; ``statistics`` of the connection, None while there is none."""
        while self._arrivals and self._arrivals[0].t[-1] < now_ns - WINDOW_NS:
            self._arrivals.popleft()
        total = _sum(self._before, statistics or StreamStatistics())
        rate, jitter = self._timing()
        p50, p99 = self._latency()
        return StreamHealth(
            rate_hz=rate,
            jitter_ms=jitter,
            lost=total.missed,
            malformed=total.malformed,
            overruns=total.overruns,
            latency_p50_ms=p50,
            latency_p99_ms=p99,
            samples=total.samples,
        )

    def _timing(self) -> tuple[float, float]:
        """Samples per second, and the standard deviation of the interval between completions, ms."""
        if not self._arrivals:
            return 0.0, 0.0
        completions, first = np.unique(np.concatenate([arrival.t for arrival in self._arrivals]), return_index=True)
        samples = sum(len(arrival.t) for arrival in self._arrivals)
        if len(completions) < 2:  # noqa: PLR2004 - an interval needs two ends
            return 0.0, 0.0
        seconds = float(completions[-1] - completions[0]) / 1e9
        return (samples - int(first[1])) / seconds, float(np.std(np.diff(completions))) / 1e6

    def _latency(self) -> tuple[float, float]:
        """Median and 99th percentile of completion to hub, ms; each sample counts."""
        if not self._arrivals:
            return 0.0, 0.0
        waits = np.concatenate([arrival.published - arrival.t for arrival in self._arrivals])
        p50, p99 = np.percentile(waits, [50, 99]) / 1e6
        return float(p50), float(p99)


def _sum(a: StreamStatistics, b: StreamStatistics) -> StreamStatistics:
    return StreamStatistics(
        reports=a.reports + b.reports,
        samples=a.samples + b.samples,
        missed=a.missed + b.missed,
        malformed=a.malformed + b.malformed,
        overruns=a.overruns + b.overruns,
    )
