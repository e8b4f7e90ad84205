"""Gains of vertical cells from known weights at known places.

A weight F at (X, Y) on cells at (x_i, y_i) with counts c_i above zero has, by statics, sum g_i c_i = F,
sum g_i c_i x_i = F X and sum g_i c_i y_i = F Y: three equations for the gains g_i, whatever share of the weight each
cell takes. Leach et al. 2014 (Sensors 14:18244) showed what recalibrating boards one by one gains (CoP errors of
2-6 mm became 0.5-2 mm); Bartlett, Ting and Bingham 2014 (Gait Posture 39:224) analysed their uncertainty with known
weights. The zeros come from the empty plate.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.calibration.fit import Fit, Model, fit
from otolith.dsp.calibration.known import Known
from otolith.dsp.calibration.readings import Readings
from otolith.dsp.plate import Plate

Array = NDArray[np.float64]

WORST_CONDITION: Final = 300.0
"""Of the equations, columns and rows of like size: beyond it, small errors of places become large ones of gains."""
WORST_GAIN: Final = 0.05
"""Largest relative standard uncertainty of a gain that is of any use."""
_INWARD: Final = 0.6
"""Of the way from the middle to a cell: where a weight can stand without tipping the plate."""


def fit_cells(plate: Plate, readings: Readings, known: Known, u_cell: float = 0.0) -> Fit:
    """Gains ``(k,)``, newtons per count, one per cell; ``u_cell`` mm is how well it is known where each cell stands.

    With one or two cells, force alone is used. Raises ValueError, in words about places, where the loads cannot
    determine the gains.
    """
    check_places(plate, readings.net)
    found = fit(_model(plate, u_cell), readings, known)
    relative = found.u / np.abs(found.coefficients)
    if not (relative < WORST_GAIN).all():
        worst = int(np.argmax(np.nan_to_num(relative, nan=np.inf)))
        raise ValueError(
            f"the gain of cell {worst + 1} is known to {100.0 * relative[worst]:.0f} % only: measure longer, and with"
            f" heavier weights; {_near(plate, worst)}"
        )
    return found


def check_places(plate: Plate, net: Array) -> float:
    """The condition number of the places, before or after they were used; ``net`` are counts, or shares of load.

    Raises ValueError, with the place to add, where the gains cannot be told apart.
    """
    arms = _arms(plate)
    size = np.maximum(np.abs(arms).max(axis=1), 1e-12)
    design = (net[:, None, :] * (arms / size[:, None])).reshape(-1, plate.cells)
    if not np.abs(design).max(initial=0.0) > 0.0:
        raise ValueError("no load was measured: put known weights on the plate")
    lengths = np.linalg.norm(design, axis=0)
    if not (lengths > 1e-9 * lengths.max()).all():
        cell = int(np.argmin(lengths))
        raise ValueError(f"cell {cell + 1} was never loaded: {_near(plate, cell)}")
    _, values, directions = np.linalg.svd(design / lengths)
    condition = float(values[0] / values[-1]) if len(values) == plate.cells and values[-1] > 0.0 else np.inf
    if not condition < WORST_CONDITION:
        raise ValueError(
            f"these places do not tell the gains of the cells apart (condition {condition:.0f}, at most"
            f" {WORST_CONDITION:.0f}): {_place_to_add(plate, directions[-1])}"
        )
    return condition


def shares(plate: Plate, x: Array, y: Array) -> Array:
    """``(n, k)``: parts of a weight at (x, y) on each cell, by least squares; statics alone leave them open."""
    at = np.array([np.ones_like(x), x, y])
    found: Array = (np.linalg.pinv(np.array([np.ones(plate.cells), plate.x, plate.y])) @ at).T
    return found


def middling_places(plate: Plate, count: int) -> list[tuple[float, float]]:
    """``count`` (1 to 9) places of an even spread: the middle, near each corner, then between these; mm."""
    x, y = np.array(plate.x), np.array(plate.y)
    cx, cy = (x.max() + x.min()) / 2.0, (y.max() + y.min()) / 2.0
    dx, dy = _INWARD * (x.max() - x.min()) / 2.0, _INWARD * (y.max() - y.min()) / 2.0
    turns = [(0, 0), (-1, 1), (1, 1), (1, -1), (-1, -1), (0, 1), (1, 0), (0, -1), (-1, 0)]
    return [(float(cx + a * dx), float(cy + b * dy)) for a, b in turns[:count]]


def _model(plate: Plate, u_cell: float) -> Model:
    arms = _arms(plate)

    def doubt(net: Array, gains: Array) -> Array:
        found = np.zeros((len(arms) - 1, plate.cells, len(net), len(arms)))
        for axis in range(1, len(arms)):
            found[axis - 1, :, :, axis] = (net * gains).T * u_cell
        return found.reshape(-1, len(net), len(arms))

    components, signs = ((2, 4, 3), (1.0, -1.0, 1.0)) if len(arms) > 1 else ((2,), (1.0,))
    return Model(lambda net: net[:, None, :] * arms, lambda gains: arms * gains, components, signs, doubt)


def _arms(plate: Plate) -> Array:
    """``(q, k)``: 1, x and y of each cell; 1 alone where fewer than three cells carry no moment both ways."""
    rows = np.array([(1.0,) * plate.cells, plate.x, plate.y], dtype=np.float64)
    return rows if plate.cells > 2 else rows[:1]  # noqa: PLR2004 - three points make a plane


def _place_to_add(plate: Plate, weak: Array) -> str:
    places = middling_places(plate, 9)
    split = shares(plate, *np.array(places).T)
    seen = np.linalg.norm((split * weak) @ _arms(plate).T / np.abs(_arms(plate)).max(axis=1), axis=1)
    x, y = places[int(np.argmax(seen))]
    return f"add a weight off the middle, at x {x:.0f}, y {y:.0f} mm"


def _near(plate: Plate, cell: int) -> str:
    (x, y), *_ = middling_places(plate, 1)
    x, y = x + _INWARD * (plate.x[cell] - x), y + _INWARD * (plate.y[cell] - y)
    return f"put a weight near it (x {x:.0f}, y {y:.0f} mm)"
