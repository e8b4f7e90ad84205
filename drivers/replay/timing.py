"""The sampling rate that a column of times tells, and the samples missing from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError

REGULAR = 0.25
"""Largest distance from the even grid, in sample steps, of times that still count as evenly spaced."""

DRIFT = 0.01
"""Part by which a given rate may be off what the times say."""


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """What the times of ``n`` rows say."""

    rate: float
    missed: NDArray[np.int64]
    """``(n,)`` samples missing immediately before each row."""
    irregular: str | None
    """Why the rows are not evenly spaced, or None."""


def timing(t: NDArray[np.float64], rate: float | None = None) -> Timing:
    """Fit a rate to times (seconds, strictly increasing): steps counted in medians, divided by the whole span.

    A given ``rate`` is taken as it is. A fitted one within the times' own rounding of a whole number is that number.
    """
    steps = np.diff(t)
    if rate is None and len(steps) == 0:
        raise RecordingError("one row tells no rate: give --rate")
    step = 1.0 / rate if rate is not None else float(np.median(steps))
    counted = np.maximum(np.rint(steps / step), 1).astype(np.int64)
    fitted = rate if rate is not None else float(counted.sum() / (t[-1] - t[0]))
    grid = np.concatenate([[0], np.cumsum(counted)])
    missed = np.concatenate([[0], counted - 1])
    strays = np.abs(steps * fitted - counted)
    drift = abs(float(t[-1] - t[0]) * fitted - int(counted.sum()))
    if strays.max(initial=0.0) > REGULAR or drift > 1.0 + DRIFT * len(t):
        low, high = 1e3 * steps.min(), 1e3 * steps.max()
        told = "" if rate is None else f", not {1e3 / rate:.3g} as the given rate says"
        return Timing(fitted, np.zeros_like(missed), f"rows come {low:.3g} to {high:.3g} ms apart{told}")
    return Timing(fitted if rate is not None else _whole(fitted, t, grid), missed, None)


def backwards(t: NDArray[np.float64]) -> int | None:
    """First row whose time does not come after the row before it, or None."""
    late = np.flatnonzero(np.diff(t) <= 0.0)
    return int(late[0]) + 1 if len(late) else None


def _whole(rate: float, t: NDArray[np.float64], grid: NDArray[np.int64]) -> float:
    """The whole number that ``rate`` cannot be told from, given how far the times lie off their grid."""
    span = float(t[-1] - t[0])
    rounding = float(np.ptp(t - t[0] - grid / rate)) + 1e-9 * span
    near = float(round(rate))
    return near if near and abs(near - rate) <= rate * rounding / span else rate
