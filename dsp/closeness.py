"""How close to what was asked: the part of the marks that an error leaves."""

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
NOTHING_AT = 3.0
"""Bands at which no marks are left."""


def closeness(error: Column, band: float) -> Column:
    """1 within the band, falling evenly to 0 at three bands; ``(n,)``. An error that is not known leaves nothing.

    Unlike time in the band it still tells a beginner who is near from one who is lost. Own definition.
    """
    marks: Column = np.clip((NOTHING_AT - np.abs(error) / band) / (NOTHING_AT - 1.0), 0.0, 1.0)
    return np.where(np.isfinite(error), marks, 0.0)


def longest(inside: NDArray[np.bool_], rate: float) -> float:
    """Seconds of the longest stretch that is true throughout."""
    edges = np.flatnonzero(np.diff(np.r_[0, inside.astype(np.int8), 0]))
    return float(np.diff(edges)[::2].max(initial=0)) / rate
