"""What is left of a piece of a trace so that pieces can be put together: long recordings, many processes."""

from dataclasses import dataclass, replace
from math import hypot

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.sway import Sums

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums of a piece of ``n`` valid samples about its own mean, its extremes, its path and its two ends; mm.

    ``a + b`` is the piece of both, b following a with a step from the last sample of a to the first of b (Chan, Golub
    & LeVeque 1983, eq. 2.1). Adding is associative up to rounding; the empty piece adds nothing.
    """

    n: int = 0
    mean: tuple[float, float] = (0.0, 0.0)
    square: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Sums of squared deviations: ML, AP, and of their product."""
    low: tuple[float, float] = (np.inf, np.inf)
    high: tuple[float, float] = (-np.inf, -np.inf)
    path: float = 0.0
    first: tuple[float, float] | None = None
    """None where the piece begins with a gap: no step leads to it. ``last`` likewise."""
    last: tuple[float, float] | None = None
    gap: bool = False
    """Whether a piece without valid samples has samples at all: then no step leads across it."""

    def __add__(self, other: "Moments") -> "Moments":
        if not other.n:
            return replace(self, last=None, gap=not self.n) if other.gap else self
        if not self.n:
            return replace(other, first=None) if self.gap else other
        n = self.n + other.n
        dx, dy = other.mean[0] - self.mean[0], other.mean[1] - self.mean[1]
        between = self.n * other.n / n
        step = hypot(other.first[0] - self.last[0], other.first[1] - self.last[1]) if self.last and other.first else 0.0
        return Moments(
            n=n,
            mean=(self.mean[0] + dx * other.n / n, self.mean[1] + dy * other.n / n),
            square=(
                self.square[0] + other.square[0] + between * dx * dx,
                self.square[1] + other.square[1] + between * dy * dy,
                self.square[2] + other.square[2] + between * dx * dy,
            ),
            low=(min(self.low[0], other.low[0]), min(self.low[1], other.low[1])),
            high=(max(self.high[0], other.high[0]), max(self.high[1], other.high[1])),
            path=self.path + step + other.path,
            first=self.first,
            last=other.last,
        )

    def sums(self) -> Sums:
        """For :func:`otolith.dsp.sway.sway_of`; mean distance, and so mean frequency, cannot be put together."""
        if not self.n:
            return Sums()
        return Sums(
            n=self.n,
            mean_ml=self.mean[0],
            mean_ap=self.mean[1],
            sxx=self.square[0],
            syy=self.square[1],
            sxy=self.square[2],
            path=self.path,
            distance=np.nan,
            range_ml=self.high[0] - self.low[0],
            range_ap=self.high[1] - self.low[1],
        )


def moments(trace: Array) -> Moments:
    """The moments of a trace ``(n, 2)``; the path has no step to, from or over NaN samples."""
    valid = trace[np.isfinite(trace).all(axis=1)]
    if not len(valid):
        return Moments(gap=len(trace) > 0)
    mean = valid.mean(axis=0)
    x, y = (valid - mean).T
    return Moments(
        n=len(valid),
        mean=_pair(mean),
        square=(float(x @ x), float(y @ y), float(x @ y)),
        low=_pair(valid.min(axis=0)),
        high=_pair(valid.max(axis=0)),
        path=float(np.nansum(np.hypot(*np.diff(trace, axis=0).T))),
        first=_end(trace[0]),
        last=_end(trace[-1]),
    )


def _pair(values: Array) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _end(sample: Array) -> tuple[float, float] | None:
    return _pair(sample) if np.isfinite(sample).all() else None
