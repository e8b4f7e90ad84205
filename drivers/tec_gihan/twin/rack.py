"""The plates on a simulated controller, and what they say of themselves."""

from dataclasses import dataclass
from typing import Final

from otolith.drivers.calibration import Linear
from otolith.drivers.tec_gihan.codec.numbers import AXES, FULL_SCALE, NOMINAL, RANGES

DEPTH: Final = 0.0425
"""Metres from the surface to the centre of the sensors."""
DRIFT: Final = (12, -7, 35, -4, 9, 2)
"""Counts of an empty plate that has not taken its zero."""
SIGNS: Final = (-1.0, 1.0, 1.0, -1.0, 1.0, 1.0)
"""From the ground's reaction, z up, to forces on the plate, z down: a half turn about x, and about."""


@dataclass(frozen=True, slots=True)
class Rack:
    """Plates in the order of the controller."""

    serials: tuple[int, ...]

    def counts(self, span: str) -> Linear:
        """Counts to newtons and newton mm, as a converter: six channels per plate, with the drift of an old zero."""
        scale = NOMINAL[RANGES.index(span)]
        unit = (1.0, 1.0, 1.0, 1e3, 1e3, 1e3)
        gain = tuple(SIGNS[k] * unit[k] * scale[k] / FULL_SCALE for _ in self.serials for k in range(AXES))
        return Linear(gain, tuple(float(count) for _ in self.serials for count in DRIFT), "nominal")
