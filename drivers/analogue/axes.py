"""From the axes of a maker to those of the project: x to the subject's right, y forward, z up, ground reaction."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_DIRECTIONS: Final = {
    "right": (1.0, 0.0, 0.0),
    "left": (-1.0, 0.0, 0.0),
    "forward": (0.0, 1.0, 0.0),
    "back": (0.0, -1.0, 0.0),
    "up": (0.0, 0.0, 1.0),
    "down": (0.0, 0.0, -1.0),
}


def rotation(axes: tuple[str, str, str]) -> Array:
    """``(3, 3)``, columns the maker's x, y and z; ValueError where they are no right-handed axes with z vertical."""
    turn = np.array([_DIRECTIONS[way] for way in axes]).T
    if np.abs(turn[2, :2]).any() or np.linalg.det(turn) <= 0.0:
        raise ValueError(
            f"axes {', '.join(axes)} are not right-handed with z up or down; left, forward, down are, and so are"
            " forward, right, down and right, forward, up"
        )
    return turn


def ground_reaction(rows: Array, axes: tuple[str, str, str], sense: str) -> Array:
    """``(6, k)`` rows that give a wrench in the maker's axes, made to give the ground's reaction in the project's."""
    turn = rotation(axes)
    sign = -1.0 if sense == "action" else 1.0
    return sign * np.vstack([turn @ rows[:3], turn @ rows[3:]])


def moved(rows: Array, origin: tuple[float, float, float]) -> Array:
    """Rows whose moments (N mm) are about the point ``origin`` (mm), made to give them about the point it is from."""
    x, y, z = origin
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.vstack([rows[:3], rows[3:] + cross @ rows[:3]])
