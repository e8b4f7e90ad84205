"""Going to targets that nobody foresaw: when the movement begins, when it arrives. Millimetres and seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
MOVED = 0.1
"""Of the way to the target, from which the movement has begun: sway stays below it. Own choice."""
SOON = 0.5
"""Of the time there is: whoever arrives before has full marks. Own choice."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """A target."""

    at: float
    """Seconds."""
    until: float
    """When the next appears, or the record was to end."""
    ml: float
    ap: float


@dataclass(frozen=True, slots=True)
class Reactions:
    """One entry per target; NaN where it was not so."""

    begun: Column
    """Seconds from the appearance until the movement towards it begins."""
    reached: Column
    """Seconds from the appearance until it is within the band."""
    left: Column
    """Seconds that there were."""

    @property
    def score(self) -> float:
        """Percent: full marks for each target that is reached in half of its time, falling to none at all of it."""
        marks = np.clip((1.0 - self.reached / self.left) / (1.0 - SOON), 0.0, 1.0)
        return 100.0 * float(np.nan_to_num(marks).mean())


def reactions(place: Column, rate: float, targets: Sequence[Appearance], band: float) -> Reactions:
    """Of the CoP ``(n, 2)`` from the beginning of the record. Raises ValueError without targets."""
    if not targets:
        raise ValueError("no target appeared")
    found = np.array([_one(place, rate, target, band) for target in targets])
    return Reactions(found[:, 0], found[:, 1], np.array([target.until - target.at for target in targets]))


def _one(place: Column, rate: float, target: Appearance, band: float) -> tuple[float, float]:
    first, end = round(target.at * rate), round(target.until * rate)
    way = place[first:end]
    if not len(way):
        return np.nan, np.nan
    goal = np.array([target.ml, target.ap])
    aim = goal - way[0]
    far = float(np.hypot(*aim))
    begun = np.flatnonzero((way - way[0]) @ aim > MOVED * far**2)
    arrived = np.flatnonzero(np.hypot(*(way - goal).T) <= band)
    return _first(begun, rate), _first(arrived, rate)


def _first(at: NDArray[np.intp], rate: float) -> float:
    return int(at[0]) / rate if len(at) else np.nan
