"""Which loads of a board are on the left, and which on the right: one row per side, one column per load."""

import numpy as np

from otolith.dsp.plates.levers import FZ, Array


def sides_of_plates(x: Array, levers: Array) -> Array | None:
    """``(2, 6 p)``: what each load adds to the vertical force left and right of the middle; None where none can tell.

    A plate whose centre lies at ``x`` < 0 is the left's. One plate in the middle bears both feet, and plates in line
    on one side of it bear the same ones: no side is known then.
    """
    if not ((x < 0).any() and (x > 0).any() and (x != 0).all()):
        return None
    left = np.repeat(x < 0, levers.shape[1] // len(x))
    sides: Array = np.stack([left, ~left]) * levers[FZ]
    return sides


def sides_of_cells(x: Array) -> Array | None:
    """``(2, k)`` of vertical cells at ``x``; a cell in the middle counts for both by half.

    This is the plate's leverage, not what each foot bears: it is the share of the feet only where they stand over the
    cells (as x of the CoP, seen between the cells, and no more than that).
    """
    if not ((x < 0).any() and (x > 0).any()):
        return None
    left = np.where(x < 0, 1.0, np.where(x > 0, 0.0, 0.5))
    return np.stack([left, 1.0 - left])
