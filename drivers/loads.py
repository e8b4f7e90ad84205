"""What stands on a simulated board: sources of corner loads, as a function of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell

Push = tuple[float, float, float]
DOWN: Final[Push] = (0.0, 0.0, -1.0)
"""Unit vector of a weight's force on the board."""


class LoadSource(Protocol):
    """Newtons per cell at given times; a pure function of time, so that every run is the same."""

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` newtons at ``t`` ``(n,)`` seconds since the source began."""
        ...


@runtime_checkable
class Sharing(Protocol):
    """A source that hands on the loads of another one, shared in its own way."""

    @property
    def source(self) -> LoadSource:
        """The other one."""
        ...


@runtime_checkable
class ByHand(Protocol):
    """A source that somebody puts weights on while it runs."""

    def put(self, newtons: float, x: float, y: float, height: float = 0.0, push: Push = DOWN) -> None:
        """So much, there (mm), along ``push``, and nothing else. ValueError where it cannot be pushed so."""
        ...


def by_hand(source: LoadSource) -> ByHand | None:
    """What weights can be put on, behind whatever shares its loads; None where it loads itself."""
    while isinstance(source, Sharing):
        source = source.source
    return source if isinstance(source, ByHand) else None


@dataclass(frozen=True, slots=True)
class Constant:
    """The same loads for ever: a weight on the board, or nobody (all zeros)."""

    newtons: tuple[float, ...]

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` rows, all alike."""
        return np.tile(np.asarray(self.newtons, dtype=np.float64), (len(t), 1))


class Weights:
    """Weights that somebody puts on the board and takes off again, while it runs; nothing at first.

    ``factors`` are what each cell makes of its true load, 1 for a good one: a board whose calibration is wrong. With
    noise that is a function of time, and of nothing else.
    """

    NOISE: Final = 0.2
    """Newtons per cell, standard deviation; a plausible one."""

    def __init__(self, cells: Sequence[Cell], factors: Sequence[float], seed: int = 0) -> None:
        self._cells = cells
        self._factors = np.asarray(factors, dtype=np.float64)
        self._seed = seed
        self._newtons = np.zeros(len(cells))

    def put(self, newtons: float, x: float, y: float, height: float = 0.0, push: Push = DOWN) -> None:
        """So much, there (mm), and nothing else; how high is all the same to vertical cells. ValueError elsewhere."""
        del height
        if push != DOWN:
            raise ValueError("cells measure vertical force alone: every weight pushes down")
        corners = corner_loads(np.array([newtons]), np.array([x]), np.array([y]), self._cells)[0]
        self._newtons = corners * self._factors

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` newtons."""
        rng = np.random.default_rng([self._seed, int(t[0] * 1e6) if len(t) else 0])
        return self._newtons + rng.normal(0.0, self.NOISE, (len(t), len(self._cells)))


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
