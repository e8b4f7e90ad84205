"""A plate of six loads on which a simulated hand puts weights, or from which it hangs them by a cord over a pulley."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.loads import DOWN, Push

LOADS: Final = 6


class Pulled:
    """Loads Fx Fy Fz (N), Mx My Mz (N mm) of one plate, the ground's reaction, about its moments' reference point.

    Nothing at first. ``factors`` are what the plate makes of each true load, 1 for a good one. With noise that is a
    function of time, and of nothing else.
    """

    NOISE: Final = (0.2, 0.2, 0.2, 20.0, 20.0, 20.0)
    """Standard deviation, N and N mm; a plausible one."""

    def __init__(self, factors: Sequence[float] = (1.0,) * LOADS, seed: int = 0) -> None:
        self._factors = np.asarray(factors, dtype=np.float64)
        self._seed = seed
        self._wrench = np.zeros(LOADS)

    def put(self, newtons: float, x: float, y: float, height: float = 0.0, push: Push = DOWN) -> None:
        """A force along the unit vector ``push``, ``height`` mm above the reference, and nothing else.

        ``x`` and ``y`` in mm from the plate's own centre, along its own axes.
        """
        force = -newtons * np.asarray(push)
        self._wrench = np.hstack([force, np.cross((x, y, height), force)]) * self._factors

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, 6)``."""
        rng = np.random.default_rng([self._seed, int(t[0] * 1e6) if len(t) else 0])
        return self._wrench + rng.normal(0.0, self.NOISE, (len(t), LOADS))


def pulled(what: str) -> Pulled:
    """By the name of the load after ``weights:``; ValueError."""
    if what == "true":
        return Pulled()
    try:
        factors = [float(part) for part in what.split(",")]
    except ValueError:
        factors = []
    if len(factors) != LOADS or not all(0.1 <= factor <= 10.0 for factor in factors):  # noqa: PLR2004 - plausible
        raise ValueError("on a plate of six loads, weights:true, or weights: with six factors from 0.1 to 10")
    return Pulled(factors)
