"""Samples that are not there: put back on the even grid, and bridged where the gap is short."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BRIDGE = 0.1
"""Seconds; the longest gap that is bridged by a straight line. Sway at 10 Hz and more cannot hide in it."""


@dataclass(frozen=True, slots=True, eq=False)
class Bridged:
    """Positions without a hole, and what it took."""

    ml: NDArray[np.float64]
    ap: NDArray[np.float64]
    first: int
    """Samples left out at the start, because they held no number."""
    last: int
    """Samples left out at the end."""
    filled: int
    """Samples inside that were interpolated."""


def spread(x: NDArray[np.float64], missed: NDArray[np.int64]) -> NDArray[np.float64]:
    """``x`` ``(n,)`` on the even grid: NaN in the places of the ``missed`` ``(n,)`` samples before each row."""
    grid = np.full(len(x) + int(missed.sum()), np.nan)
    grid[np.arange(len(x)) + np.cumsum(missed)] = x
    return grid


def bridge(ml: NDArray[np.float64], ap: NDArray[np.float64], rate: float) -> Bridged:
    """Trim both ends to numbers, and draw straight lines over gaps of up to ``BRIDGE`` seconds.

    Raises ValueError with the place of a longer gap, and where nothing is left.
    """
    bad = ~(np.isfinite(ml) & np.isfinite(ap))
    good = np.flatnonzero(~bad)
    if len(good) == 0:
        raise ValueError("no sample holds a position")
    first, end = int(good[0]), int(good[-1]) + 1
    holes = np.diff(good) - 1
    widest = int(holes.max(initial=0))
    if widest > BRIDGE * rate:
        at = good[int(np.argmax(holes))] / rate
        raise ValueError(
            f"{widest} samples ({widest / rate:.3g} s) are missing at {at:.3f} s, too many to bridge:"
            f" choose a segment before or after"
        )
    index = np.arange(first, end)
    x, y = np.interp(index, good, ml[good]), np.interp(index, good, ap[good])
    return Bridged(x, y, first, len(bad) - end, int(bad[first:end].sum()))
