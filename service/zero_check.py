"""The zero of a board before a trial and after it: what drifted in between is in the trial."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Calibration


@dataclass(frozen=True, slots=True)
class MeasuredZero:
    """An empty board, measured."""

    at: str
    """RFC 3339."""
    counts: tuple[float, ...]
    noise_n: float
    """Standard deviation of the summed force, newtons."""


@dataclass(frozen=True, slots=True)
class ZeroVerdict:
    """How far the zero went."""

    drift_n: float
    """Change of the vertical force of the empty board, after less before, N."""
    drift_n_per_min: float | None
    """None where no time passed."""
    worst_cell_n: float
    """Largest change of one cell (or of one load of a plate of six loads that is a force), N: these move the CoP."""
    limit_n: float
    passed: bool
    """Neither the sum nor any cell went further than the limit."""
    sentence: str
    """In plain words."""


def judge_zeros(
    info: BoardInfo, calibration: Calibration, before: MeasuredZero, after: MeasuredZero, limit_n: float
) -> ZeroVerdict:
    """Compare two zeros of one board by its calibration."""
    change = calibration.loads(np.array([after.counts]), before.counts)[0]
    forces = change if info.cells else change.reshape(-1, 6)[:, :3].ravel()
    drift = float(forces.sum() if info.cells else change.reshape(-1, 6)[:, 2].sum())
    worst = float(forces[np.argmax(np.abs(forces))])
    minutes = (datetime.fromisoformat(after.at) - datetime.fromisoformat(before.at)).total_seconds() / 60.0
    passed = max(abs(drift), abs(worst)) <= limit_n
    sentence = f"the zero drifted by {drift:+.2f} N, at most {worst:+.2f} N in one cell; {limit_n:g} N are allowed"
    if not passed:
        sentence += ". Was somebody still on the board, or is it warming up? Take the zero and do the trial again"
    return ZeroVerdict(drift, drift / minutes if minutes > 0.0 else None, worst, limit_n, passed, sentence)
