"""Cells whose calibration is three points, as the Wii balance board carries it: 0, 17 and 34 kg."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STANDARD_GRAVITY = 9.80665
"""m/s², ISO 80000-3."""
STEP = 17.0
"""kg between the points of the Wii board's calibration (wiibrew.org, register 0xA40024)."""
FULL_SCALE = 65535.0
"""Counts; the board's converter is 16 bits wide, and says 0 or this where a cell is beyond its range."""


@dataclass(frozen=True, slots=True, eq=False)
class ThreePoints:
    """Counts of each of ``k`` cells at 0, 17 and 34 kg. Raises ValueError where they do not increase.

    kg = 17 (r - c0) / (c17 - c0) up to c17, then 17 + 17 (r - c17) / (c34 - c17). The lines go on at both ends: below
    c0 loads are negative, beyond c34 the second line is trusted and the sample marked.
    """

    zero: Array
    middle: Array
    full: Array
    gravity: float = STANDARD_GRAVITY

    def __post_init__(self) -> None:
        points = np.stack([self.zero, self.middle, self.full])
        if not (np.isfinite(points).all() and (np.diff(points, axis=0) > 0).all()):
            raise ValueError(
                f"the counts of each cell must increase from 0 to 17 to 34 kg; they are {points.T.tolist()}"
            )
        if not self.gravity > 0:
            raise ValueError(f"gravity is a positive number of m/s², not {self.gravity}")

    def loads(self, counts: Array) -> Array:
        """Newtons ``(n, k)`` of counts ``(n, k)``; NaN counts give NaN."""
        lower = (counts - self.zero) / (self.middle - self.zero)
        upper = 1.0 + (counts - self.middle) / (self.full - self.middle)
        newtons: Array = np.where(counts < self.middle, lower, upper) * (STEP * self.gravity)
        return newtons

    def counts(self, loads: Array) -> Array:
        """The inverse of :meth:`loads`, before rounding."""
        steps = loads / (STEP * self.gravity)
        lower = self.zero + steps * (self.middle - self.zero)
        upper = self.middle + (steps - 1.0) * (self.full - self.middle)
        counts: Array = np.where(steps < 1.0, lower, upper)
        return counts

    def extrapolated(self, counts: Array) -> NDArray[np.bool_]:
        """Which samples ``(n,)`` have a cell beyond its last point, where nobody measured the line."""
        beyond: NDArray[np.bool_] = np.any(counts > self.full, axis=1)
        return beyond

    def saturated(self, counts: Array) -> NDArray[np.bool_]:
        """Which samples ``(n,)`` have a cell at the end of the converter: their loads and CoP are wrong."""
        at_the_end: NDArray[np.bool_] = np.any((counts <= 0.0) | (counts >= FULL_SCALE), axis=1)
        return at_the_end
