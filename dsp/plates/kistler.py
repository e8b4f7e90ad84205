"""Kistler's eight channels and the polynomial that corrects their CoP for the bending of the top plate."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CORRECTIONS: Final[dict[str, tuple[float, ...]]] = {
    "9281E11": (
        *(2.51997e-15, -2.18826e-10, -2.69254e-7, -4.85912e-11, 4.55731e-6, -4.18892e-2),
        *(2.8375e-15, -1.00051e-10, -2.05349e-6, -1.16374e-10, 4.71553e-6, 6.89265e-2),
    ),
    "9281E, 9281EA up to serial number 616901": (
        *(1.1604e-14, -8.39091e-10, -1.44293e-6, -2.85927e-10, 2.05575e-5, -0.113525),
        *(1.27251e-14, -3.13238e-10, -3.33888e-6, -6.49641e-10, 1.53937e-5, 0.112624),
    ),
    "9281E, 9281EA from serial number 616902": (
        *(7.92063e-15, -5.821e-10, -2.77102e-6, -1.76083e-10, 1.29695e-5, -0.0413979),
        *(8.82869e-15, -2.48554e-10, -1.76282e-6, -4.22186e-10, 1.2091e-5, 0.0516279),
    ),
    "9287C, 9287CA": (
        *(1.72454e-16, -4.82275e-11, 3.30016e-7, -9.46569e-12, 2.78736e-6, -8.20399e-3),
        *(2.20428e-16, -1.80864e-11, -7.30249e-7, -3.0308e-11, 2.64974e-6, 0.0541166),
    ),
}
"""By model: P1..P6 for x, then for y, in mm (Kistler, force plate formulae)."""


def wrench(channels: Array, a: float, b: float, az0: float) -> Array:
    """Wrench ``(n, 6)`` at the centre of the surface from fx12 fx34 fy14 fy23 fz1 fz2 fz3 fz4 ``(n, 8)``.

    ``a``, ``b`` mm from the centre to the sensors along x and y, ``az0`` mm to the surface, negative (Kistler, force
    plate formulae).
    """
    fx12, fx34, fy14, fy23, fz1, fz2, fz3, fz4 = channels.T
    fx, fy, fz = fx12 + fx34, fy14 + fy23, fz1 + fz2 + fz3 + fz4
    mx = b * (fz1 + fz2 - fz3 - fz4) + fy * az0
    my = a * (-fz1 + fz2 + fz3 - fz4) - fx * az0
    mz = b * (fx34 - fx12) + a * (fy14 - fy23)
    return np.column_stack([fx, fy, fz, mx, my, mz])


def corrected(cop: Array, polynomial: Array) -> Array:
    """CoP ``(n, 2)`` mm less its error; both errors are taken at the uncorrected point, and in mm.

    dx = (P1 y^4 + P2 y^2 + P3) x^3 + (P4 y^4 + P5 y^2 + P6) x, and dy with the roles exchanged (Kistler, force plate
    formulae). Programs that use metres, or the corrected x for dy, differ by some 0.1 mm.
    """
    x, y = cop.T
    px, py = polynomial[:6], polynomial[6:]
    return np.column_stack([x - _error(x, y, px), y - _error(y, x, py)])


def _error(along: Array, across: Array, p: Array) -> Array:
    square = across * across
    cubic = (p[0] * square + p[1]) * square + p[2]
    linear = (p[3] * square + p[4]) * square + p[5]
    error: Array = (cubic * along * along + linear) * along
    return error
