"""Standing up again and again, from the vertical force under the feet. Seconds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.rhythm import crossings

Column = NDArray[np.float64]
BORDERS = 0.1, 0.9
"""Of the way from the seated force to that of standing: the phase of rising. Own choice."""
SEATED = 0.8
"""Of the weight: who never has less than this on the feet did not sit."""


@dataclass(frozen=True, slots=True)
class Rises:
    """Of one record; one entry per rise."""

    at: Column
    """When the feet take over half of what the seat bore."""
    rising: Column
    """From a tenth of the way to nine tenths."""
    sitting: Column
    """The same on the way down, one entry per descent."""
    peak: float
    """N, of all of it."""


def rises(force: Column, weight: float, rate: float) -> Rises:
    """Of ``force`` ``(n,)`` N, by somebody of ``weight`` N. Raises ValueError where nobody sits, or nobody rises."""
    seated = float(np.percentile(force, 5))
    if not seated < SEATED * weight:
        raise ValueError("nobody sits: the feet carry the whole weight throughout")
    way = (force - seated) / (weight - seated)
    when, sign = crossings(np.clip(way, 0.0, 1.0), 0.5, rate)
    if not (sign > 0).any():
        raise ValueError("nobody rises: the force never gets half-way to the weight")
    return Rises(
        at=when[sign > 0],
        rising=np.array([_phase(way, at, rate) for at in when[sign > 0]]),
        sitting=np.array([_phase(-way + 1.0, at, rate) for at in when[sign < 0]]),
        peak=float(force.max()),
    )


def _phase(way: Column, middle: float, rate: float) -> float:
    """Seconds around ``middle`` that ``way``, growing, is between the borders."""
    at = int(middle * rate)
    before = np.flatnonzero(way[: at + 1] <= BORDERS[0])
    after = np.flatnonzero(way[at:] >= BORDERS[1])
    return float(at + after[0] - before[-1]) / rate if len(before) and len(after) else float("nan")
