"""What a board's loads owe to the temperature of its electronics."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from otolith.drivers.calibration import Piecewise

PER_TEN_DEGREES: Final = 0.007
"""Part of a load by which it reads too high when it is ten degrees warmer (WiiBrew; one decompiled title)."""


def warmth(temperature: float, reference: float) -> float:
    """What to multiply a load by: ``1 - 0.007 (T - Tref) / 10``."""
    return 1.0 - PER_TEN_DEGREES * (temperature - reference) / 10.0


@dataclass(frozen=True, slots=True)
class Correction:
    """Counts as they would be at the temperature of the calibration, so that this makes corrected loads of them."""

    calibration: Piecewise
    reference: float
    """Degrees at which the calibration was made."""

    def counts(self, counts: tuple[int, ...], temperature: float) -> tuple[float, ...]:
        """Corrected counts, no longer whole numbers."""
        loads = self.calibration.loads(np.array([counts], dtype=np.float64)) * warmth(temperature, self.reference)
        return tuple(self.calibration.counts(loads)[0].tolist())
