"""How each load of a board adds to its wrench: one row per component, one column per load."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FX, FY, FZ, MX, MY, MZ = range(6)
"""Rows of a lever matrix, and columns of a wrench: N, and N mm about the centre of the board's surface."""


def cell_levers(x: Sequence[float], y: Sequence[float]) -> Array:
    """``(6, k)`` of vertical cells at ``x``, ``y`` mm; horizontal force and Mz they do not feel: zeros."""
    levers = np.zeros((6, len(x)))
    levers[FZ] = 1.0
    levers[MX] = y
    levers[MY] = np.negative(x)
    return levers


def plate_levers(x: float, y: float, turn: float, top: float) -> Array:
    """``(6, 6)`` of a plate's wrench: moved up by ``top`` mm, turned ``turn`` degrees clockwise, moved to ``x``, ``y``.

    Axes: x right, y forward, z up. Moving the point of reference by r takes M to M - r x F (statics of rigid bodies).
    """
    shear, around = np.array([[0.0, 1.0], [-1.0, 0.0]]), _clockwise(turn)
    levers = np.eye(6)
    levers[MX : MY + 1, FX : FY + 1] = top * shear  # M' = M + F x (0, 0, top)
    turned = np.eye(6)
    turned[FX : FY + 1, FX : FY + 1] = turned[MX : MY + 1, MX : MY + 1] = around
    moved = np.eye(6)
    moved[MX, FZ], moved[MY, FZ] = y, -x  # M' = M + (x, y, 0) x F
    moved[MZ, FX], moved[MZ, FY] = -y, x
    whole: Array = moved @ turned @ levers
    return whole


def _clockwise(degrees: float) -> Array:
    """Components in the board's axes of a vector given in axes that are turned clockwise, seen from above."""
    quarter, rest = divmod(degrees, 90.0)
    if not rest:  # exactly, where it can be
        cos, sin = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[int(quarter) % 4]
    else:
        angle = np.deg2rad(degrees)
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
    return np.array([[cos, sin], [-sin, cos]])
