"""The convex hull of a path, its area and its diameter."""

import numpy as np
from numpy.typing import NDArray

from otolith.dsp._hull import chain

Points = NDArray[np.float64]


def hull(x: Points, y: Points) -> Points:
    """``(h, 2)`` corners, counter-clockwise; points inside the octagon of extremes are dropped before sorting."""
    x, y = _outside_octagon(x, y)
    order = np.lexsort((y, x))
    x, y = x[order], y[order]
    corners = np.empty(2 * len(x), dtype=np.intp)
    kept = corners[: chain(x, y, corners)]
    return np.column_stack([x[kept], y[kept]])


def area(corners: Points) -> float:
    """Of a simple polygon ``(h, 2)``, by the shoelace formula about its first corner."""
    x, y = (corners - corners[0]).T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2.0


def diameter(corners: Points) -> float:
    """Largest distance between two corners."""
    dx, dy = (corners[:, None] - corners[None]).T
    return float(np.sqrt((dx * dx + dy * dy).max()))


def _outside_octagon(x: Points, y: Points) -> tuple[Points, Points]:
    """Points not strictly inside the octagon of the eight extreme points (Akl and Toussaint 1978)."""
    compass = (x, x + y, y, y - x, -x, -x - y, -y, x - y)
    extreme = np.array([int(np.argmax(along)) for along in compass])
    keep = np.zeros(len(x), dtype=np.bool_)
    for a, b in zip(extreme, np.roll(extreme, -1), strict=True):
        if a != b:
            keep |= (x[b] - x[a]) * (y - y[a]) - (y[b] - y[a]) * (x - x[a]) <= 0.0
    keep[extreme] = True
    return x[keep], y[keep]
