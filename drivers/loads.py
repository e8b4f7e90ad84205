"""What stands on a simulated board: sources of corner loads, as a function of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell


class LoadSource(Protocol):
    """Newtons per cell at given times; a pure function of time, so that every run is the same."""

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` newtons at ``t`` ``(n,)`` seconds since the source began."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """The same loads for ever: a weight on the board, or nobody (all zeros)."""

    newtons: tuple[float, ...]

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` rows, all alike."""
        return np.tile(np.asarray(self.newtons, dtype=np.float64), (len(t), 1))


def leverage(cells: Sequence[Cell]) -> NDArray[np.float64]:
    """``(3, k)``: times the loads of these cells, their sum and its moments F x and F y (N mm)."""
    return np.array([[1.0 for _ in cells], [cell.x for cell in cells], [cell.y for cell in cells]])


def corner_loads(
    force: NDArray[np.float64], ml: NDArray[np.float64], ap: NDArray[np.float64], cells: Sequence[Cell]
) -> NDArray[np.float64]:
    """``(n, 4)`` newtons that have this vertical force (N) and this CoP (mm), on four cells in a rectangle.

    Three equations leave one freedom in four loads; it is used up by separable weights,
    ``F_i = F/4 (1 + ml/x_i)(1 + ap/y_i)``, which meet force and CoP exactly and are non-negative wherever the CoP
    lies between the cells. Raises ValueError where the cells are not such a rectangle.
    """
    x, y = (np.array([getattr(cell, axis) for cell in cells], dtype=np.float64) for axis in ("x", "y"))
    corners = {(np.sign(a), np.sign(b)) for a, b in zip(x, y, strict=True)}
    if len(cells) != 4 or len(corners) != 4 or np.ptp(abs(x)) or np.ptp(abs(y)) or not (x.all() and y.all()):  # noqa: PLR2004
        raise ValueError("corner loads need four cells at the corners of a rectangle about the centre")
    weights: NDArray[np.float64] = (1.0 + ml[:, None] / x) * (1.0 + ap[:, None] / y)
    return force[:, None] / 4.0 * weights
