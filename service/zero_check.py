"""How far the zero of a board went between two measurements of it: that much is in whatever was measured meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration


@dataclass(frozen=True, slots=True)
class Drift:
    """After less before, newtons."""

    force: float
    """Of the vertical force of the empty board."""
    worst: float
    """Largest of one cell, or of one load of a plate of six loads that is a force: such a one moves the CoP."""


def drift_of(info: BoardInfo, calibration: Calibration, before: Sequence[float], after: Sequence[float]) -> Drift:
    """Between two zeros of one board, in counts, by its calibration."""
    change = calibration.loads(np.array([after]), tuple(before))[0]
    forces = change if info.cells else change.reshape(-1, 6)[:, :3].ravel()
    upright = forces if info.cells else change.reshape(-1, 6)[:, 2]
    return Drift(float(upright.sum()), float(forces[np.argmax(np.abs(forces))]))
