"""What a kilogram weighs here."""

import math
from dataclasses import dataclass
from typing import Final

STANDARD: Final = 9.80665
"""m/s², ISO 80000-4."""
U_STANDARD: Final = 0.015
"""m/s²: gravity at sea level differs by 0.052 from equator to pole, hence 0.052 / sqrt(12) where nobody said where."""
U_FORMULA: Final = 0.0002
"""m/s²: a generous bound of local anomalies, which no formula of latitude knows."""


@dataclass(frozen=True, slots=True)
class Gravity:
    """Acceleration of free fall, with its standard uncertainty, m/s²."""

    value: float
    u: float
    source: str
    """In words."""


def standard_gravity() -> Gravity:
    """Where the place is not known."""
    return Gravity(STANDARD, U_STANDARD, "standard gravity; the place is not known")


def gravity_at(latitude: float, height: float = 0.0) -> Gravity:
    """By latitude (degrees) and height (m): Somigliana's formula on WGS 84 and its free-air gradient.

    NGA.STND.0036 (2014), 4.1. Raises ValueError beyond the poles, the deepest valley and the highest mountain.
    """
    if not (-90.0 <= latitude <= 90.0 and -500.0 <= height <= 9000.0):  # noqa: PLR2004 - the Earth
        raise ValueError(f"latitude is -90 to 90 degrees and height -500 to 9000 m, not {latitude:g} and {height:g}")
    s = math.sin(math.radians(latitude)) ** 2
    normal = 9.7803253359 * (1.0 + 0.00193185265241 * s) / math.sqrt(1.0 - 0.00669437999013 * s)
    return Gravity(normal - 3.086e-6 * height, U_FORMULA, f"latitude {latitude:g}°, height {height:g} m")


def stated_gravity(value: float) -> Gravity:
    """As the site knows it. Raises ValueError where that is not on Earth."""
    if not 9.76 <= value <= 9.84:  # noqa: PLR2004 - the Earth
        raise ValueError(f"gravity on Earth is 9.76 to 9.84 m/s², not {value:g}")
    return Gravity(value, U_FORMULA, "as stated")
