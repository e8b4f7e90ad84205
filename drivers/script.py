"""A person as a list of key frames: steps on, stands, leans, steps off. For tests and demonstrations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell
from otolith.drivers.loads import corner_loads


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the person is at a time: force in N, CoP in mm."""

    t: float
    force: float
    ml: float = 0.0
    ap: float = 0.0


SCRIPTS: Final[dict[str, tuple[Frame, ...]]] = {
    "step-on": (Frame(0.0, 0.0), Frame(2.0, 0.0), Frame(2.5, 700.0, 20.0, -10.0), Frame(3.0, 700.0)),
    "step-off": (
        Frame(0.0, 700.0),
        Frame(4.0, 700.0, 5.0, 5.0),
        Frame(4.3, 350.0, 60.0, 0.0),
        Frame(4.6, 0.0, 60.0, 0.0),
    ),
    "visit": (
        Frame(0.0, 0.0),
        Frame(2.0, 0.0),
        Frame(2.5, 700.0, 20.0, -10.0),
        Frame(3.0, 700.0),
        Frame(13.0, 700.0, 4.0, 8.0),
        Frame(13.5, 0.0, 4.0, 8.0),
    ),
    "lean": (
        Frame(0.0, 700.0),
        Frame(3.0, 700.0, 60.0, 0.0),
        Frame(6.0, 700.0, 0.0, 80.0),
        Frame(9.0, 700.0, -60.0, 0.0),
        Frame(12.0, 700.0, 0.0, -60.0),
        Frame(15.0, 700.0),
    ),
}
"""By name; a script holds its last frame for ever."""


@dataclass(frozen=True, slots=True)
class Script:
    """Key frames played once, linear in the loads between them, on the given cells."""

    frames: Sequence[Frame]
    cells: Sequence[Cell]

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, 4)`` newtons; before the first frame as in it, after the last as in that."""
        force, ml, ap, at = (
            np.array([getattr(frame, name) for frame in self.frames], dtype=np.float64)
            for name in ("force", "ml", "ap", "t")
        )
        corners = corner_loads(force, ml, ap, self.cells)
        return np.column_stack([np.interp(t, at, corner) for corner in corners.T])
