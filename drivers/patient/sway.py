"""Sway without memory: a sum of sines, so that the place at any moment is a pure function of time and seed."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LINES: Final = 48
BAND: Final = (0.02, 3.0)
"""Hz."""


class Sway:
    """Unit sway of one axis: standard deviation 1, power falling with the square of the frequency above ``corner``.

    The shape is that of quiet standing (Prieto et al. 1996 report most power below 1 Hz); it is no model of a person.
    """

    def __init__(self, seed: int, corner: float = 0.25) -> None:
        draw = np.random.default_rng(seed)
        edges = np.geomspace(*BAND, LINES + 1)
        f = draw.uniform(edges[:-1], edges[1:])
        power = np.diff(edges) / (1.0 + (f / corner) ** 2) ** 2
        self._omega = 2.0 * np.pi * f
        self._size = np.sqrt(2.0 * power / power.sum())
        self._phase = draw.uniform(0.0, 2.0 * np.pi, LINES)

    def at(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n,)`` at ``t`` seconds."""
        place: NDArray[np.float64] = np.sin(np.outer(t, self._omega) + self._phase) @ self._size
        return place
