"""How fast the path runs between its reversals: the velocity peaks of Quijoux et al. 2021."""

import math
from dataclasses import dataclass

import numpy as np

from otolith.dsp.metrics.metric import COUNT, PLANE, VELOCITY, Metric, on_axes
from otolith.dsp.metrics.position import quijoux
from otolith.dsp.savgol import velocity
from otolith.dsp.trace import Axis, Signal, Trace


def speed(trace: Trace, axis: Axis) -> Signal:
    """Savitzky-Golay velocity of one axis, mm/s."""
    return velocity(trace.signal(axis), trace.rate)


@dataclass(frozen=True, slots=True)
class Peaks:
    """Speeds between successive reversals of one axis."""

    reversals: int
    forward: float
    """Mean of the largest speed in each run of positive velocity, mm/s."""
    backward: float
    every: float


def velocity_peaks(trace: Trace, axis: Axis) -> Peaks:
    """Runs between the reversals; the first and the last, which are not whole, count as reversals only."""
    v = trace.shared(speed, axis)
    moving = np.flatnonzero(v)
    signs = v[moving] > 0.0
    starts = moving[np.flatnonzero(signs[1:] != signs[:-1]) + 1]
    if len(starts) < 2:  # noqa: PLR2004  # two reversals enclose one whole run
        return Peaks(len(starts), math.nan, math.nan, math.nan)
    peaks = np.maximum.reduceat(np.abs(v), starts)[:-1]
    ahead = v[starts[:-1]] > 0.0
    return Peaks(len(starts), _mean(peaks[ahead]), _mean(peaks[~ahead]), float(peaks.mean()))


def _mean(x: Signal) -> float:
    return float(x.mean()) if len(x) else math.nan


_RUNS = "Savitzky-Golay derivative (5 points, cubic); the partial first and last runs are left out"


METRICS: tuple[Metric, ...] = (
    *on_axes(
        PLANE,
        lambda trace, axis: float(trace.shared(velocity_peaks, axis).reversals),
        id="zero_crossing_SPD_@",
        name="Velocity zero crossings, @",
        symbol=r"n_{\dot @=0}",
        dimension=COUNT,
        formula=r"\#\{i:\operatorname{sgn}\dot @_{i}\neq\operatorname{sgn}\dot @_{i-1}\}",
        source=quijoux("zero crossings of velocity"),
        conventions="Savitzky-Golay derivative (5 points, cubic); zeros belong to the run before them",
    ),
    *on_axes(
        PLANE,
        lambda trace, axis: trace.shared(velocity_peaks, axis).forward,
        id="peak_velocity_pos_SPD_@",
        name="Mean peak velocity, positive, @",
        symbol=r"\hat v_@^{+}",
        dimension=VELOCITY,
        formula=r"\operatorname{mean}_{k:\dot @>0}\max_{i\in\mathrm{run}_k}|\dot @_i|",
        source=quijoux("peak velocity"),
        conventions=_RUNS,
    ),
    *on_axes(
        PLANE,
        lambda trace, axis: trace.shared(velocity_peaks, axis).backward,
        id="peak_velocity_neg_SPD_@",
        name="Mean peak velocity, negative, @",
        symbol=r"\hat v_@^{-}",
        dimension=VELOCITY,
        formula=r"\operatorname{mean}_{k:\dot @<0}\max_{i\in\mathrm{run}_k}|\dot @_i|",
        source=quijoux("peak velocity"),
        conventions=_RUNS,
    ),
    *on_axes(
        PLANE,
        lambda trace, axis: trace.shared(velocity_peaks, axis).every,
        id="peak_velocity_all_SPD_@",
        name="Mean peak velocity, @",
        symbol=r"\hat v_@",
        dimension=VELOCITY,
        formula=r"\operatorname{mean}_{k}\max_{i\in\mathrm{run}_k}|\dot @_i|",
        source=quijoux("peak velocity"),
        conventions=_RUNS,
    ),
)
