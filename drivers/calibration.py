"""Counts to newtons."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
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
        newtons = _newtons(self.newtons, self.points).at(counts)
        return newtons if zero is None else newtons - _load_of(self.newtons, self.points, tuple(zero))

    def counts(self, loads: NDArray[np.float64]) -> NDArray[np.float64]:
        """The inverse of :meth:`loads`: what an ideal converter would say, before rounding."""
        counts: NDArray[np.float64] = _counts(self.newtons, self.points).at(loads)
        return counts


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


class _Broken:
    """A broken line per cell through the points (x, y): ``(p, k)`` or ``(p, 1)`` each."""

    def __init__(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        self._x, self._y = list(x), list(y)
        self._slopes = list(np.diff(y, axis=0) / np.diff(x, axis=0))

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its height ``(n, k)`` at ``x`` ``(n, k)``; the first and the last piece go on for ever."""
        pieces = zip(self._x, self._y, self._slopes, strict=False)  # the last point begins no piece
        lines = [y0 + (x - x0) * slope for x0, y0, slope in pieces]
        height: NDArray[np.float64] = lines[0]
        for bend, line in zip(self._x[1:-1], lines[1:], strict=True):
            height = np.where(x < bend, height, line)
        return height


# Kept, because a stream asks for the same ones with each of its samples.
@lru_cache(maxsize=64)
def _newtons(newtons: tuple[float, ...], points: tuple[tuple[float, ...], ...]) -> _Broken:
    return _Broken(np.array(points, dtype=np.float64), np.array(newtons)[:, None])


@lru_cache(maxsize=64)
def _counts(newtons: tuple[float, ...], points: tuple[tuple[float, ...], ...]) -> _Broken:
    return _Broken(np.array(newtons)[:, None], np.array(points, dtype=np.float64))


@lru_cache(maxsize=64)
def _load_of(
    newtons: tuple[float, ...], points: tuple[tuple[float, ...], ...], zero: tuple[float, ...]
) -> NDArray[np.float64]:
    return _newtons(newtons, points).at(np.array([zero], dtype=np.float64))
