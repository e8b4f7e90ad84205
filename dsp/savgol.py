"""Velocity by Savitzky and Golay 1964: a cubic through five samples."""

import numpy as np
from numpy.typing import NDArray

WINDOW = 5
_V = np.vander(np.arange(WINDOW, dtype=np.float64), 4, increasing=True)
_FIT = np.linalg.pinv(_V)
_START = np.array([[0.0, 1.0, 2.0 * i, 3.0 * i * i] for i in (0, 1)]) @ _FIT
_END = np.array([[0.0, 1.0, 2.0 * i, 3.0 * i * i] for i in (3, 4)]) @ _FIT


def velocity(x: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """``(n,)`` first derivative of ``x`` ``(n,)``, n >= 5, per second; the ends by the cubic of the outermost five.

    Equal to ``scipy.signal.savgol_filter(x, 5, 3, deriv=1, delta=1/rate)``.
    """
    out = np.empty_like(x)
    out[2:-2] = (x[:-4] - x[4:] + 8.0 * (x[3:-1] - x[1:-3])) * (rate / 12.0)
    out[:2] = _START @ x[:WINDOW] * rate
    out[-2:] = _END @ x[-WINDOW:] * rate
    return out
