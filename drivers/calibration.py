"""Counts to newtons."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@runtime_checkable
class Calibration(Protocol):
    """What every kind of calibration can do: :class:`Linear`, :class:`Piecewise` and :class:`Matrix` are the kinds."""

    @property
    def zero(self) -> tuple[float, ...]:
        """The counts at no load by the calibration, one per cell; a tare replaces them for as long as it is valid."""
        ...

    @property
    def source(self) -> str:
        """Where the numbers come from: ``nominal``, ``factory``, ``file:<sha256>``."""
        ...

    def loads(self, counts: NDArray[np.float64], zero: Sequence[float] | None = None) -> NDArray[np.float64]:
        """Newtons ``(n, k)`` of counts ``(n, k)``, less those of ``zero`` ``(k,)`` where a tare gives one."""
        ...

    def counts(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`loads` by the calibration's own zero: an ideal converter before rounding."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Per-cell straight line: ``load = gain * (count - zero)``, newtons.

    ``zero`` is the count at no load by the calibration; a tare replaces it for as long as the tare is valid.
    """

    gain: tuple[float, ...]
    """N per count, one per cell."""
    zero: tuple[float, ...]
    """Counts, one per cell."""
    source: str
    """Where the numbers come from: ``nominal``, ``factory``, ``file:<sha256>``."""

    def __post_init__(self) -> None:
        if len(self.gain) != len(self.zero) or not self.gain:
            raise ValueError(
                f"a calibration needs one gain and one zero per cell, not {len(self.gain)} and {len(self.zero)}"
            )
        if not np.all(np.isfinite([*self.gain, *self.zero])):
            raise ValueError("a calibration holds finite numbers only")

    def loads(self, counts: NDArray[np.float64], zero: Sequence[float] | None = None) -> NDArray[np.float64]:
        """Newtons ``(n, k)`` of counts ``(n, k)``; ``zero`` of a tare instead of the calibration's own."""
        empty = np.asarray(self.zero if zero is None else zero)
        newtons: NDArray[np.float64] = (counts - empty) * np.asarray(self.gain)
        return newtons

    def counts(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`loads`: what an ideal converter would say, before rounding."""
        counts: NDArray[np.float64] = loads / np.asarray(self.gain) + np.asarray(self.zero)
        return counts


@dataclass(frozen=True, slots=True)
class Piecewise:
    """Per-cell lines between the counts at known loads; the first and the last line go on beyond their points.

    So loads below the first point are negative, and those beyond the last are trusted. Raises ValueError where the
    counts of a cell, or the loads, do not increase.
    """

    newtons: tuple[float, ...]
    """The known loads, none first."""
    points: tuple[tuple[float, ...], ...]
    """Counts at each of the loads, one per cell."""
    source: str
    """As ``Linear.source``."""

    def __post_init__(self) -> None:
        if len(self.points) != len(self.newtons) or len(self.points) < 2 or len({len(row) for row in self.points}) != 1:  # noqa: PLR2004 - a line
            raise ValueError("a calibration by points needs two loads or more, and one count per cell at each of them")
        rises = np.diff(np.array([[load, *row] for load, row in zip(self.newtons, self.points, strict=True)]), axis=0)
        if self.newtons[0] != 0.0 or not (np.isfinite(rises) & (rises > 0.0)).all():
            raise ValueError(
                f"loads must increase from 0, and with them the counts of every cell: {self.points} at {self.newtons} N"
            )

    @property
    def zero(self) -> tuple[float, ...]:
        """The counts at no load."""
        return self.points[0]

    def loads(self, counts: NDArray[np.float64], zero: Sequence[float] | None = None) -> NDArray[np.float64]:
        """Newtons ``(n, k)`` of counts ``(n, k)``; less the load that a tare's ``zero`` was, if there is one."""
        newtons = _along(self._columns(), self._loads(), counts)
        return newtons if zero is None else newtons - _along(self._columns(), self._loads(), np.asarray([zero]))

    def counts(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`loads`: what an ideal converter would say, before rounding."""
        return _along(self._loads(), self._columns(), loads)

    def _columns(self) -> list[NDArray[np.float64]]:
        return [np.asarray(row, dtype=np.float64) for row in self.points]

    def _loads(self) -> list[NDArray[np.float64]]:
        return [np.asarray(load) for load in self.newtons]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Full matrix with crosstalk: ``loads = rows (counts - zero)``; as many loads as rows, newtons and newton mm.

    Raises ValueError where the rows are not of one length, or hold anything but finite numbers.
    """

    rows: tuple[tuple[float, ...], ...]
    """One per load, with one gain per channel: N, or N mm, per count."""
    zero: tuple[float, ...]
    """Counts at no load, one per channel."""
    source: str
    """As ``Linear.source``."""

    def __post_init__(self) -> None:
        if not self.zero or not self.rows or {len(row) for row in self.rows} != {len(self.zero)}:
            raise ValueError(
                f"a calibration matrix needs one row per load, each with one gain per channel ({len(self.zero)} here)"
            )
        if not (np.isfinite(self.rows).all() and np.isfinite(self.zero).all()):
            raise ValueError("a calibration holds finite numbers only")

    def loads(self, counts: NDArray[np.float64], zero: Sequence[float] | None = None) -> NDArray[np.float64]:
        """Loads ``(n, m)`` of counts ``(n, k)``; ``zero`` of a tare instead of the calibration's own."""
        empty = np.asarray(self.zero if zero is None else zero)
        loads: NDArray[np.float64] = (counts - empty) @ np.asarray(self.rows).T
        return loads

    def counts(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """Counts ``(n, k)`` that have these loads; the smallest ones where there are more channels than loads."""
        counts: NDArray[np.float64] = loads @ np.linalg.pinv(np.asarray(self.rows)).T + np.asarray(self.zero)
        return counts


def _along(
    xs: list[NDArray[np.float64]], ys: list[NDArray[np.float64]], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The broken line through (x, y), taken at ``at``."""
    pieces = list(pairwise(zip(xs, ys, strict=True)))
    lines = [y0 + (at - x0) * ((y1 - y0) / (x1 - x0)) for (x0, y0), (x1, y1) in pieces]
    value = lines[0]
    for x, line in zip(xs[1:-1], lines[1:], strict=True):
        value = np.where(at < x, value, line)
    return value
