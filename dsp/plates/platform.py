"""What a C3D file says of one force platform (c3d.org user guide, FORCE_PLATFORM group)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CHANNELS: Final = {1: 6, 2: 6, 3: 8, 4: 6, 5: 8, 7: 8}
"""Analogue channels of each type that can be read."""
CALIBRATIONS: Final = {4: (6, 6), 5: (6, 8), 7: (8, 8)}
"""Shape of the matrix of the types that have one."""
UNREADABLE: Final = {
    6: "twelve channels with a 12 x 12 matrix",
    11: "Kistler split-belt treadmill",
    12: "Kistler Gaitway treadmill",
    21: "AMTI stairs",
}
POLYNOMIAL: Final = 12
"""Coefficients of FPCOPPOLY: P1..P6 for x, then P1..P6 for y."""


@dataclass(frozen=True, slots=True, eq=False)
class ForcePlatform:
    """One platform; lengths in mm. Raises ValueError for a type that cannot be read, or parts that do not fit it."""

    type: int
    corners: Array
    """``(4, 3)`` in the lab, in the order +x+y, -x+y, -x-y, +x-y of the platform's own axes."""
    origin: Array
    """``(3,)`` ORIGIN as the file has it; a positive z is taken as the opposite vector, see :attr:`offset`."""
    calibration: Array | None = None
    """CAL_MATRIX with calibrated = matrix @ channels: the file's numbers by columns, ``reshape(..., order="F")``."""
    polynomial: Array | None = None
    """``(12,)`` Kistler's correction of the CoP (types 3 and 7), for mm; see :mod:`otolith.dsp.plates.kistler`."""

    def __post_init__(self) -> None:
        if self.type in UNREADABLE:
            raise ValueError(f"force platforms of type {self.type} ({UNREADABLE[self.type]}) cannot be read")
        if self.type not in CHANNELS:
            raise ValueError(f"there is no force platform of type {self.type}; known are {sorted(CHANNELS)}")
        _require("CORNERS", self.corners, (4, 3))
        _require("ORIGIN", self.origin, (3,))
        if self.type in CALIBRATIONS:
            _require("CAL_MATRIX", self.calibration, CALIBRATIONS[self.type])
        if self.polynomial is not None:
            _require("FPCOPPOLY", self.polynomial, (POLYNOMIAL,))

    @property
    def channels(self) -> int:
        """How many analogue channels it has."""
        return CHANNELS[self.type]

    @property
    def offset(self) -> Array:
        """From the sensor's origin to the centre of the surface in the platform's axes, z pointing down, so z <= 0.

        Files that measure it the other way round have a positive z: the whole vector is turned about.
        """
        return -self.origin if self.origin[2] > 0 else self.origin


def _require(name: str, values: Array | None, shape: tuple[int, ...]) -> None:
    if values is None or values.shape != shape or not np.isfinite(values).all():
        found = "nothing" if values is None else f"{values.shape}"
        raise ValueError(f"this force platform needs a finite {name} of the shape {shape}, not {found}")
