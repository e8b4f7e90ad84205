"""Time to boundary: how soon the CoP, going on as it goes, would leave the base of support."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]
Motion = Literal["linear", "quadratic"]


def time_to_boundary(x: Signal, y: Signal, rate: float, base: Signal, motion: Motion = "quadratic") -> Signal:
    """``(n,)`` seconds until a CoP (``x``, ``y``) ``(n,)`` meets the edge of ``base``; infinite where it never does.

    ``base`` ``(k, 2)``: corners of a convex polygon in order, the unit of the CoP. Velocity and acceleration by central
    differences; constant velocity (``linear``: Riccio 1993) or constant acceleration (``quadratic``: Slobounov et al.
    1997). NaN where the CoP is outside the base. Raises ValueError for a polygon that is not convex.
    """
    corners, normals = _inward(base)
    vx, vy = np.gradient(x, 1.0 / rate), np.gradient(y, 1.0 / rate)
    ax, ay = np.gradient(vx, 1.0 / rate), np.gradient(vy, 1.0 / rate)
    distance = normals[:, :1] * (x - corners[:, :1]) + normals[:, 1:] * (y - corners[:, 1:])
    speed = normals[:, :1] * vx + normals[:, 1:] * vy
    pull = normals[:, :1] * ax + normals[:, 1:] * ay if motion == "quadratic" else np.zeros_like(speed)
    times = _first_root(0.5 * pull, speed, distance).min(axis=0)
    return np.where((distance < 0.0).any(axis=0), np.nan, times)


def _inward(base: Signal) -> tuple[Signal, Signal]:
    """Corners, and the unit normals of the edges that begin there, to the inside."""
    edges = np.roll(base, -1, axis=0) - base
    turns = edges[:, 0] * np.roll(edges[:, 1], -1) - edges[:, 1] * np.roll(edges[:, 0], -1)
    if len(base) < 3 or not ((turns > 0.0).all() or (turns < 0.0).all()):  # noqa: PLR2004  # a triangle
        raise ValueError("the base of support is a convex polygon: three or more corners in order, no three in line")
    normals = np.column_stack([-edges[:, 1], edges[:, 0]]) * np.sign(turns[0])
    return base, normals / np.hypot(normals[:, :1], normals[:, 1:])


def _first_root(a: Signal, b: Signal, c: Signal) -> Signal:
    """Smallest t >= 0 of a t² + b t + c = 0 where c >= 0, infinite where there is none; free of cancellation."""
    with np.errstate(divide="ignore", invalid="ignore"):
        q = -0.5 * (b + np.copysign(np.sqrt(b * b - 4.0 * a * c), b))
        roots = np.stack([c / q, q / a])
    first: Signal = np.where(np.isfinite(roots) & (roots >= 0.0), roots, np.inf).min(axis=0)
    return first
