"""Landings: how far from rest the ground reaction is, and when it comes to rest. Forces in N."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

CONTACT = 10.0
"""N of vertical force at which the foot is down."""
WINDOW = 3.0
"""Seconds after contact (Wikstrom et al. 2005)."""
BAND = 0.05
"""Of body weight, within which the vertical force is stable."""
HELD = 1.0
"""Seconds for which it must be."""
SHARE_OF_SD = 0.25
"""Of the standard deviation of a force, within which its running mean is stable (Colby et al. 1999)."""


@dataclass(frozen=True, slots=True)
class DynamicStability:
    """Root mean squared distance of the ground reaction from rest, over body weight."""

    overall: float
    medio_lateral: float
    antero_posterior: float
    vertical: float


def contact(fz: Signal) -> int:
    """First sample of the landing. Raises ValueError where there is none."""
    down = np.flatnonzero(fz >= CONTACT)
    if len(down) == 0:
        raise ValueError(f"nobody lands: the vertical force never reaches {CONTACT:g} N")
    return int(down[0])


def after_contact(fz: Signal, rate: float) -> slice:
    """The three seconds after contact. Raises ValueError where the recording ends earlier."""
    start = contact(fz)
    stop = start + round(WINDOW * rate)
    if stop > len(fz):
        raise ValueError(f"the recording ends less than {WINDOW:g} s after contact")
    return slice(start, stop)


def dynamic_stability(fx: Signal, fy: Signal, fz: Signal, rate: float, weight: float) -> DynamicStability:
    """Of forces ``(n,)`` along ML, AP and upwards, over three seconds from contact (Wikstrom et al. 2005)."""
    part = after_contact(fz, rate)
    ml, ap, up = (float(np.mean(f[part] ** 2)) for f in (fx, fy, fz - weight))
    roots = (math.sqrt(square) / weight for square in (ml + ap + up, ml, ap, up))
    return DynamicStability(*roots)


def vertical_time(fz: Signal, rate: float, weight: float) -> float:
    """Seconds from contact until ``fz`` stays within 5 % of body weight for a second; NaN where it never does."""
    start = contact(fz)
    return settled(np.abs(fz[start:] - weight) <= BAND * weight, rate)


def settled(near: NDArray[np.bool_], rate: float) -> float:
    """Seconds until ``near`` ``(n,)`` stays true for a second; NaN where it never does."""
    held = round(HELD * rate)
    counts = np.concatenate([[0], np.cumsum(near)])
    whole = np.flatnonzero(counts[held:] - counts[:-held] == held)
    return float(whole[0]) / rate if len(whole) else math.nan


def horizontal_time(force: Signal, fz: Signal, rate: float) -> float:
    """Seconds from contact until the running mean of ``force`` stays within 0.25 SD of its mean over three seconds.

    Sequential estimation (Colby et al. 1999).
    """
    part = force[after_contact(fz, rate)]
    running = np.cumsum(part) / np.arange(1, len(part) + 1)
    outside = np.flatnonzero(np.abs(running - part.mean()) > SHARE_OF_SD * part.std())
    return float(outside[-1] + 1) / rate if len(outside) else 0.0
