"""Counts to newtons."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Linear:
    """Per-cell straight line: ``load = gain * (count - zero)``, newtons.

    ``zero`` is the count at no load by the calibration; a tare replaces it for as long as the tare is valid.
    """

    gain: tuple[float, ...]
    """N per count, one per cell."""
    zero: tuple[float, ...]
    """Counts, one per cell."""
    source: str
    """Where the numbers come from: ``nominal``, ``factory``, ``file:<sha256>``."""

    def __post_init__(self) -> None:
        if len(self.gain) != len(self.zero) or not self.gain:
            raise ValueError(
                f"a calibration needs one gain and one zero per cell, not {len(self.gain)} and {len(self.zero)}"
            )
        if not np.all(np.isfinite([*self.gain, *self.zero])):
            raise ValueError("a calibration holds finite numbers only")

    def loads(self, counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Newtons ``(n, k)`` of counts ``(n, k)``."""
        newtons: NDArray[np.float64] = (counts - np.asarray(self.zero)) * np.asarray(self.gain)
        return newtons

    def counts(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`loads`: what an ideal converter would say, before rounding."""
        counts: NDArray[np.float64] = loads / np.asarray(self.gain) + np.asarray(self.zero)
        return counts
