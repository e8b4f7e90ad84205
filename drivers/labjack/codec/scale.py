"""Volts of converter codes, and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TOP = 0xFFFF
"""Largest code."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Two straight lines per channel, which meet in zero volts at the code ``centre``; volts per code on either side.

    Raises ValueError where the lines do not rise.
    """

    centre: tuple[float, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]

    def __post_init__(self) -> None:
        numbers = np.array([self.centre, self.above, self.below])
        if not (np.isfinite(numbers).all() and (numbers[1:] > 0.0).all()):
            raise ValueError(f"the calibration of a converter cannot be {numbers.tolist()}")

    def volts(self, codes: NDArray[np.uint16]) -> NDArray[np.float64]:
        """``(n, k)`` volts of ``(n, k)`` codes."""
        away = codes - np.asarray(self.centre)
        volts: NDArray[np.float64] = away * np.where(away < 0.0, self.below, self.above)
        return volts

    def codes(self, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse, before rounding."""
        codes: NDArray[np.float64] = volts / np.where(volts < 0.0, self.below, self.above) + np.asarray(self.centre)
        return codes
