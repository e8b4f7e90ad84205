"""What the plate itself does wrong: hysteresis, non-linearity, drift, lack of repeatability. In N and % of full scale.

Full scale is the heaviest load of the calibration. Definitions after ISO 376:2011 (reversibility, repeatability) and
the GUM; all of indicated total force, by the calibration that was found.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ALIKE = 1e-6
"""Relative: loads that differ by less are the same load."""
POINTS = 3
"""Loads that show whether a line is straight."""


@dataclass(frozen=True, slots=True)
class Quality:
    """NaN where the procedure had nothing to see it by."""

    full_scale: float
    """N."""
    hysteresis: float
    """Largest difference, unloading less loading, of the same load at the same place; N."""
    nonlinearity: float
    """Largest distance of the mean residual at a load from the best straight line through these; N."""
    repeatability: float
    """Pooled standard deviation of the same load at the same place, loaded the same way; N."""
    drift: float
    """Change of the empty plate's force from the first to the last reading of it; N."""
    drift_rate: float
    """The same per minute."""

    def percent(self, newtons: float) -> float:
        """Of full scale."""
        return 100.0 * newtons / self.full_scale


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The loaded states in order of time, and the empty ones between them."""

    force: Array
    """``(m,)`` known, N."""
    residual: Array
    """``(m,)`` indicated less known, N."""
    places: Sequence[str]
    branches: Array
    """``(m,)``: 1 while loading, -1 while unloading."""
    empties: Array
    """``(e,)`` indicated force of the empty plate, by one zero; N."""
    minutes: float
    """From the first empty state to the last."""


def judge(course: Course) -> Quality:
    """All figures of one course."""
    drift = float(course.empties[-1] - course.empties[0]) if len(course.empties) > 1 else math.nan
    groups = _groups(course.force, course.places)
    return Quality(
        full_scale=float(course.force.max()),
        hysteresis=_hysteresis(course.residual, course.branches, groups),
        nonlinearity=_nonlinearity(course.force, course.residual),
        repeatability=_repeatability(course.residual, course.branches, groups),
        drift=drift,
        drift_rate=drift / course.minutes if course.minutes > 0.0 else math.nan,
    )


def _groups(force: Array, places: Sequence[str]) -> list[NDArray[np.intp]]:
    """States of one load at one place."""
    keys = [(place, round(f / (ALIKE * force.max()))) for place, f in zip(places, force, strict=True)]
    return [np.array([i for i, other in enumerate(keys) if other == key]) for key in dict.fromkeys(keys)]


def _hysteresis(residual: Array, branches: Array, groups: list[NDArray[np.intp]]) -> float:
    found = [
        float(residual[group[branches[group] < 0]].mean() - residual[group[branches[group] > 0]].mean())
        for group in groups
        if (branches[group] > 0).any() and (branches[group] < 0).any()
    ]
    return max(found, key=abs, default=math.nan)


def _nonlinearity(force: Array, residual: Array) -> float:
    steps = np.unique(np.round(force / (ALIKE * force.max())))
    if len(steps) < POINTS:
        return math.nan
    at = np.round(force / (ALIKE * force.max()))
    means = np.array([residual[at == step].mean() for step in steps])
    loads = np.array([force[at == step].mean() for step in steps])
    bent = means - np.polyval(np.polyfit(loads, means, 1), loads)
    return float(np.abs(bent).max())


def _repeatability(residual: Array, branches: Array, groups: list[NDArray[np.intp]]) -> float:
    squares, dof = 0.0, 0
    for group in groups:
        for branch in (1, -1):
            alike = residual[group[branches[group] == branch]]
            squares += float(np.sum((alike - alike.mean()) ** 2)) if len(alike) > 1 else 0.0
            dof += max(len(alike) - 1, 0)
    return math.sqrt(squares / dof) if dof else math.nan
