"""When a twin's samples are due: the clock of a cheap crystal, even or not."""

import asyncio
from typing import Final

_GOLDEN: Final = 0.6180339887498949
"""Multiples of it, modulo 1, wander over the interval without ever clustering."""


class Schedule:
    """Ticks of a clock that runs ``skew`` ppm fast; tick ``k`` is due ``k`` periods after the start.

    ``uneven`` periods (less than 1) is how far a tick may be from there, always the same way.
    A late twin catches up: ticks are never skipped unless :meth:`skip` says so.
    """

    def __init__(self, skew: float = 0.0, uneven: float = 0.0) -> None:
        self.rate = 1.0 + skew * 1e-6
        """Of the twin's own clock, per true second."""
        self._uneven = uneven
        self.period = 1.0
        self.restart(1.0)

    def restart(self, period: float) -> None:
        """Tick 0 is now; ``period`` in seconds of the twin's own clock."""
        self.period = period
        self.tick = 0
        self._start: float | None = None

    def at(self, tick: int) -> float:
        """True seconds from the start to ``tick``."""
        return (tick + self._uneven * (tick * _GOLDEN % 1.0)) * self.period / self.rate

    def wait(self) -> float:
        """Seconds until the current tick is due; not positive once it is."""
        now = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = now
        return self._start + self.at(self.tick) - now

    def skip(self) -> int:
        """Go on with the first tick that is not yet due; returns how many are left out."""
        late = -self.wait()
        skipped = max(0, int(late * self.rate / self.period))
        self.tick += skipped
        return skipped
