"""SWARII: an evenly sampled trace from unevenly sampled positions (Audiffren and Contal 2016, corrected).

The published equation of the window's weights is misprinted; this is the authors' own correction, their program's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp import _swarii

STRICT = 1e-6
"""Seconds by which the window is narrowed, so that samples on its edge stay outside whatever the rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """Positions at even times."""

    t: NDArray[np.float64]
    ml: NDArray[np.float64]
    ap: NDArray[np.float64]
    empty: int
    """Windows that held no sample; their positions are interpolated."""


def purge(t: NDArray[np.float64], ml: NDArray[np.float64], ap: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which samples to keep, ``(n,)``, by the authors' spike filter: jumps of 20 mm that return to within 5 mm.

    Also leaves out the first and last sample and the first 0.1 s (``t`` counts from the start); positions in mm.
    """
    keep = np.empty(len(t), dtype=np.uint8)
    _swarii.spikes(t, ml, ap, 0.1, 20.0, 5.0, keep)
    return keep.astype(np.bool_)


def swarii(
    t: NDArray[np.float64], ml: NDArray[np.float64], ap: NDArray[np.float64], rate: float = 25.0, window: float = 0.08
) -> Resampled:
    """Resample to ``rate`` Hz by windows ``window`` seconds wide; empty windows are bridged linearly.

    ``t`` ``(n,)`` seconds, increasing. Path and velocity depend on ``window`` (20 % between 0.08 and 0.25 s on a
    Wii board): report it. Defaults of Quijoux et al. 2021.
    """
    if len(t) < 2 or not window > STRICT or not 0.0 < rate < np.inf:  # noqa: PLR2004  # two samples make a step
        raise ValueError("SWARII needs two samples, a window wider than 1 µs and a positive rate")
    start = max(0.0, float(t[0]))
    steps = np.full(int((t[-1] - start) * rate) + 2, 1.0 / rate)
    steps[0] = start
    at = np.cumsum(steps)
    at = at[at < t[-1]]
    x, y = np.empty(len(at)), np.empty(len(at))
    t, ml, ap = np.ascontiguousarray(t), np.ascontiguousarray(ml), np.ascontiguousarray(ap)
    empty = _swarii.resample(t, ml, ap, (window - STRICT) / 2.0, at, x, y)
    return _bridged(at, x, y, empty, rate) if empty else Resampled(at, x, y, 0)


def _bridged(
    at: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], empty: int, rate: float
) -> Resampled:
    full = ~np.isnan(x)
    known = at[full]
    grid = np.arange(known[0], known[-1], 1.0 / rate)
    return Resampled(grid, np.interp(grid, known, x[full]), np.interp(grid, known, y[full]), empty)
