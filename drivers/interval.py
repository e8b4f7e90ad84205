"""Lost samples of a board that does not number them, found by the clock.

A sample can arrive late, never early. So the lateness of samples over an even schedule has a floor: the least of it
in a window of time. Delays and bursts lift single samples, or all of them for a while, and then it comes back down; a
lost sample lifts it at once, by a whole period, and for ever. Only a floor that was raised and stays level is a loss:
a computer that was busy and catches up has lost nothing.
"""

from bisect import bisect_left
from collections import deque
from itertools import accumulate
from typing import Final

WINDOW: Final = 0.25
"""Seconds over which the floor is taken ..."""
SAMPLES: Final = 8
"""... and samples at least."""
LEARNT: Final = 6
"""Windows after which the board's own period is known."""
KNOWN: Final = 9
"""Windows from which it is known: the median slope between floors, unmoved by a loss or a stall."""
STEADY: Final = 8
"""Windows without a jump that make a longer baseline."""
RANGE: Final = 0.05
"""How far a period may be from the nominal one."""
MISSING: Final = 0.75
"""Of a period: a floor raised by less is jitter or drift."""
LEVEL: Final = 0.25
"""Of a period: floors of two windows that differ by less are the same."""
CERTAIN: Final = 4
"""Level windows that make a raised floor a loss ..."""
RELUCTANT: Final = 12
"""... and that it takes where the floor is not a whole number of periods."""
LOST_TRACK: Final = 24
"""Raised windows without a decision, after which everything is learnt anew."""
FOLLOW: Final = 0.25
"""Part of a small floor by which the schedule is moved."""


class Interval:
    """When samples are due, learnt from when they came. ``period`` in seconds, times in nanoseconds.

    The answer takes about a second, so a loss is placed up to that much after where it was. Nothing is said while
    the computer is too busy to tell for seconds.
    """

    def __init__(self, period: float) -> None:
        if not period > 0.0:
            raise ValueError(f"a period is a positive number of seconds, not {period}")
        self._nominal = self._period = period * 1e9
        self._n = 0
        """Number of the next sample, counting lost ones."""
        self._origin = 0, 0.0
        """A sample and when it was due: the schedule goes through here."""
        self._points: deque[tuple[int, int]] = deque(maxlen=KNOWN)
        """The least late sample of each window and its time."""
        self._learnt = False
        self._least = 0.0, 0, 0
        """Of this window: lateness, sample, time."""
        self._since = 0
        self._samples = 0
        self._raised: float | None = None
        """Floor of the window before, where that was raised."""
        self._level = 0
        self._doubtful = 0

    def arrived(self, t: int) -> int:
        """Count a sample that came at ``t``; returns how many are now known to be lost before it."""
        if self._n == 0:
            self._begin(0, float(t))
        late = t - self._due(self._n)
        if self._samples == 0 or late < self._least[0]:
            self._least = late, self._n, t
        if self._samples == 0:
            self._since = t
        self._n += 1
        self._samples += 1
        if self._samples < SAMPLES or t - self._since < WINDOW * 1e9:
            return 0
        self._samples = 0
        return self._judge(*self._least) if self._learnt else self._learn(*self._least[1:])

    def resumed(self, t: int) -> int:
        """A stream that was interrupted goes on with a sample of ``t``, still to be counted; how many are lost before.

        That can be told to about a sample, as the new schedule has nothing to do with the old one.
        """
        if self._n == 0:
            return 0
        lost = max(0, round((t - self._due(self._n)) / self._period))
        self._n += lost
        self._samples = 0
        self._begin(self._n, float(t))
        return lost

    def _due(self, n: int) -> float:
        return self._origin[1] + (n - self._origin[0]) * self._period

    def _begin(self, n: int, t: float) -> None:
        """Know nothing but that sample ``n`` came at ``t``."""
        self._origin = n, t
        self._points.clear()
        self._learnt = False
        self._settle()

    def _settle(self) -> None:
        """No floor is raised."""
        self._raised = None
        self._level = 0
        self._doubtful = 0

    def _learn(self, n: int, t: int) -> int:
        """Close a window while the period is not yet known; proves nothing."""
        self._points.append((n, t))
        if len(self._points) >= LEARNT:
            self._learnt = True
            self._tune()
            self._origin = min(self._points, key=lambda point: point[1] - point[0] * self._period)
        return 0

    def _tune(self) -> None:
        points = list(self._points)
        period = _slope(points, 1)
        steady = _since_jump(points, period)
        if len(steady) >= STEADY:
            period = _slope(steady, len(steady) // 2)  # over a longer time, so that jitter matters less
        self._period = min(max(period, (1.0 - RANGE) * self._nominal), (1.0 + RANGE) * self._nominal)

    def _judge(self, floor: float, n: int, t: int) -> int:
        """Close a window; returns the loss it proves."""
        if floor < MISSING * self._period:
            self._origin = n, t - floor + (floor if floor < 0.0 else FOLLOW * floor)
            self._points.append((n, t))
            self._tune()
            self._settle()
            return 0
        same = self._raised is not None and abs(floor - self._raised) <= LEVEL * self._period
        self._level = self._level + 1 if same else 1
        self._raised = floor
        self._doubtful += 1
        lost = round(floor / self._period)
        whole = abs(floor / self._period - lost) <= LEVEL
        if self._level >= (CERTAIN if whole else RELUCTANT):
            self._n += lost
            self._settle()
            return lost
        if self._doubtful >= LOST_TRACK:
            self._begin(n, float(t))
        return 0


def _slope(points: list[tuple[int, int]], apart: int) -> float:
    """Median, by samples, of the slopes between points that are so many windows ``apart``."""
    pairs = zip(points, points[apart:], strict=False)
    slopes = sorted(((b[1] - a[1]) / (b[0] - a[0]), b[0] - a[0]) for a, b in pairs)
    samples = list(accumulate(weight for _, weight in slopes))
    return slopes[bisect_left(samples, samples[-1] / 2)][0]


def _since_jump(points: list[tuple[int, int]], period: float) -> list[tuple[int, int]]:
    """The points after the last one that a loss or a stall moved against its predecessor."""
    jumps = (i for i in range(len(points) - 1, 0, -1) if _jumps(points[i - 1], points[i], period))
    return points[next(jumps, 0) :]


def _jumps(before: tuple[int, int], after: tuple[int, int], period: float) -> bool:
    return abs(after[1] - before[1] - (after[0] - before[0]) * period) > 2.0 * LEVEL * period
