"""Scores over the conditions of a challenge: ratios, equilibrium, sensory analysis, loading.

Lengths in mm, angles in degrees. Vendors' own norms are theirs; the formulas are published.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

STABILITY_LIMIT = 12.5
"""Degrees of antero-posterior sway that a healthy person can make: 8 forward and 4.5 back (Nashner 1982)."""
COG_HEIGHT = 0.5527
"""Height of the centre of gravity, of stature; unverified."""


def romberg(closed: float, opened: float) -> float:
    """Eyes closed over eyes open, of any figure; NaN where the latter is zero."""
    return closed / opened if opened else math.nan


def sway_angle(cog_ap: Signal, stature: float) -> Signal:
    """``(n,)`` degrees of lean of a centre of gravity ``(n,)`` mm over the ankles; ``stature`` in mm."""
    if not stature > 0.0:
        raise ValueError(f"a stature is a positive number of mm, not {stature}")
    angle: Signal = np.degrees(np.arcsin(np.clip(cog_ap / (COG_HEIGHT * stature), -1.0, 1.0)))
    return angle


def equilibrium_score(angle: Signal, *, fell: bool = False) -> float:
    """0 to 100: how little of 12.5 degrees a person used; 0 on a fall."""
    return 0.0 if fell else 100.0 * max(1.0 - float(np.ptp(angle)) / STABILITY_LIMIT, 0.0)


def sot_composite(scores: Sequence[float]) -> float:
    """Weighted mean of the equilibrium scores of conditions 1 to 6: (C1 + C2 + 3 (C3 + C4 + C5 + C6)) / 14."""
    one, two, *hard = _six(scores)
    return (one + two + 3.0 * sum(hard)) / 14.0


@dataclass(frozen=True, slots=True)
class Sensory:
    """Sensory analysis of conditions 1 to 6."""

    somatosensory: float
    """C2 / C1."""
    visual: float
    """C4 / C1."""
    vestibular: float
    """C5 / C1."""
    preference: float
    """(C3 + C6) / (C2 + C5): reliance on vision that misleads."""


def sensory_analysis(scores: Sequence[float]) -> Sensory:
    """Ratios of the mean equilibrium scores of conditions 1 to 6."""
    c1, c2, c3, c4, c5, c6 = _six(scores)
    return Sensory(romberg(c2, c1), romberg(c4, c1), romberg(c5, c1), romberg(c3 + c6, c2 + c5))


@dataclass(frozen=True, slots=True)
class StabilityIndices:
    """Root mean square tilt of a tilting board about level."""

    overall: float
    antero_posterior: float
    medio_lateral: float


def stability_indices(tilt_ml: Signal, tilt_ap: Signal) -> StabilityIndices:
    """OSI, APSI and MLSI of a board's tilt ``(n,)`` (Arnold and Schmitz 1998): for boards that tilt, no others."""
    ml, ap = float(np.mean(tilt_ml**2)), float(np.mean(tilt_ap**2))
    return StabilityIndices(math.sqrt(ml + ap), math.sqrt(ap), math.sqrt(ml))


def symmetry_index(left: float, right: float) -> float:
    """100 (R - L) / ((R + L) / 2) of two loads: 0 is even, positive is right (Robinson et al. 1987)."""
    return 200.0 * romberg(right - left, right + left)


def weight_distribution_index(shares: Sequence[float]) -> float:
    """Standard deviation (ddof 0) of four cells' shares of weight in percent, 25 each being even."""
    if len(shares) != 4:  # noqa: PLR2004  # toes and heels of two feet
        raise ValueError(f"the weight distribution index takes four shares, not {len(shares)}")
    total = sum(shares)
    return math.sqrt(sum((100.0 * share / total - 25.0) ** 2 for share in shares) / 4.0) if total else math.nan


def _six(scores: Sequence[float]) -> tuple[float, float, float, float, float, float]:
    if len(scores) != 6:  # noqa: PLR2004  # the conditions of the test
        raise ValueError(f"the sensory organisation test has six conditions, not {len(scores)}")
    c1, c2, c3, c4, c5, c6 = scores
    return c1, c2, c3, c4, c5, c6
