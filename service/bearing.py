"""What a board measures with, as numbers to multiply its loads by: cells and plates look alike from here on."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell, WrenchPlate
from otolith.dsp.plates.levers import FZ, MX, MY, cell_levers, plate_levers
from otolith.dsp.plates.sides import sides_of_cells, sides_of_plates

Array = NDArray[np.float64]
SideSource = Literal["plates", "cells", "none"]
"""Left and right load: measured by a plate each, by the leverage of cells, or not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Bearing:
    """``(n, k)`` loads times :attr:`levers` ``(6, k)`` transposed are the wrench on the whole board, N and N mm."""

    levers: Array
    plates: int
    """How many of them there are; 0 on a board of cells."""
    sides: Array | None
    """``(2, k)``: the left's and the right's share of each load, newtons; None where no side is known."""
    side_source: SideSource

    @property
    def plain(self) -> bool:
        """Whether every load is the vertical force of a cell."""
        return not self.plates

    @property
    def weight(self) -> Array:
        """``(k,)``: of each load in the vertical force."""
        weight: Array = self.levers[FZ]
        return weight

    @property
    def arms(self) -> Array:
        """``(3, k)``: of each load in the vertical force, and in what it divides to be the CoP, x and y in mm."""
        return np.stack([self.levers[FZ], -self.levers[MY], self.levers[MX]])


def bearing(cells: tuple[Cell, ...], plates: tuple[WrenchPlate, ...]) -> Bearing:
    """Of a board with these cells, or these plates."""
    if not plates:
        x, y = (np.array([getattr(cell, axis) for cell in cells], dtype=np.float64) for axis in "xy")
        known = sides_of_cells(x)
        return Bearing(cell_levers(x.tolist(), y.tolist()), 0, known, "none" if known is None else "cells")
    levers = np.hstack([plate_levers(plate.x, plate.y, plate.turn, plate.top) for plate in plates])
    known = sides_of_plates(np.array([plate.x for plate in plates], dtype=np.float64), levers)
    return Bearing(levers, len(plates), known, "none" if known is None else "plates")
