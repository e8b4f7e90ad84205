"""The causal cascade, one difference equation at a time."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def cascade(sos: Array, x: Array) -> Array:
    """Filter one channel ``(n,)``; each run of valid samples starts as if its first had always been there."""
    out = np.full(len(x), np.nan)
    valid = np.isfinite(x)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], valid, [False]]).astype(int)))
    for start, stop in edges.reshape(-1, 2):
        run = x[start:stop]
        for section in sos:
            run = _section(section, run)
        out[start:stop] = run
    return out


def _section(section: Array, x: Array) -> Array:
    """y[i] = b0 x[i] + b1 x[i-1] + b2 x[i-2] - a1 y[i-1] - a2 y[i-2], at rest on x[0]."""
    b0, b1, b2, _, a1, a2 = section
    x1 = x2 = x[0]
    y1 = y2 = x[0] * (b0 + b1 + b2) / (1.0 + a1 + a2)
    y = np.empty(len(x))
    for i, x0 in enumerate(x):
        y[i] = b0 * x0 + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        x1, x2, y1, y2 = x0, x1, y[i], y1
    return y
