"""Scan clocks of the U3 and the U6: which rates there are, and the nearest to one that is asked for."""

from dataclasses import dataclass
from typing import Final

FASTEST: Final = 48e6
CLOCKS: Final = ((FASTEST, False), (4e6, False), (FASTEST, True), (4e6, True))
"""Hz, and whether divided by 256; finest first."""
DIVISOR: Final = 256
LONGEST: Final = 65535
"""Ticks between scans: a u16, and not 0."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A scan clock and how many of its ticks are between scans."""

    clock: float
    divided: bool
    interval: int

    @property
    def rate(self) -> float:
        """Scans per second, exactly."""
        return self.clock / (DIVISOR if self.divided else 1) / self.interval


def nearest(rate: float) -> Pace:
    """The rate nearest to one in Hz, of the finest clock that is slow enough; ValueError with what there is."""
    for clock, divided in CLOCKS:
        interval = round(clock / (DIVISOR if divided else 1) / rate)
        if interval <= LONGEST:
            return Pace(clock, divided, max(1, interval))
    slowest = CLOCKS[-1][0] / DIVISOR / LONGEST
    raise ValueError(f"it samples {slowest:.3f} times a second at least, not {rate:g} times")
