"""What the plate said, state by state, and its zero while it said so."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FLOOR = 1e-6
"""Of the span of counts: an uncertainty of no reading is smaller; a converter without noise knows no better."""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Means of ``m`` states of a plate with ``k`` channels, in order of time. Raises ValueError where none is empty."""

    counts: Array
    """``(m, k)`` means."""
    u: Array
    """``(m, k)`` standard uncertainties of the means, counts."""
    t: Array
    """``(m,)`` seconds."""
    empty: NDArray[np.bool_]
    """``(m,)``: nothing stood on the plate."""

    def __post_init__(self) -> None:
        if not self.empty.any():
            raise ValueError("a calibration needs a reading of the empty plate, best one before and one after")
        if not (np.isfinite(self.counts).all() and np.isfinite(self.u).all() and np.isfinite(self.t).all()):
            raise ValueError("readings are finite numbers")

    @property
    def zero(self) -> Array:
        """``(m, k)`` counts of the empty plate at the time of each reading: straight lines between the empty ones."""
        found: Array = self.between @ self.counts[self.empty]
        return found

    @property
    def between(self) -> Array:
        """``(m, e)``: how much of the zero at each reading comes from each of the e readings of the empty plate."""
        at = self.t[self.empty]
        return np.column_stack([np.interp(self.t, at, one) for one in np.eye(len(at))])

    @property
    def net(self) -> Array:
        """``(m - e, k)`` counts of the loaded states above zero."""
        found: Array = (self.counts - self.zero)[~self.empty]
        return found

    @property
    def u_net(self) -> Array:
        """``(m - e, k)`` of the readings themselves; the zero's is common to all and stands apart."""
        spans = np.maximum(np.abs(self.net).max(axis=0), 1e-12) if (~self.empty).any() else np.ones(self.u.shape[1])
        found: Array = np.hypot(self.u[~self.empty], FLOOR * spans)
        return found

    @property
    def u_wander(self) -> Array:
        """``(k,)`` of the zero beyond its noise: as if it had wandered anywhere within the range seen (GUM 4.3.7)."""
        wandered = np.ptp(self.counts[self.empty], axis=0) ** 2 / 12.0
        found: Array = np.sqrt(np.maximum(wandered - np.mean(self.u[self.empty] ** 2, axis=0), 0.0))
        return found
