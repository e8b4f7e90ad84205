"""Sway density: for how long a path stays near each of its points (Baratto et al. 2002)."""

import numpy as np
from numpy.typing import NDArray

from otolith.dsp import _density


def dwell(x: NDArray[np.float64], y: NDArray[np.float64], radius: float) -> NDArray[np.intp]:
    """``(n,)`` sample steps of the unbroken stay within ``radius`` around each sample, before it and after it."""
    n = len(x)
    box = np.empty((2 << (n - 1).bit_length(), 4))
    after, before = np.empty(n, dtype=np.intp), np.empty(n, dtype=np.intp)
    _density.stay(x, y, radius, box, after)
    _density.stay(np.ascontiguousarray(x[::-1]), np.ascontiguousarray(y[::-1]), radius, box, before)
    return after + before[::-1]
