"""A plate that somebody might have built: its cells, its converter, its calibration."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell
from otolith.drivers.calibration import Calibration, Linear, Matrix
from otolith.drivers.loads import LoadSource, leverage
from otolith.drivers.ofp.codec.numbers import VERSION as OFP
from otolith.drivers.ofp.codec.numbers import Capability, Quantity
from otolith.drivers.ofp.codec.records import Cal, Info, Place

BITS: Final = 24
TOP: Final = 2 ** (BITS - 1) - 1
SPAN: Final = (400.0, 500.0)
"""mm between cells, across and along."""
FEWEST, MOST = 3, 10
"""Cells: fewer do not make a plate, more do not fit into a packet."""
COMPONENTS: Final = (Quantity.FX, Quantity.FY, Quantity.FZ, Quantity.MX, Quantity.MY, Quantity.MZ)
CORNERS: Final = (("FR", 1, 1), ("BR", 1, -1), ("BL", -1, -1), ("FL", -1, 1))


@dataclass(frozen=True, slots=True)
class Design:
    """What GET_INFO, GET_CAL and GET_LAYOUT answer."""

    info: Info
    cal: Cal
    places: tuple[Place, ...]

    @property
    def calibration(self) -> Calibration:
        """Values to newtons, and newton mm where the outputs are the six components, in the order of a wrench."""
        if self.places[0].quantity == Quantity.CELL:
            return Linear(tuple(self.cal.matrix[k][k] for k in range(len(self.places))), self.cal.zeros, "factory")
        rows = sorted(zip(self.places, self.cal.matrix, strict=True), key=lambda row: row[0].quantity)
        scale = [1.0, 1.0, 1.0, 1e3, 1e3, 1e3]  # from newton metres
        known = tuple(tuple(k * gain for gain in row) for k, (_, row) in zip(scale, rows, strict=True))
        return Matrix(known, self.cal.zeros, "factory")

    def recalibrated(self, cal: Cal) -> "Design":
        """The same plate after SET_CAL."""
        return replace(self, cal=cal)


def design(serial: int, cells: int = 4, max_rate: int = 4_000_000) -> Design:
    """Four cells stand in the corners, other numbers on a circle; each has its own gain (about 0.25 mN) and zero."""
    stands = ring(cells)
    info = _info(serial, cells, cells, max_rate)
    gains = [float(np.float32(2.5e-4 * (1.0 + 0.01 * k))) for k in range(cells)]
    matrix = tuple(tuple(gain if row == column else 0.0 for column in range(cells)) for row, gain in enumerate(gains))
    zeros = tuple(float(1000 * (k + 1)) for k in range(cells))
    places = tuple(Place(cell.name, Quantity.CELL, cell.x, cell.y) for cell in stands)
    return Design(info, Cal(matrix, zeros, 20260101), places)


def six_components(serial: int, channels: int = 6, max_rate: int = 4_000_000) -> Design:
    """Outputs FX to MZ of six channels or more, each of which feels a little of everything."""
    info = _info(serial, channels, len(COMPONENTS), max_rate)
    crosstalk = np.random.default_rng(channels).normal(0.0, 0.03, (len(COMPONENTS), channels))
    own = np.array([[float(row == column % len(COMPONENTS)) for column in range(channels)] for row in range(6)])
    scale = np.array([1e-4, 1e-4, 2.5e-4, 5e-5, 5e-5, 2.5e-5])[:, None]  # N and N m per count
    matrix = (scale * (own + crosstalk)).astype(np.float32)
    zeros = tuple(float(700 * (k + 1)) for k in range(channels))
    places = tuple(Place(quantity.name, quantity) for quantity in COMPONENTS)
    return Design(info, Cal(tuple(tuple(map(float, row)) for row in matrix), zeros, 20260101), places)


def _info(serial: int, channels: int, outputs: int, max_rate: int) -> Info:
    return Info(
        version=OFP,
        capabilities=Capability.TARE | Capability.SET_CAL | Capability.IDENTIFY | Capability.SIMULATED,
        channels=channels,
        outputs=outputs,
        bits=BITS,
        max_rate=max_rate,
        serial=serial,
        length=SPAN[1] + 50.0,
        width=SPAN[0] + 50.0,
        top=40.0,
        firmware=0x0100,
    )


def ring(cells: int) -> tuple[Cell, ...]:
    """Where the cells stand."""
    across, along = SPAN[0] / 2.0, SPAN[1] / 2.0
    if cells == len(CORNERS):
        return tuple(Cell(name, x * across, y * along) for name, x, y in CORNERS)
    angles = 2.0 * np.pi * np.arange(cells) / cells
    return tuple(
        Cell(f"C{k}", float(np.float32(across * np.sin(a))), float(np.float32(along * np.cos(a))))
        for k, a in enumerate(angles)
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """Loads on four corners, handed on to any number of cells: same force, same CoP, least sum of squares."""

    source: LoadSource
    corners: tuple[Cell, ...]
    cells: tuple[Cell, ...]

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` newtons."""
        wrench = self.source.loads(t) @ leverage(self.corners).T
        loads: NDArray[np.float64] = wrench @ np.linalg.pinv(leverage(self.cells)).T
        return loads
