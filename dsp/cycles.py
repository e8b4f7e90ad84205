"""Down and up from the vertical force: how the body moves, and the phases of each cycle. Millimetres and seconds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.rhythm import turns

Column = NDArray[np.float64]
G_MM = 9806.65
"""mm/s²."""
DRIFT = 3
"""Degree of the polynomial that is taken for drift of the twofold integral."""


def displacement(force: Column, weight: float, rate: float) -> Column:
    """``(n,)`` mm that the centre of mass moves, up positive, about its mean: force over ``weight``, integrated twice.

    Newton's second law; what a third-degree polynomial explains is drift and is taken away, so that slow changes are
    lost. Raises ValueError without a weight.
    """
    if not weight > 0.0:
        raise ValueError("the movement of the body needs its weight: somebody has to stand still before the record")
    velocity = np.cumsum(G_MM * (force / weight - 1.0)) / rate
    path = np.cumsum(velocity) / rate
    t = np.linspace(-1.0, 1.0, len(path))
    moved: Column = path - np.polynomial.polynomial.polyval(t, np.polynomial.polynomial.polyfit(t, path, DRIFT))
    return moved


@dataclass(frozen=True, slots=True)
class Cycles:
    """Of a rhythm of down and up; one entry per cycle whose top, bottom and top are all in the record."""

    bottoms: Column
    """Seconds."""
    depth: Column
    """mm, from the top before."""
    descent: Column
    """Seconds."""
    ascent: Column
    """Seconds."""


def cycles(force: Column, weight: float, rate: float, period: float) -> Cycles:
    """A cycle is asked for every ``period``, its bottom in the middle. Raises ValueError where there is none."""
    path = displacement(force, weight, rate)
    count = int(np.floor(2.0 * len(force) / rate / period + 1e-9))
    beats: Column = np.arange(count + 1) * np.float64(period / 2.0)
    down = np.arange(count + 1) % 2 == 1
    when, height = turns(path, rate, beats, np.where(down, -1.0, 1.0), period / 4.0)
    when[0], height[0] = 0.0, path[0]  # begins standing
    at = np.flatnonzero(down[:-1])
    at = at[np.isfinite(when[at - 1]) & np.isfinite(when[at]) & np.isfinite(when[at + 1])]
    if not len(at):
        raise ValueError(f"no whole cycle of {period:g} s is in the record")
    return Cycles(when[at], height[at - 1] - height[at], when[at] - when[at - 1], when[at + 1] - when[at])
