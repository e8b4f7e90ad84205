"""Where a Wii Balance Board's cells stand."""

from typing import Final

from otolith.drivers.board import Cell

SPAN: Final = (433.0, 238.0)
"""mm between cells, along the long side (left-right) and across it (Leach 2014, Sensors 14:18244; Bartlett 2014)."""
CORNERS: Final = (("TR", 1, 1), ("BR", 1, -1), ("TL", -1, 1), ("BL", -1, -1))
"""In the order of the reports; T is the side away from the front button."""


def wii_cells(span: tuple[float, float] = SPAN, turn: int = 0) -> tuple[Cell, ...]:
    """Cells by column, mm; ``turn`` degrees clockwise (seen from above) from "button behind the heels", in quarters."""
    cells = []
    for name, right, front in CORNERS:
        x, y = right * span[0] / 2.0, front * span[1] / 2.0
        for _ in range((turn // 90) % 4):
            x, y = y, -x
        cells.append(Cell(name, x, y))
    return tuple(cells)
