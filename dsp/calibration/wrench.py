"""A full matrix, counts of all channels to six loads, from known wrenches."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.calibration.fit import Fit, Model, fit
from otolith.dsp.calibration.known import Known
from otolith.dsp.calibration.readings import Readings

Array = NDArray[np.float64]

LOADS: Final = 6
WORST_CONDITION: Final = 1000.0
"""Of the counts with columns of like size: beyond it, channels cannot be told apart."""
_FAINT: Final = 1e-3
"""Of a component's typical size: less of it is none."""
_REMEDY: Final = (
    "pull along x with a cord over a pulley",
    "pull along y with a cord over a pulley",
    "put a weight on the plate",
    "put a weight forward of the middle, and one behind it",
    "put a weight to the right of the middle, and one to the left",
    "pull along x or y beside the middle, so that the plate is twisted",
)
_NAMES: Final = ("Fx", "Fy", "Fz", "Mx", "My", "Mz")


def fit_matrix(readings: Readings, known: Known) -> Fit:
    """Coefficients ``(6 k,)``: the matrix ``(6, k)``, N or N mm per count, row by row.

    Raises ValueError, in words about pushes and places, where the wrenches do not determine it.
    """
    check_wrenches(known.wrench[~readings.empty], readings.net)
    return fit(_model(readings.counts.shape[1]), readings, known)


def check_wrenches(wrench: Array, net: Array | None = None) -> float:
    """The condition number of the wrenches (or of the counts they made). Raises ValueError with what to add."""
    if not len(wrench):
        raise ValueError("no load was measured: put known weights on the plate")
    scale = np.array([1.0, 1.0, 1.0, 100.0, 100.0, 100.0]) * np.abs(wrench[:, :3]).max()
    missing = [i for i, top in enumerate(np.abs(wrench).max(axis=0)) if not top > _FAINT * scale[i]]
    if missing:
        told = "; ".join(f"for {_NAMES[i]}, {_REMEDY[i]}" for i in missing)
        raise ValueError(f"these loads hold no {', '.join(_NAMES[i] for i in missing)}: {told}")
    for what, rows in (("loads", wrench), ("channels", net)):
        condition = 1.0 if rows is None else _condition(rows)
        if not condition < WORST_CONDITION:
            raise ValueError(
                f"the {what} always change together (condition {condition:.0f}, at most {WORST_CONDITION:.0f}):"
                " push and pull at more places and in more directions, one at a time"
            )
    return condition


def _condition(rows: Array) -> float:
    lengths = np.linalg.norm(rows, axis=0)
    if len(rows) < rows.shape[1] or not (lengths > 0.0).all():
        return np.inf
    values = np.linalg.svd(rows / lengths, compute_uv=False)
    return float(values[0] / values[-1]) if values[-1] > 0.0 else np.inf


def _model(channels: int) -> Model:
    def design(net: Array) -> Array:
        found = np.zeros((len(net), LOADS, LOADS, channels))
        for load in range(LOADS):
            found[:, load, load] = net
        return found.reshape(len(net), LOADS, LOADS * channels)

    return Model(design, lambda c: c.reshape(LOADS, channels), tuple(range(LOADS)), (1.0,) * LOADS)
