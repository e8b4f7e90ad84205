"""How well a person followed: errors, lag, direction, time in the band. Millimetres and seconds."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
COARSE = 0.02
"""Seconds between the lags that are looked at first; nobody's cursor changes within them."""


@dataclass(frozen=True, slots=True)
class Tracking:
    """Of one pursuit."""

    rms_error: float
    """mm, between cursor and target at the same time."""
    mean_error: float
    """mm."""
    in_band: float
    """Percent of the time within the band."""
    lag: float
    """Seconds that the cursor is behind; negative where it is ahead. NaN where it does not follow."""
    spatial_error: float
    """RMS mm from the cursor to the target's path at the lag: what remains once lateness is forgiven."""
    path_ratio: float
    """Way of the cursor over that of the target; 1 is as far, more is detours."""
    directional_control: float
    """Percent of the cursor's way that goes where the target goes: (along - against) / all."""


def tracking(cursor: Column, target: Column, rate: float, band: float, longest: float = 1.5) -> Tracking:
    """Of ``(n, 2)`` cursor and target at ``rate``; lags up to ``longest`` seconds are looked for.

    The lag is where the mean squared distance of the shifted signals is least (a parabola through the three points
    around it), as in pursuit tracking (Poulton 1974). Raises ValueError where the signals are not alike or too short.
    """
    if cursor.shape != target.shape or cursor.ndim != 2 or cursor.shape[1] != 2:  # noqa: PLR2004 - a plane
        raise ValueError(f"cursor and target are (n, 2) alike, not {cursor.shape} and {target.shape}")
    if len(cursor) < 2 * rate * longest:
        raise ValueError(f"pursuit is measured over {2 * longest:g} s or more, not {len(cursor) / rate:g} s")
    distance = np.hypot(*(cursor - target).T)
    shift, lag = _lag(cursor, target, rate, longest)
    late, early = _aligned(cursor, target, shift)
    way, asked = _way(cursor), _way(target)
    return Tracking(
        rms_error=float(np.sqrt(np.mean(distance**2))),
        mean_error=float(np.mean(distance)),
        in_band=100.0 * float(np.mean(distance <= band)),
        lag=lag,
        spatial_error=float(np.sqrt(np.mean(((late - early) ** 2).sum(axis=1)))),
        path_ratio=way / asked if asked else math.nan,
        directional_control=_control(late, early),
    )


def _lag(cursor: Column, target: Column, rate: float, longest: float) -> tuple[int, float]:
    most = round(longest * rate)
    stride = max(1, round(COARSE * rate))
    rough = min(range(-most, most + 1, stride), key=lambda shift: _cost(cursor, target, shift))
    shifts = range(max(rough - stride, -most), min(rough + stride, most) + 1)
    best = min(shifts, key=lambda shift: _cost(cursor, target, shift))
    follows = float(np.ptp(cursor, axis=0).max()) > 0.0 and float(np.ptp(target, axis=0).max()) > 0.0
    if not follows or abs(best) == most:
        return 0, math.nan
    before, here, after = (_cost(cursor, target, best + step) for step in (-1, 0, 1))
    curvature = before - 2.0 * here + after
    fine = 0.5 * (before - after) / curvature if curvature > 0.0 else 0.0
    return best, float((best + fine) / rate)


def _cost(cursor: Column, target: Column, shift: int) -> float:
    late, early = _aligned(cursor, target, shift)
    return float(np.mean((late - early) ** 2))


def _aligned(cursor: Column, target: Column, shift: int) -> tuple[Column, Column]:
    """Where the cursor was ``shift`` samples after the target was there."""
    n = len(cursor) - abs(shift)
    return (cursor[shift:], target[:n]) if shift >= 0 else (cursor[:n], target[-shift:])


def _way(points: Column) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def _control(cursor: Column, target: Column) -> float:
    """Of the cursor's steps, weighted by their length, what points along the target's own."""
    step, heading = np.diff(cursor, axis=0), np.diff(target, axis=0)
    size = np.hypot(*heading.T)
    moving = size > 0.0
    way = float(np.hypot(*step[moving].T).sum())
    along = float(((step[moving] * heading[moving]).sum(axis=1) / size[moving]).sum())
    return 100.0 * along / way if way > 0.0 else math.nan


@dataclass(frozen=True, slots=True)
class Loading:
    """Of one reach for a force."""

    peak: float
    """N."""
    mean: float
    """N, from the moment that the target stands."""
    rate: float
    """N/s, the steepest rise over 50 ms."""
    in_band: float
    """Percent of the time from that moment within the band."""
    rms_error: float
    """N, to the target, all the way."""


def loading(force: Column, target: Column, rate: float, band: float) -> Loading:
    """Of ``(n,)`` newtons and what was asked for; ``band`` newtons to either side. Raises ValueError below 0.2 s."""
    if force.shape != target.shape or len(force) < 0.2 * rate:
        raise ValueError("a force and its target are of one length, 0.2 s or more")
    standing = target >= target.max()
    step = max(1, round(0.05 * rate))
    return Loading(
        peak=float(force.max()),
        mean=float(force[standing].mean()),
        rate=float((force[step:] - force[:-step]).max() * rate / step),
        in_band=100.0 * float(np.mean(np.abs(force - target)[standing] <= band)),
        rms_error=float(np.sqrt(np.mean((force - target) ** 2))),
    )


def timing_errors(crossings: Column, beats: Column) -> Column:
    """Seconds by which each beat's nearest crossing is late (negative: early); NaN where there is none at all."""
    if len(crossings) == 0:
        return np.full(len(beats), np.nan)
    nearest = crossings[np.abs(crossings[None, :] - beats[:, None]).argmin(axis=1)]
    errors: Column = nearest - beats
    return errors
