"""Rising from a chair, from the vertical force under the feet. No public source fixes these borders: unverified."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.landing import BAND, settled

Signal = NDArray[np.float64]

SITTING = 0.5
"""Seconds of sitting still at the start."""
ONSET = 0.025
"""Of body weight, by which the force leaves that of sitting."""


@dataclass(frozen=True, slots=True)
class Rise:
    """Moments (seconds) and forces (N) of one rise."""

    onset: float
    """The force leaves that of sitting."""
    seat_off: float
    """The force first carries the whole weight."""
    peak: float
    steepest: float
    """N/s, the largest rise of force before its peak."""
    settling: float
    """Seconds from seat-off until the force stays within 5 % of body weight for a second; NaN where it never does."""


def rise(force: Signal, rate: float, weight: float) -> Rise:
    """Take one rise apart: half a second of sitting with the feet on the plate, standing up, standing.

    ``force`` ``(n,)`` under the feet and body ``weight``, N. Raises ValueError where nobody rises.
    """
    seated = float(force[: max(round(SITTING * rate), 1)].mean())
    if not seated < (1.0 - ONSET) * weight:
        raise ValueError("the recording does not begin with sitting: the feet carry the whole weight")
    whole = np.flatnonzero(force >= weight)
    if len(whole) == 0:
        raise ValueError("nobody rises: the force never reaches body weight")
    off = int(whole[0])
    onset = int(np.flatnonzero(np.abs(force[: off + 1] - seated) > ONSET * weight)[0])
    peak = off + int(np.argmax(force[off:]))
    return Rise(
        onset=onset / rate,
        seat_off=off / rate,
        peak=float(force[peak]),
        steepest=float(np.diff(force[onset : peak + 1]).max()) * rate if peak > onset else float("nan"),
        settling=settled(np.abs(force[off:] - weight) <= BAND * weight, rate),
    )
