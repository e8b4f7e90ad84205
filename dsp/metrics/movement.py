"""How the path moves: the dynamic descriptors of Quijoux et al. 2021."""

import math
from dataclasses import dataclass

import numpy as np

from otolith.dsp.density import dwell
from otolith.dsp.metrics.core import mean_distance, path_length, rms
from otolith.dsp.metrics.metric import (
    AREA_RATE,
    COUNT,
    DISTANCE,
    DURATION,
    FREQUENCY,
    PER_LENGTH,
    PLANE,
    PURE,
    VELOCITY,
    Metric,
    Source,
    on_axes,
)
from otolith.dsp.metrics.position import QUIJOUX, confidence_ellipse_area
from otolith.dsp.savgol import velocity
from otolith.dsp.trace import Axis, Signal, Trace
from otolith.dsp.zero_phase import zero_phase

DENSITY_RADIUS = 3.0
"""mm; Baratto et al. 2002, Jacono et al. 2004."""
DENSITY_CUTOFF = 2.5
"""Hz; low-pass of the sway density before its peaks are sought."""


def travel(trace: Trace, axis: Axis) -> float:
    """Sum of the absolute steps along one axis, mm."""
    return float(np.abs(np.diff(trace.signal(axis))).sum())


def mean_velocity(trace: Trace, axis: Axis) -> float:
    """Travel along one axis over T = N / rate, mm/s."""
    return trace.shared(travel, axis) / trace.seconds


def planar_velocity(trace: Trace) -> float:
    """Path over T = N / rate, mm/s."""
    return path_length(trace) / trace.seconds


def sway_area_rate(trace: Trace) -> float:
    """Area of the triangles between origin and successive samples, over T = (N - 1) / rate, mm²/s."""
    x, y = trace.ml, trace.ap
    return float(np.abs(x[1:] * y[:-1] - x[:-1] * y[1:]).sum()) * trace.rate / (2.0 * (len(trace) - 1))


def speed(trace: Trace, axis: Axis) -> Signal:
    """Savitzky-Golay velocity of one axis, mm/s."""
    return velocity(trace.signal(axis), trace.rate)


def phase_plane(trace: Trace, axis: Axis) -> float:
    """Root of summed position and velocity variances; mm and mm/s as if they were one unit."""
    return math.hypot(rms(trace, axis), float(trace.shared(speed, axis).std()))


def length_per_area(trace: Trace) -> float:
    """Path over ellipse area, 1/mm."""
    return path_length(trace) / confidence_ellipse_area(trace)


def fractal_dimension(trace: Trace) -> float:
    """Of the path, with the diameter of a circle as large as the ellipse."""
    n = math.log(len(trace))
    reach = math.sqrt(4.0 * confidence_ellipse_area(trace) / math.pi)
    return n / (n + math.log(reach / path_length(trace))) if reach > 0.0 else math.nan


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


@dataclass(frozen=True, slots=True)
class Stays:
    """Peaks of the sway density."""

    seconds: float
    """Mean height of the peaks."""
    distance: float
    """Mean distance between the positions of successive peaks, mm."""


def sway_density(trace: Trace) -> Signal:
    """``(n-1,)`` seconds for which the path stays within 3 mm of each sample but the last, around it, low-passed."""
    return zero_phase(dwell(trace.ml, trace.ap, DENSITY_RADIUS)[:-1] / trace.rate, DENSITY_CUTOFF, trace.rate)


def stays(trace: Trace) -> Stays:
    """The local maxima of the sway density."""
    density = sway_density(trace)
    inner = density[1:-1]
    at = np.flatnonzero((inner > density[:-2]) & (inner > density[2:])) + 1
    between = np.hypot(np.diff(trace.ml[at]), np.diff(trace.ap[at]))
    return Stays(_mean(density[at]), _mean(between))


def mean_frequency(trace: Trace, axis: Axis) -> float:
    """Mean speed of one axis over that of a sine of its mean distance; T = (N - 1) / rate, Hz."""
    speed = trace.shared(travel, axis) * trace.rate / (len(trace) - 1)
    return speed / (4.0 * math.sqrt(2.0) * mean_distance(trace, axis))


def planar_frequency(trace: Trace) -> float:
    """Mean speed over the circumference of the mean radius; T = (N - 1) / rate, Hz."""
    speed = path_length(trace) * trace.rate / (len(trace) - 1)
    return speed / (2.0 * math.pi * mean_distance(trace, "radius"))


def _mean(x: Signal) -> float:
    return float(x.mean()) if len(x) else math.nan


def _source(where: str) -> Source:
    return Source(QUIJOUX, 2021, where)


_PATH = r"\sum_i\sqrt{\Delta x_i^2+\Delta y_i^2}"
_RUNS = "Savitzky-Golay derivative (5 points, cubic); the partial first and last runs are left out"

