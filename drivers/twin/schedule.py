"""When a twin's samples are due: an even clock, with the skew of a cheap crystal."""

import asyncio


class Schedule:
    """Ticks of a clock that runs ``skew`` ppm fast; tick ``k`` is due ``k`` periods after the start.

    A late twin catches up: ticks are never skipped unless :meth:`skip` says so.
    """

    def __init__(self, skew: float = 0.0) -> None:
        self.rate = 1.0 + skew * 1e-6
        """Of the twin's own clock, per true second."""
        self.period = 1.0
        self.restart(1.0)

    def restart(self, period: float) -> None:
        """Tick 0 is now; ``period`` in seconds of the twin's own clock."""
        self.period = period
        self.tick = 0
        self._start: float | None = None

    def at(self, tick: int) -> float:
        """True seconds from the start to ``tick``."""
        return tick * self.period / self.rate

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
