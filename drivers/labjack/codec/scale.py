"""Volts of converter codes, and back."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

TOP: Final = 0xFFFF
"""Largest code."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Two straight lines per channel that meet in zero volts at the code ``centre``; volts per code on either side."""

    centre: tuple[float, ...]
    above: tuple[float, ...]
    below: tuple[float, ...]

    def volts(self, codes: NDArray[np.uint16] | NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` volts of ``(n, k)`` codes."""
        away = codes - np.asarray(self.centre)
        volts: NDArray[np.float64] = away * np.where(away < 0.0, self.below, self.above)
        return volts

    def codes(self, volts: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse, before rounding."""
        codes: NDArray[np.float64] = volts / np.where(volts < 0.0, self.below, self.above) + np.asarray(self.centre)
        return codes
