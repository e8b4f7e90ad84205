"""SWARII (Audiffren & Contal 2016), window by window, with the authors' correction of the printed weights."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def swarii(t: Array, trace: Array, rate: float, window: float) -> Array:
    """Rows ``(m, 3)`` of time, x, y; windows without a sample give none."""
    half, s = (window - 1e-6) / 2, max(0.0, float(t[0]))
    rows = []
    while s < t[-1]:
        inside = np.flatnonzero(np.abs(t - s) < half)
        if len(inside):
            middles = (t[inside][1:] + t[inside][:-1]) / 2
            borders = np.concatenate([[max(t[0], s - half)], middles, [min(t[-1], s + half)]])
            weights = np.diff(borders) if len(inside) > 1 else np.ones(1)
            rows.append([s, *(weights @ trace[inside] / weights.sum())])
        s += 1.0 / rate
    return np.array(rows).reshape(-1, 3)
