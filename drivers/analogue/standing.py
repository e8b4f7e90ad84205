"""A simulated person on analogue plates: the corner loads of any source as the loads that the plates measure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.analogue.pulled import pulled
from otolith.drivers.analogue.wiring import Wiring
from otolith.drivers.board import Cell, WrenchPlate
from otolith.drivers.errors import MonikerError
from otolith.drivers.loading import load_source
from otolith.drivers.loads import LoadSource, leverage

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """The loads of ``source``, shared among plates or cells so that force and CoP stay what they are."""

    source: LoadSource
    share: Array
    """``(m, 4)``: loads per corner load."""

    def loads(self, t: Array) -> Array:
        """``(n, m)``: six loads per plate, N and N mm, or newtons per cell."""
        loads: Array = self.source.loads(t) @ self.share.T
        return loads


def standing(load: str, wiring: Wiring) -> LoadSource:
    """What ``load`` (see ``load_source``) puts on the plates of a DAQ. Nobody pushes sideways. Raises MonikerError."""
    return standing_on(load, wiring.cells, wiring.plates)


def standing_on(load: str, cells: Sequence[Cell], plates: Sequence[WrenchPlate]) -> LoadSource:
    """The same on cells, or on plates where there are no cells, wherever they came from.

    One plate with ``weights:`` on it can be pulled sideways too, as its calibration needs.
    """
    kind, _, what = load.partition(":")
    if kind == "weights" and len(plates) == 1:
        try:
            return pulled(what)
        except ValueError as error:
            raise MonikerError(f"load {load!r}: {error}") from error
    feet = list(cells) or [foot for plate in plates for foot in _feet(plate)]
    corners = _around(feet)
    share = _shares(feet, corners)
    if plates:
        share = np.vstack([_wrenches(feet[i : i + 4], plate) @ share[i : i + 4] for i, plate in _by_four(plates)])
    return Standing(load_source(load, corners), share)


def _by_four(plates: Sequence[WrenchPlate]) -> list[tuple[int, WrenchPlate]]:
    return [(4 * index, plate) for index, plate in enumerate(plates)]


def _feet(plate: WrenchPlate) -> list[Cell]:
    """The corners of its surface, on the board."""
    return [_on_board(plate, sx * plate.width / 2.0, sy * plate.length / 2.0) for sx in (1, -1) for sy in (1, -1)]


def _on_board(plate: WrenchPlate, x: float, y: float) -> Cell:
    cos, sin = np.cos(np.deg2rad(plate.turn)), np.sin(np.deg2rad(plate.turn))
    return Cell(plate.name, float(plate.x + x * cos + y * sin), float(plate.y - x * sin + y * cos))


def _around(feet: Sequence[Cell]) -> list[Cell]:
    """The smallest rectangle about the board's centre that holds them all, 100 mm wide at least."""
    across, along = (max(50.0, *(abs(getattr(foot, axis)) for foot in feet)) for axis in "xy")
    return [Cell(f"{sx}{sy}", sx * across, sy * along) for sx in (1, -1) for sy in (1, -1)]


def _shares(feet: Sequence[Cell], corners: Sequence[Cell]) -> Array:
    """``(k, 4)``: same force and moments, least sum of squares; the same force alone where feet stand in a line."""
    arms = leverage(feet)
    if np.linalg.matrix_rank(arms) < len(arms):
        return np.full((len(feet), len(corners)), 1.0 / len(feet))
    share: Array = np.linalg.pinv(arms) @ leverage(corners)
    return share


def _wrenches(feet: Sequence[Cell], plate: WrenchPlate) -> Array:
    """``(6, 4)``: vertical forces at these feet as the plate's wrench: Fz, Mx = y Fz, My = -x Fz."""
    own = np.array([[foot.x - plate.x, foot.y - plate.y] for foot in feet])
    cos, sin = np.cos(np.deg2rad(plate.turn)), np.sin(np.deg2rad(plate.turn))
    x, y = own @ [cos, -sin], own @ [sin, cos]
    nothing = np.zeros(len(feet))
    return np.array([nothing, nothing, np.ones(len(feet)), y, -x, nothing])