METRICS: tuple[Metric, ...] = (
    *on_axes(
        PLANE,
        mean_velocity,
        id="mean_velocity_@",
        name="Mean velocity, @",
        symbol=r"\bar v_@",
        dimension=VELOCITY,
        formula=r"\frac{1}{T}\sum_i|@_{i+1}-@_i|",
        source=_source("mean velocity"),
        conventions="T = N / rate",
    ),
    Metric(
        id="mean_velocity_ML_AND_AP",
        name="Mean velocity, planar",
        symbol=r"\bar v",
        dimension=VELOCITY,
        formula=rf"\frac{{1}}{{T}}{_PATH}",
        source=_source("mean velocity"),
        conventions="T = N / rate",
        function=planar_velocity,
    ),
    Metric(
        id="sway_area_per_second_ML_AND_AP",
        name="Sway area per second",
        symbol=r"\dot A",
        dimension=AREA_RATE,
        formula=r"\frac{1}{2T}\sum_i|x_{i+1}y_i-x_i y_{i+1}|",
        source=_source("sway area per second"),
        conventions="T = (N - 1) / rate; about the origin of the recipe",
        function=sway_area_rate,
    ),
    *on_axes(
        PLANE,
        phase_plane,
        id="phase_plane_parameter_@",
        name="Phase plane parameter, @",
        symbol=r"\sigma_{@\dot @}",
        dimension=DISTANCE,
        formula=r"\sqrt{\sigma_@^2+\sigma_{\dot @}^2}",
        source=_source("phase plane parameter"),
        conventions="ddof 0; velocity by Savitzky-Golay (5 points, cubic), in length units a second",
    ),
    Metric(
        id="LFS_ML_AND_AP",
        name="Length as a function of surface",
        symbol=r"\mathrm{LFS}",
        dimension=PER_LENGTH,
        formula=r"L / A_{\mathrm{CE}}",
        source=_source("length over area"),
        conventions="ellipse with ddof 0",
        function=length_per_area,
    ),
    Metric(
        id="fractal_dimension_ML_AND_AP",
        name="Fractal dimension",
        symbol=r"\mathrm{FD}",
        dimension=PURE,
        formula=r"\frac{\ln N}{\ln N+\ln d-\ln L},\quad d=\sqrt{4A_{\mathrm{CE}}/\pi}",
        source=_source("fractal dimension"),
        conventions="ellipse with ddof 0",
        function=fractal_dimension,
    ),
    *on_axes(
        PLANE,
        lambda trace, axis: float(trace.shared(velocity_peaks, axis).reversals),
        id="zero_crossing_SPD_@",
        name="Velocity zero crossings, @",
        symbol=r"n_{\dot @=0}",
        dimension=COUNT,
        formula=r"\#\{i:\operatorname{sgn}\dot @_{i}\neq\operatorname{sgn}\dot @_{i-1}\}",
        source=_source("zero crossings of velocity"),
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
        source=_source("peak velocity"),
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
        source=_source("peak velocity"),
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
        source=_source("peak velocity"),
        conventions=_RUNS,
    ),
    Metric(
        id="mean_peak_Sway_Density",
        name="Mean peak of the sway density",
        symbol=r"\hat\tau",
        dimension=DURATION,
        formula=r"\operatorname{mean}\{\tau_i:\tau_i>\tau_{i-1},\tau_i>\tau_{i+1}\}",
        source=_source("sway density, after Baratto 2002"),
        conventions="radius 3 mm; dwell before and after each sample but the last; dual4 zero-phase low-pass at 2.5 Hz",
        function=lambda trace: trace.shared(stays).seconds,
    ),
    Metric(
        id="mean_distance_peak_Sway_Density",
        name="Mean distance between sway density peaks",
        symbol=r"\hat d",
        dimension=DISTANCE,
        formula=r"\operatorname{mean}_k\sqrt{(x_{i_{k+1}}-x_{i_k})^2+(y_{i_{k+1}}-y_{i_k})^2}",
        source=_source("sway density, after Baratto 2002"),
        conventions="between the positions of successive peaks; radius 3 mm, low-pass at 2.5 Hz",
        function=lambda trace: trace.shared(stays).distance,
    ),
    *on_axes(
        PLANE,
        mean_frequency,
        id="mean_frequency_@",
        name="Mean frequency, @",
        symbol=r"\mathrm{MFREQ}_@",
        dimension=FREQUENCY,
        formula=r"\frac{\sum_i|\Delta @_i|}{4\sqrt2\,T\,\frac{1}{N}\sum_i|@_i|}",
        source=_source("mean frequency"),
        conventions="T = (N - 1) / rate",
    ),
    Metric(
        id="mean_frequency_ML_AND_AP",
        name="Mean frequency, planar",
        symbol=r"\mathrm{MFREQ}",
        dimension=FREQUENCY,
        formula=rf"\frac{{{_PATH}}}{{2\pi\,T\,\frac{{1}}{{N}}\sum_i r_i}}",
        source=_source("mean frequency"),
        conventions="T = (N - 1) / rate",
        function=planar_frequency,
    ),
)
