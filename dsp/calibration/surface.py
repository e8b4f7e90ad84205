"""How sure a calibrated plate is of force and CoP, place by place."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.calibration.cells import middling_places, shares
from otolith.dsp.calibration.fit import COVERAGE, Fit
from otolith.dsp.plate import Plate

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """Expanded uncertainties (coverage factor 2) on a grid, for one load."""

    newtons: float
    """The load."""
    x: Array
    """``(nx,)`` mm."""
    y: Array
    """``(ny,)`` mm."""
    force: Array
    """``(ny, nx)`` of the force, N."""
    cop: Array
    """``(ny, nx)`` of the CoP, mm: root sum of squares of both axes."""


def scatter(found: Fit) -> Array:
    """``(q,)`` the plate's own scatter, N and N mm: of the residuals, beyond what the known uncertainties explain."""
    excess = np.mean(found.residuals**2, axis=0) - np.mean(found.expected**2, axis=0)
    left: Array = np.sqrt(np.maximum(excess, 0.0))
    return left


def cells_surface(plate: Plate, found: Fit, newtons: float, u_cell: float = 0.0, points: int = 21) -> Surface:
    """Of a plate of vertical cells, between its outermost ones, for a load of ``newtons``.

    F = sum L_i and p = sum L_i r_i / F with L_i = g_i c_i: dF/dg_i = L_i / g_i, dp/dg_i = L_i (r_i - p) / (g_i F)
    (GUM, JCGM 100:2008, 5.2.2), the plate's own :func:`scatter`, and where its cells stand, dp/dr_i = L_i / F.
    """
    cx, cy = middling_places(plate, 1)[0]
    half_x, half_y = np.ptp(plate.x) / 2.0, np.ptp(plate.y) / 2.0
    x, y = np.linspace(cx - half_x, cx + half_x, points), np.linspace(cy - half_y, cy + half_y, points)
    X, Y = (grid.ravel() for grid in np.meshgrid(x, y))
    split = shares(plate, X, Y)
    per_gain, cells_u = newtons * split / found.coefficients, u_cell * np.linalg.norm(split, axis=1)
    own = scatter(found)
    force = np.hypot(_u(per_gain, found), own[0])
    axes = [
        np.hypot(
            _u(per_gain * (np.asarray(cells) - at[:, None]) / newtons, found), np.hypot(own[row] / newtons, cells_u)
        )
        for row, (cells, at) in enumerate(((plate.x, X), (plate.y, Y)), start=1)
        if len(own) > row
    ]
    cop = np.sqrt(sum((axis**2 for axis in axes), np.zeros_like(X))) if axes else np.full_like(X, np.nan)
    shape = (points, points)
    return Surface(newtons, x, y, COVERAGE * force.reshape(shape), COVERAGE * cop.reshape(shape))


def wrench_surface(found: Fit, width: float, length: float, newtons: float, points: int = 21) -> Surface:
    """Of a plate of six loads, ``width`` by ``length`` mm, under a vertical load: CoP = (-My, Mx) / Fz.

    Counts of a load are those of least squares, as ``drivers.calibration.Matrix`` has them.
    """
    channels = len(found.coefficients) // 6
    matrix, covariance = found.coefficients.reshape(6, channels), found.covariance.reshape(6, channels, 6, channels)
    x, y = np.linspace(-width / 2.0, width / 2.0, points), np.linspace(-length / 2.0, length / 2.0, points)
    X, Y = (grid.ravel() for grid in np.meshgrid(x, y))
    none = np.zeros_like(X)
    loads = newtons * np.column_stack([none, none, none + 1.0, Y, -X, none])
    net = loads @ np.linalg.pinv(matrix).T
    spread = np.einsum("nk,akbl,nl->nab", net, covariance, net) + np.diag(scatter(found) ** 2)
    to_ml = np.column_stack([none, none, -X, none, none - 1.0, none]) / newtons
    to_ap = np.column_stack([none, none, -Y, none + 1.0, none, none]) / newtons
    variances = [np.einsum("na,nab,nb->n", arm, spread, arm) for arm in (to_ml, to_ap)]
    shape = (points, points)
    force = COVERAGE * np.sqrt(spread[:, 2, 2]).reshape(shape)
    return Surface(newtons, x, y, force, COVERAGE * np.sqrt(variances[0] + variances[1]).reshape(shape))


def _u(sensitivity: Array, found: Fit) -> Array:
    """Standard uncertainty of each row's linear combination of coefficients."""
    u: Array = np.sqrt(np.einsum("np,pq,nq->n", sensitivity, found.covariance, sensitivity))
    return u
