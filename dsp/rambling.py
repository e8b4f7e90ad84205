"""Rambling and trembling: the path of the set point, and the sway about it (Zatsiorsky and Duarte 1999, 2000)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp import _spline

Signal = NDArray[np.float64]
KNOTS = 4
"""Instants of equilibrium that a spline needs."""


@dataclass(frozen=True, slots=True, eq=False)
class Rambling:
    """One axis taken apart, from the first instant of equilibrium to the last; the unit of the CoP."""

    start: int
    """Sample of the CoP at which both begin."""
    instants: int
    """How often the horizontal force was zero."""
    rambling: Signal
    """``(m,)`` the spline through the positions at those instants."""
    trembling: Signal
    """``(m,)`` what is left."""


def spline(x: Signal, y: Signal, at: Signal) -> Signal:
    """The "not a knot" cubic spline through (``x``, ``y``) ``(n,)``, n >= 4, ``x`` increasing, at ascending places."""
    out = np.empty(len(at))
    _spline.interpolate(x, y, at, np.empty((2, len(x))), out)
    return out


def take_apart(cop: Signal, force: Signal) -> Rambling:
    """Split ``cop`` ``(n,)`` by the horizontal ``force`` ``(n,)`` along the same axis, mean removed.

    Instants of zero force, and the positions there, by linear interpolation. Raises ValueError with fewer than four.
    """
    force = force - force.mean()
    before = np.flatnonzero(force[:-1] * force[1:] < 0.0)
    if len(before) < KNOTS:
        raise ValueError(f"the horizontal force is zero {len(before)} times only: rambling needs {KNOTS}")
    share = force[before] / (force[before] - force[before + 1])
    at = before + share
    positions = cop[before] + share * (cop[before + 1] - cop[before])
    start, stop = int(np.ceil(at[0])), int(at[-1]) + 1
    path = spline(at, positions, np.arange(start, stop, dtype=np.float64))
    return Rambling(start, len(at), path, cop[start:stop] - path)
