"""Lost samples of a board that does not number them, found by the clock.

A sample can arrive late, never early. So the lateness of every sample over an even schedule has a floor; delays
and bursts lift single samples above it and always come back to it, while a lost sample lifts the floor itself, for
ever, by one period. Only the floor is judged: a stalled computer that catches up has lost nothing.
"""

from typing import Final

MISSING: Final = 0.75
"""Of a period: a floor raised by more is a lost sample, by less a slower clock."""
SAMPLES: Final = 16
"""A floor is the least lateness of so many samples ..."""
EVIDENCE: Final = 1e-3
"""... and of so long that lateness times duration exceeds this, s²: one lost at 1 kHz takes a second to be sure of
(a busy computer can be 1 ms late for a while), one at 125 Hz takes 128 ms."""
CATCHING_UP: Final = 0.25
"""Of a period: lateness that still falls by more within the window means that the floor is not reached yet."""
SETTLING: Final = 0.25
"""Part of a floor that is taken for clock skew, per window; follows clocks up to 1 % slow."""


class Interval:
    """When samples are due, learnt from when they came. ``period`` in seconds, times in nanoseconds.

    The answer comes late by the time it takes to be sure, so a loss is placed up to that much after where it was.
    """

    def __init__(self, period: float) -> None:
        if not period > 0.0:
            raise ValueError(f"a period is a positive number of seconds, not {period}")
        self._period = round(period * 1e9)
        self._due: int | None = None
        self._since = self._first = self._floor = self._samples = 0

    def arrived(self, t: int) -> int:
        """Count a sample that came at ``t``; returns how many are now known to be lost before it."""
        if self._due is None or t < self._due:
            self._due = t
        late = t - self._due
        self._due += self._period
        if late < self._first - CATCHING_UP * self._period:
            self._open_window(t, late)
        self._floor = min(self._floor, late)
        self._samples += 1
        if self._samples < SAMPLES:
            return 0
        if self._floor < MISSING * self._period:
            self._close_window(t, late, round(SETTLING * self._floor))
            return 0
        if (t - self._since) * self._floor < EVIDENCE * 1e18:
            return 0
        lost = round(self._floor / self._period)
        self._close_window(t, late, lost * self._period)
        return lost

    def _close_window(self, t: int, late: int, shift: int) -> None:
        if self._due is not None:
            self._due += shift
        self._open_window(t, max(late - shift, 0))

    def _open_window(self, t: int, late: int) -> None:
        self._since, self._first, self._floor, self._samples = t, late, late, 0
