"""The centre of gravity, estimated from the CoP of somebody who sways like an inverted pendulum."""

import math

import numpy as np
from numpy.typing import NDArray

GRAVITY = 9.8
"""m/s²."""
HEIGHT = 0.56 - 0.039
"""Height of the centre of gravity above the ankles, of stature (McGinnis 2005; Winter 2005)."""
INERTIA = {"ap": 0.0533, "ml": 0.0572}
"""Moment of inertia about the centre of gravity over mass and stature² (Breniere 1996)."""


def centre_of_gravity(cop: NDArray[np.float64], rate: float, stature: float, axis: str = "ap") -> NDArray[np.float64]:
    """``(n,)`` in the unit of ``cop`` ``(n,)``; ``stature`` in metres, longer than a second of samples.

    Filters in the frequency domain by w0² / (w0² + w²), w0² = m g h / I, the ends extended oddly by one second. The
    mass cancels.
    """
    pad = round(rate)
    if len(cop) <= pad or not 0.0 < stature < math.inf:
        raise ValueError(f"the centre of gravity needs more than a second of samples and a stature, not {stature} m")
    h = HEIGHT * stature
    w0 = GRAVITY * h / (INERTIA[axis] * stature**2 + h**2)
    extended = np.concatenate([2.0 * cop[0] - cop[pad:0:-1], cop, 2.0 * cop[-1] - cop[-2 : -pad - 2 : -1]])
    mean = float(extended.mean())
    w = 2.0 * np.pi * np.fft.rfftfreq(len(extended), 1.0 / rate)
    smooth = np.fft.irfft(np.fft.rfft(extended - mean) * (w0 / (w0 + w * w)), len(extended))
    return smooth[pad:-pad] + mean
