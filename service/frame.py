"""What one batch of one board became on its way through the pipeline."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.sway import Sway
from otolith.service.state import Grid


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """``n`` samples of a board with everything computed from them; arrays are read-only by agreement."""

    board: str
    """``BoardInfo.id``."""
    seq: int
    """Number of the first sample, counting lost ones; the next frame's is ``seq + n + missed``."""
    missed: int
    """Samples lost immediately before this frame."""
    t: NDArray[np.int64]
    """``(n,)`` nanoseconds of the station's monotonic clock, strictly increasing: when the samples were taken, as far
    as a regression of the board's clock tells, later by the constant part of the way; see ``service.timing``."""
    t_arrival: NDArray[np.int64]
    """``(n,)`` the same clock when the reports that carried them completed."""
    counts: NDArray[np.float64]
    """``(n, c)`` as the board said them, one column per channel."""
    loads: NDArray[np.float64]
    """``(n, k)`` newtons, calibrated and tared: one per cell, or six per plate (moments in N mm)."""
    force: NDArray[np.float64]
    """``(n,)`` vertical force, newtons."""
    cop: NDArray[np.float64]
    """``(n, 2)`` ML and AP, mm, unfiltered; NaN while unloaded, and always where the board has none (``NO_COP``)."""
    smooth: NDArray[np.float64]
    """``(n, 2)`` the same through the causal filter."""
    flags: NDArray[np.uint32]
    """``(n,)``, see ``drivers.batch.Flag``."""
    sway: Sway | None
    """Figures of the newest window, where they were due with this frame (at most ten times a second)."""
    grid: Grid | None = None
    """What ``sway`` was computed on; None where it is."""
    t_device: NDArray[np.float64] | None = None
    """``(n,)`` seconds of the board's own clock, or None where it has none."""
    parts: NDArray[np.float64] | None = None
    """``(n, p, 3)`` of each plate: vertical force (N), CoP ML and AP (mm, on the whole board); None without plates."""
    sides: NDArray[np.float64] | None = None
    """``(n, 2)`` newtons on the left and on the right half; None where the board cannot tell. From plates, it is what
    each side bears; from the cells of one board, their leverage: see ``dsp.plates.sides``."""

    @property
    def left_percent(self) -> NDArray[np.float64] | None:
        """``(n,)`` of the vertical force; the rest is on the right. NaN where there is no CoP, None as ``sides``."""
        if self.sides is None:
            return None
        known = np.isfinite(self.cop[:, 0])
        percent = np.full(len(self), np.nan)
        np.divide(100.0 * self.sides[:, 0], self.force, out=percent, where=known)
        return percent

    def __len__(self) -> int:
        return len(self.force)
