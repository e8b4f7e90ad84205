"""Centre of pressure, written as in the books."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def cells(loads: Array, x: Array, y: Array, threshold: float) -> tuple[Array, Array]:
    """Force ``(n,)`` and CoP ``(n, 2)`` of vertical loads ``(n, k)`` at ``x``, ``y``: CoP = sum F_i r_i / sum F_i."""
    force = loads.sum(axis=1)
    moments = loads @ np.column_stack([x, y])
    standing = force >= threshold
    cop = np.full((len(loads), 2), np.nan)
    np.divide(moments, force[:, None], out=cop, where=standing[:, None])
    return force, cop


def wrenches(wrench: Array, offset: Array, threshold: float) -> tuple[Array, Array]:
    """CoP ``(n, 2)`` and free moment ``(n,)`` on the surface at ``offset`` from the sensor (C3D type 2)."""
    force, moment = wrench[:, :3], wrench[:, 3:]
    mx, my, mz = (moment + np.cross(force, offset)).T
    fx, fy, fz = force.T
    standing = np.abs(fz) >= threshold
    cop = np.full((len(wrench), 2), np.nan)
    np.divide(np.column_stack([-my, mx]), fz[:, None], out=cop, where=standing[:, None])
    return cop, mz - cop[:, 0] * fy + cop[:, 1] * fx


def parts(loads: Array, levers: Array, threshold: float) -> Array:
    """``(n, p, 3)`` vertical force and CoP of each of p plates: wrenches ``(n, 6 p)`` moved by ``levers`` ``(6, 6 p)``.

    The wrench of plate i in the board's axes is ``levers_i @ loads_i``; CoP = (-My / Fz, Mx / Fz).
    """
    found = np.empty((len(loads), loads.shape[1] // 6, 3))
    for i in range(found.shape[1]):
        columns = slice(6 * i, 6 * i + 6)
        wrench = loads[:, columns] @ levers[:, columns].T
        found[:, i, 0] = wrench[:, 2]
        found[:, i, 1:], _ = wrenches(wrench, np.zeros(3), threshold)
        found[wrench[:, 2] < threshold, i, 1:] = np.nan
    return found
