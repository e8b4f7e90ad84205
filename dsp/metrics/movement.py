"""How the path moves: the dynamic descriptors of Quijoux et al. 2021."""

import math

import numpy as np

from otolith.dsp.metrics import doubt, peaks, stays
from otolith.dsp.metrics.core import mean_distance, path_length, rms
from otolith.dsp.metrics.metric import (
    AREA_RATE,
    DISTANCE,
    FREQUENCY,
    PER_LENGTH,
    PLANE,
    PURE,
    VELOCITY,
    Metric,
    on_axes,
)
from otolith.dsp.metrics.peaks import speed
from otolith.dsp.metrics.position import confidence_ellipse_area, quijoux
from otolith.dsp.trace import Axis, Trace


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


def mean_frequency(trace: Trace, axis: Axis) -> float:
    """Mean speed of one axis over that of a sine of its mean distance; T = (N - 1) / rate, Hz."""
    speed = trace.shared(travel, axis) * trace.rate / (len(trace) - 1)
    return speed / (4.0 * math.sqrt(2.0) * mean_distance(trace, axis))


def planar_frequency(trace: Trace) -> float:
    """Mean speed over the circumference of the mean radius; T = (N - 1) / rate, Hz."""
    speed = path_length(trace) * trace.rate / (len(trace) - 1)
    return speed / (2.0 * math.pi * mean_distance(trace, "radius"))


_PATH = r"\sum_i\sqrt{\Delta x_i^2+\Delta y_i^2}"
METRICS: tuple[Metric, ...] = (
    *on_axes(
        PLANE,
        mean_velocity,
        id="mean_velocity_@",
        name="Mean velocity, @",
        symbol=r"\bar v_@",
        dimension=VELOCITY,
        formula=r"\frac{1}{T}\sum_i|@_{i+1}-@_i|",
        source=quijoux("mean velocity"),
        conventions="T = N / rate",
        doubt=doubt.of_velocity,
    ),
    Metric(
        id="mean_velocity_ML_AND_AP",
        name="Mean velocity, planar",
        symbol=r"\bar v",
        dimension=VELOCITY,
        formula=rf"\frac{{1}}{{T}}{_PATH}",
        source=quijoux("mean velocity"),
        conventions="T = N / rate",
        function=planar_velocity,
        doubt=doubt.of_velocity,
    ),
    Metric(
        id="sway_area_per_second_ML_AND_AP",
        name="Sway area per second",
        symbol=r"\dot A",
        dimension=AREA_RATE,
        formula=r"\frac{1}{2T}\sum_i|x_{i+1}y_i-x_i y_{i+1}|",
        source=quijoux("sway area per second"),
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
        source=quijoux("phase plane parameter"),
        conventions="ddof 0; velocity by Savitzky-Golay (5 points, cubic), in length units a second",
    ),
    Metric(
        id="LFS_ML_AND_AP",
        name="Length as a function of surface",
        symbol=r"\mathrm{LFS}",
        dimension=PER_LENGTH,
        formula=r"L / A_{\mathrm{CE}}",
        source=quijoux("length over area"),
        conventions="ellipse with ddof 0",
        function=length_per_area,
    ),
    Metric(
        id="fractal_dimension_ML_AND_AP",
        name="Fractal dimension",
        symbol=r"\mathrm{FD}",
        dimension=PURE,
        formula=r"\frac{\ln N}{\ln N+\ln d-\ln L},\quad d=\sqrt{4A_{\mathrm{CE}}/\pi}",
        source=quijoux("fractal dimension"),
        conventions="ellipse with ddof 0",
        function=fractal_dimension,
    ),
    *peaks.METRICS,
    *stays.METRICS,
    *on_axes(
        PLANE,
        mean_frequency,
        id="mean_frequency_@",
        name="Mean frequency, @",
        symbol=r"\mathrm{MFREQ}_@",
        dimension=FREQUENCY,
        formula=r"\frac{\sum_i|\Delta @_i|}{4\sqrt2\,T\,\frac{1}{N}\sum_i|@_i|}",
        source=quijoux("mean frequency"),
        conventions="T = (N - 1) / rate",
    ),
    Metric(
        id="mean_frequency_ML_AND_AP",
        name="Mean frequency, planar",
        symbol=r"\mathrm{MFREQ}",
        dimension=FREQUENCY,
        formula=rf"\frac{{{_PATH}}}{{2\pi\,T\,\frac{{1}}{{N}}\sum_i r_i}}",
        source=quijoux("mean frequency"),
        conventions="T = (N - 1) / rate",
        function=planar_frequency,
    ),
)
