"""Stabilogram diffusion: how the mean squared displacement grows with the time between two samples."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from otolith.dsp._diffusion import short_lags

Points = NDArray[np.float64]

DIRECT = 32
"""Lags summed as written; beyond, the Fourier transform loses no more than 1e-11 of the value."""


def mean_squared_displacement(x: Points, lags: int) -> Points:
    """``(lags,)`` mean of ``(x[i+m] - x[i])²`` at lags m = 1 ... ``lags``; N log N."""
    n = len(x)
    if not 0 < lags < n:
        raise ValueError(f"{n} samples have lags 1 to {n - 1}, not {lags}")
    out = np.empty(lags)
    head = min(DIRECT, lags)
    short_lags(x, out[:head])
    if lags > head:
        level = x - x.mean()
        transform = np.fft.rfft(level, _smooth(n + lags))
        correlation = np.fft.irfft(transform.real**2 + transform.imag**2, _smooth(n + lags))
        squares = np.concatenate([[0.0], np.cumsum(level * level)])
        m = np.arange(head + 1, lags + 1)
        out[head:] = (squares[n - m] + squares[n] - squares[m] - 2.0 * correlation[m]) / (n - m)
    return out


SHORT_REGION = 0.5
"""Seconds; end of the short-term region of the linear analysis."""
LONG_REGION = (2.0, 10.0)
"""Seconds; the long-term region."""
KNOWN = 3
"""Lags that a region needs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line fitted by least squares."""

    slope: float
    intercept: float


def fit(x: Points, y: Points) -> Line:
    """Least squares through ``(n,)`` points."""
    dx, dy = x - x.mean(), y - y.mean()
    slope = float(np.sum(dx * dy) / np.sum(dx * dx))
    return Line(slope, float(y.mean()) - slope * float(x.mean()))


@dataclass(frozen=True, slots=True)
class Diffusion:
    """Two regions of a diffusion plot and where they meet; mm², seconds, and mm²/s for the linear analysis."""

    short_coefficient: float
    long_coefficient: float
    short_exponent: float
    """Hurst exponent H of <dx²> ~ t^2H."""
    long_exponent: float
    critical_time: float
    critical_displacement: float


def two_regions(displacement: Points, rate: float, earliest: float = 0.3, latest: float = 2.5) -> Diffusion:
    """The log-log analysis of Quijoux et al. 2021 of a displacement ``(lags,)``.

    Both regions end, or begin, where their own line fits best between ``earliest`` and ``latest`` seconds; of equal
    fits the later counts. The critical time is where the lines meet, no later than the last lag. NaN where
    nothing moves.
    """
    first, last = int(earliest * rate) + 1, int(latest * rate)
    if len(displacement) < last + 1:
        raise ValueError(f"diffusion needs lags beyond {latest} s, not {len(displacement)} lags at {rate:g} Hz")
    if not (displacement > 0.0).all():
        return Diffusion(*[float("nan")] * 6)
    t = np.log(np.arange(1, len(displacement) + 1) / rate)
    d = np.log(displacement)
    ends = np.arange(first, last + 1)
    short_end = _best(ends, _residuals(t, d)[ends - 1])
    long_start = _best(ends, _residuals(t[::-1], d[::-1])[::-1][ends - 1]) - 1
    short, long = fit(t[:short_end], d[:short_end]), fit(t[long_start:], d[long_start:])
    meeting = min((long.intercept - short.intercept) / (short.slope - long.slope), float(t[-1]))
    return Diffusion(
        short_coefficient=float(np.exp(short.intercept)),
        long_coefficient=float(np.exp(long.intercept)),
        short_exponent=short.slope / 2.0,
        long_exponent=long.slope / 2.0,
        critical_time=float(np.exp(meeting)),
        critical_displacement=float(np.exp(short.intercept + short.slope * meeting)),
    )


def two_lines(displacement: Points, rate: float) -> Diffusion:
    """The linear analysis of Collins and De Luca 1993: <dr²> = 2 D t in each region, H from the log-log slopes.

    They chose the regions by eye; here they are 0 to 0.5 s and 2 to 10 s (or the last lag), and the critical point is
    where the two straight lines meet.
    """
    lags = np.arange(1, len(displacement) + 1) / rate
    near, far = lags <= SHORT_REGION, (lags >= LONG_REGION[0]) & (lags <= LONG_REGION[1])
    if near.sum() < KNOWN or far.sum() < KNOWN:
        raise ValueError(f"diffusion needs {KNOWN} lags up to {SHORT_REGION} s and beyond {LONG_REGION[0]} s")
    short, long = fit(lags[near], displacement[near]), fit(lags[far], displacement[far])
    meeting = (long.intercept - short.intercept) / (short.slope - long.slope)
    return Diffusion(
        short_coefficient=short.slope / 2.0,
        long_coefficient=long.slope / 2.0,
        short_exponent=fit(np.log(lags[near]), np.log(displacement[near])).slope / 2.0,
        long_exponent=fit(np.log(lags[far]), np.log(displacement[far])).slope / 2.0,
        critical_time=meeting,
        critical_displacement=short.intercept + short.slope * meeting,
    )


def _residuals(x: Points, y: Points) -> Points:
    """``(n,)`` root mean squared residual of the line through the first 1 ... n points, from running sums."""
    x, y = x - x.mean(), y - y.mean()
    n = np.arange(1, len(x) + 1)
    sx, sy = np.cumsum(x), np.cumsum(y)
    sxx = np.cumsum(x * x) - sx * sx / n
    sxy = np.cumsum(x * y) - sx * sy / n
    syy = np.cumsum(y * y) - sy * sy / n
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(np.maximum(syy - sxy * sxy / sxx, 0.0) / n)


def _best(ends: NDArray[np.intp], residuals: Points) -> int:
    return int(ends[np.flatnonzero(residuals == residuals.min())[-1]])


@lru_cache(maxsize=64)
def _smooth(n: int) -> int:
    """The smallest product of 2, 3 and 5 that is not below ``n``: lengths that the Fourier transform likes."""
    best = 1 << (n - 1).bit_length()
    fives = 1
    while fives < best:
        threes = fives
        while threes < best:
            rest = -(-n // threes)
            best = min(best, threes << (rest - 1).bit_length())
            threes *= 3
        fives *= 5
    return best
