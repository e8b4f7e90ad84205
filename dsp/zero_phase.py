"""Zero-phase Butterworth low-pass for whole traces: forwards, then backwards, over odd-extended ends.

Two filters go by the name "fourth order, zero lag" and differ: ``dual4`` runs a fourth-order filter twice (order 8 in
all, -6 dB at the cut-off: Quijoux et al. 2021), ``winter4`` runs a second-order one twice with its cut-off raised by
1/0.80224 so that the whole has -3 dB there (Winter 2009, Biomechanics and Motor Control, 4th ed., section 2.2.4.4).
"""

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from otolith.dsp._zero_phase import run

Kind = Literal["dual4", "winter4"]
Coefficients = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]

WINTER = (np.sqrt(2.0) - 1.0) ** 0.25
"""Ratio of the two-pass to the one-pass cut-off of a second-order Butterworth filter."""


def zero_phase(x: NDArray[np.float64], cutoff: float, rate: float, kind: Kind = "dual4") -> NDArray[np.float64]:
    """Low-pass ``x`` ``(n,)`` at ``cutoff`` Hz; equal to scipy's ``butter`` and ``filtfilt`` with their defaults.

    Raises ValueError for a cut-off at or above half the rate, and for fewer samples than the ends need.
    """
    order, corner = (4, cutoff) if kind == "dual4" else (2, cutoff / WINTER)
    if not 0.0 < corner < rate / 2.0:
        raise ValueError(f"a {cutoff:g} Hz {kind} low-pass needs a rate above {2 * corner:.4g} Hz, not {rate:g} Hz")
    pad = 3 * (order + 1)
    if len(x) <= pad:
        raise ValueError(f"a zero-phase filter of order {order} needs more than {pad} samples, not {len(x)}")
    b, a, rest = _design(order, corner / (rate / 2.0))
    extended = np.concatenate([2.0 * x[0] - x[pad:0:-1], x, 2.0 * x[-1] - x[-2 : -pad - 2 : -1]])
    run(b, a, rest, extended)
    return extended[pad:-pad].copy()


@lru_cache(maxsize=64)
def _design(order: int, corner: float) -> Coefficients:
    """Butterworth low-pass by bilinear transform (b, a), and its state at rest on a unit input.

    ``corner`` is a fraction of the Nyquist frequency.
    """
    warped = 4.0 * np.tan(np.pi * corner / 2.0)
    poles = -warped * np.exp(1j * np.pi * np.arange(-order + 1, order, 2) / (2 * order))
    b = _gain(poles, warped) * np.poly(-np.ones(order))
    a = np.poly((4.0 + poles) / (4.0 - poles)).real
    companion = np.eye(order, k=1)
    companion[:, 0] -= a[1:]
    rest = np.linalg.solve(np.eye(order) - companion, b[1:] - a[1:] * b[0])
    return np.ascontiguousarray(b), np.ascontiguousarray(a), rest


def _gain(poles: NDArray[np.complex128], warped: float) -> float:
    return float(warped ** len(poles) * np.real(1.0 / np.prod(4.0 - poles)))
