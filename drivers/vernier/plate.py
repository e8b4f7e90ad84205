"""What the plates of both kinds have in common, as the rest of the program and their twins see them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell
from otolith.drivers.errors import MonikerError
from otolith.drivers.loads import LoadSource
from otolith.drivers.monikers import Stance

VENDOR: Final = 0x08F7
SET_REPORT: Final = 0x09
"""HID 1.11, 7.2.2; the only way to the device that needs no endpoint of its own."""
FORCE: Final = (Cell("Fz", 0.0, 0.0),)
"""The plate's one output."""
CORNERS: Final = tuple(
    Cell(f"C{k}", x, y) for k, (x, y) in enumerate(((140, 120), (140, -120), (-140, -120), (-140, 120)))
)
"""Where a twin's feet stand: for loads that know a place, which the plate does not tell."""


@dataclass(frozen=True, slots=True)
class Total:
    """All that ``source`` puts on the corners, as one force."""

    source: LoadSource

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, 1)`` newtons."""
        force: NDArray[np.float64] = self.source.loads(t).sum(axis=1, keepdims=True)
        return force


def refuse_places(stance: Stance) -> None:
    """MonikerError where the moniker says how cells stand that there are not."""
    if stance.cells or stance.turn:
        raise MonikerError("a Vernier plate measures one vertical force: leave out cells= and turn=")
