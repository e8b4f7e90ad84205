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
class _Arrivals:
    """Samples that arrived between two reports, nanoseconds."""

    t: NDArray[np.int64]
    """Completion."""
    waits: NDArray[np.int64]
    """From there to the hub."""


class HealthMeter:
    """Fed with every published frame, asked once a second; counters go on across reconnects."""

    def __init__(self) -> None:
        self._recent: list[tuple[NDArray[np.int64], int]] = []
        self._window: deque[_Arrivals] = deque()
        self._before = StreamStatistics()

    def add(self, frame: Frame, published_ns: int) -> None:
        """Note a frame, at the moment when it was handed to the hub."""
        if len(frame):
            self._recent.append((frame.t_arrival, published_ns))

    def disconnect(self, statistics: StreamStatistics) -> None:
        """The connection with these counters is over; the next begins at zero."""
        self._before = _sum(self._before, statistics)
        self._recent.clear()
        self._window.clear()

    def report(self, now_ns: int, statistics: StreamStatistics | None) -> StreamHealth:
        """The figures now; ``statistics`` of the connection, None while there is none."""
        arrivals = self._arrivals(now_ns - WINDOW_NS)
        total = _sum(self._before, statistics or StreamStatistics())
        rate, jitter = _timing(arrivals.t)
        p50, p99 = _latency(arrivals.waits)
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

    def _arrivals(self, since_ns: int) -> _Arrivals:
        """All in the window; frames are joined once, so that a report handles seconds and not thousands of frames."""
        if self._recent:
            times, published = zip(*self._recent, strict=True)
            t = np.concatenate(times)
            self._window.append(_Arrivals(t, np.repeat(published, [len(one) for one in times]) - t))
            self._recent.clear()
        while self._window and self._window[0].t[-1] < since_ns:
            self._window.popleft()
        if not self._window:
            return _Arrivals(np.empty(0, np.int64), np.empty(0, np.int64))
        t = np.concatenate([part.t for part in self._window])
        first = int(np.searchsorted(t, since_ns))
        return _Arrivals(t[first:], np.concatenate([part.waits for part in self._window])[first:])


def _timing(t: NDArray[np.int64]) -> tuple[float, float]:
    """Samples per second, and the standard deviation of the interval between completions, ms."""
    later = np.flatnonzero(np.diff(t)) + 1
    if not len(later):  # an interval needs two ends
        return 0.0, 0.0
    completions = np.concatenate([t[:1], t[later]])
    seconds = float(t[-1] - t[0]) / 1e9
    return (len(t) - int(later[0])) / seconds, float(np.std(np.diff(completions))) / 1e6


def _latency(waits: NDArray[np.int64]) -> tuple[float, float]:
    """Median and 99th percentile of completion to hub, ms; each sample counts."""
    if not len(waits):
        return 0.0, 0.0
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
