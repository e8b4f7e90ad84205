"""Limits of stability and rhythmic weight shifts: how a person leans to a target. Degrees of lean.

The borders of the phases are the manufacturers' and not public; those here are named and unverified.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

STARTED = 0.05
"""Of the maximum excursion, from which the movement has begun."""
STOPPED = 0.1
"""Seconds without progress that end the first movement."""
BORDERS = 0.05, 0.95
"""Of the endpoint excursion, between which the movement velocity is measured."""


@dataclass(frozen=True, slots=True)
class Excursion:
    """One lean to one target. Degrees and seconds."""

    reaction_time: float
    """From the cue to the start of the movement."""
    velocity: float
    """Mean between 5 % and 95 % of the endpoint excursion, degrees a second."""
    endpoint: float
    """Where the first movement ends."""
    maximum: float
    directional_control: float
    """Percent of the first movement that goes to the target and not aside."""


def along_and_across(ml: Signal, ap: Signal, bearing: float) -> tuple[Signal, Signal]:
    """Lean towards a target and aside; its ``bearing`` in degrees, 0 forward and 90 to the right."""
    s, c = math.sin(math.radians(bearing)), math.cos(math.radians(bearing))
    return ml * s + ap * c, ml * c - ap * s


def excursion(along: Signal, across: Signal, rate: float) -> Excursion:
    """Of leans ``(n,)`` from the cue on. Raises ValueError where nobody moves towards the target."""
    along, across = along - along[0], across - across[0]
    maximum = float(along.max())
    if not maximum > 0.0:
        raise ValueError("nobody leans towards the target")
    start = int(np.argmax(along > STARTED * maximum))
    stop = _first_stop(along, start, max(round(STOPPED * rate), 1))
    endpoint = float(along[stop])
    low, high = (int(np.argmax(along >= share * endpoint)) for share in BORDERS)
    speed = float(along[high] - along[low]) * rate / (high - low) if high > low else math.nan
    towards = endpoint - float(along[start])
    return Excursion(start / rate, speed, endpoint, maximum, control(towards, _travel(across[start : stop + 1])))


def control(towards: float, aside: float) -> float:
    """Directional control: percent of the movement to the target that is not made up for by movement aside."""
    return 100.0 * (towards - aside) / towards if towards > 0.0 else math.nan


@dataclass(frozen=True, slots=True)
class WeightShift:
    """A rhythmic shift between two sides."""

    velocity: float
    """Mean speed along the axis, degrees a second."""
    directional_control: float
    """Percent."""


def weight_shift(along: Signal, across: Signal, rate: float) -> WeightShift:
    """Of leans ``(n,)`` along the paced axis and across it."""
    moved = _travel(along)
    return WeightShift(moved * rate / (len(along) - 1), control(moved, _travel(across)))


def _first_stop(along: Signal, start: int, pause: int) -> int:
    """Where the furthest point so far is not passed for ``pause`` samples; the furthest of all where it always is."""
    furthest = start
    for i in range(start + 1, len(along)):
        if along[i] > along[furthest]:
            furthest = i
        elif i - furthest >= pause:
            break
    return furthest


def _travel(x: Signal) -> float:
    return float(np.abs(np.diff(x)).sum())
