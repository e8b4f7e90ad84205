"""Where a BTrackS board's cells stand, and what its numbers weigh."""

from typing import Final

from otolith.drivers.board import Cell, turned
from otolith.drivers.calibration import Linear

SPAN: Final = (400.0, 600.0)
"""mm between cells across and along the handle axis: 40 cm x 60 cm (NipaAnjum/BtrackS-Balance-Board-Python, who
stands facing the handle, so that 40 cm is medio-lateral and 60 cm antero-posterior).

One source only, and it takes the size of the plate for the spacing of the cells. Whoever stands across the board
turns it (``turn=90``), whoever has measured it says so (``cells=380x560``)."""

CORNERS: Final = (("FR", 1, 1), ("BR", 1, -1), ("BL", -1, -1), ("FL", -1, 1))
"""Channels 0 to 3, as seen by a subject who faces the handle."""

NOMINAL_SLOPE: Final = 100.0 * 4.4482216152605 / 1e-3
"""N per V/V of one cell: about 100 lb per mV/V (the same source, which found 99.7 to 102.3 on three cells and 200.7
on the fourth): good for a picture, not for a measurement. A calibration with known weights replaces it."""


def btracks_cells(span: tuple[float, float] = SPAN, turn: int = 0) -> tuple[Cell, ...]:
    """Cells by channel, mm; ``turn`` degrees clockwise (seen from above) from "handle in front", in quarters."""
    across, along = span[0] / 2.0, span[1] / 2.0
    return turned((Cell(name, right * across, front * along) for name, right, front in CORNERS), turn)


def nominal(slope: float, zero: float) -> Linear:
    """The same slope (N per count) and zero (counts) for all four cells."""
    return Linear((slope,) * 4, (zero,) * 4, "nominal")
