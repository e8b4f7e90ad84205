"""The measures of postural steadiness of Prieto et al. 1996, by their names, in the time domain."""

import math
from functools import partial

from otolith.dsp.metrics.core import PRIETO, covariance, extent, mean_distance, path_length, rms
from otolith.dsp.metrics.doubt import of_ellipse, of_path, of_rms, of_velocity
from otolith.dsp.metrics.metric import (
    AP,
    AREA,
    AREA_RATE,
    DISTANCE,
    FREQUENCY,
    ML,
    PURE,
    VELOCITY,
    AxisDoubt,
    AxisFunction,
    AxisName,
    Dimension,
    Metric,
    Source,
    on_axes,
)
from otolith.dsp.metrics.movement import sway_area_rate, travel
from otolith.dsp.metrics.position import planar_range
from otolith.dsp.trace import Axis, Trace

Z_95 = 1.645
"""Standard deviations of the 95 % circle; Prieto et al. 1996."""
F_95 = 3.00
"""Fisher's F at 95 % for large samples; Prieto et al. 1996."""

RD = AxisName("radius", "rd", "resultant", "r")
AXES = (RD, AxisName(ML.axis, "ml", ML.words, ML.letter), AxisName(AP.axis, "ap", AP.words, AP.letter))


def excursion(trace: Trace, axis: Axis) -> float:
    """TOTEX: the path, or the travel along one axis, mm."""
    return path_length(trace) if axis == "radius" else trace.shared(travel, axis)


def velocity(trace: Trace, axis: Axis) -> float:
    """MVELO: excursion over T = N / rate, mm/s."""
    return excursion(trace, axis) / trace.seconds


def reach(trace: Trace, axis: Axis) -> float:
    """RANGE: largest distance between two samples, mm."""
    return planar_range(trace) if axis == "radius" else extent(trace, axis)


def circle_radius(trace: Trace) -> float:
    """Radius of the 95 % confidence circle, mm."""
    mean = mean_distance(trace, "radius")
    return mean + Z_95 * math.sqrt(max(rms(trace, "radius") ** 2 - mean**2, 0.0))


def circle_area(trace: Trace) -> float:
    """AREA-CC, mm²."""
    return math.pi * circle_radius(trace) ** 2


def spread(trace: Trace, ddof: int) -> float:
    """Root of the determinant of the covariance matrix, mm²."""
    sxx, syy, sxy = trace.shared(covariance, ddof)
    return math.sqrt(max(sxx * syy - sxy * sxy, 0.0))


def ellipse_area(trace: Trace) -> float:
    """AREA-CE, mm²."""
    return 2.0 * math.pi * F_95 * spread(trace, 0)


def sway_area(trace: Trace) -> float:
    """AREA-SW with T = N / rate, mm²/s."""
    return sway_area_rate(trace) * (len(trace) - 1) / len(trace)


def frequency(trace: Trace, axis: Axis) -> float:
    """MFREQ, Hz."""
    turn = 2.0 * math.pi if axis == "radius" else 4.0 * math.sqrt(2.0)
    return velocity(trace, axis) / (turn * mean_distance(trace, axis))


def fractal_dimension(trace: Trace, diameter: float) -> float:
    """FD of the path for a given extent, mm."""
    n = len(trace)
    return math.log(n) / math.log(n * diameter / path_length(trace))


def fractal_range(trace: Trace) -> float:
    """FD with the planar range."""
    return fractal_dimension(trace, planar_range(trace))


def fractal_circle(trace: Trace) -> float:
    """FD-CC."""
    return fractal_dimension(trace, 2.0 * circle_radius(trace))


def fractal_ellipse(trace: Trace) -> float:
    """FD-CE."""
    return fractal_dimension(trace, math.sqrt(8.0 * F_95 * spread(trace, 0)))


def each(
    function: AxisFunction,
    key: str,
    name: str,
    formula: str,
    *,
    dimension: Dimension,
    conventions: str = "",
    doubt: AxisDoubt | None = None,
    seconds: float = 1.0,
) -> tuple[Metric, ...]:
    """A measure of the resultant and of both axes, ``key`` its name in the article."""
    return on_axes(
        AXES,
        function,
        id=f"prieto_{key}_@",
        name=f"{name}, @",
        symbol=rf"\mathrm{{{key.upper()}}}_@",
        dimension=dimension,
        formula=formula,
        source=Source(PRIETO, 1996, key.upper()),
        conventions=conventions,
        seconds=seconds,
        doubt=doubt,
    )


_CIRCLE = r"\bar r+1.645\,s_r,\quad s_r=\sqrt{\mathrm{RDIST}^2-\bar r^2}"

METRICS: tuple[Metric, ...] = (
    *each(mean_distance, "mdist", "Mean distance", r"\frac{1}{N}\sum_i|@_i|", dimension=DISTANCE),
    *each(rms, "rdist", "RMS distance", r"\sqrt{\frac{1}{N}\sum_i @_i^2}", dimension=DISTANCE, doubt=of_rms),
    *each(reach, "range", "Range", r"\max_{i,j}\|@_i-@_j\|", dimension=DISTANCE),
    *each(excursion, "totex", "Total excursion", r"\sum_i\|@_{i+1}-@_i\|", dimension=DISTANCE, doubt=of_path),
    *each(
        velocity,
        "mvelo",
        "Mean velocity",
        r"\frac{1}{T}\sum_i\|@_{i+1}-@_i\|",
        dimension=VELOCITY,
        conventions="T = N / rate",
        doubt=of_velocity,
    ),
    Metric(
        id="prieto_area_cc",
        name="95 % confidence circle area",
        symbol=r"\mathrm{AREA\text{-}CC}",
        dimension=AREA,
        formula=rf"\pi\left({_CIRCLE}\right)^2",
        source=Source(PRIETO, 1996, "AREA-CC"),
        conventions="z = 1.645",
        function=circle_area,
    ),
    Metric(
        id="prieto_area_ce",
        name="95 % confidence ellipse area",
        symbol=r"\mathrm{AREA\text{-}CE}",
        dimension=AREA,
        formula=r"2\pi F\sqrt{s_x^2 s_y^2-s_{xy}^2}",
        source=Source(PRIETO, 1996, "AREA-CE"),
        conventions="F = 3.00; ddof 0",
        function=ellipse_area,
        doubt=partial(of_ellipse, area=ellipse_area),
    ),
    Metric(
        id="prieto_area_sw",
        name="Sway area",
        symbol=r"\mathrm{AREA\text{-}SW}",
        dimension=AREA_RATE,
        formula=r"\frac{1}{2T}\sum_i|y_{i+1}x_i-y_i x_{i+1}|",
        source=Source(PRIETO, 1996, "AREA-SW"),
        conventions="T = N / rate",
        function=sway_area,
    ),
    *each(
        frequency,
        "mfreq",
        "Mean frequency",
        r"\frac{\mathrm{TOTEX}_@}{2\pi\,T\,\mathrm{MDIST}_@}",
        dimension=FREQUENCY,
        conventions="T = N / rate; 4 sqrt 2 in place of 2 pi on a single axis",
    ),
    Metric(
        id="prieto_fd",
        name="Fractal dimension",
        symbol=r"\mathrm{FD}",
        dimension=PURE,
        formula=r"\frac{\ln N}{\ln(N d/\mathrm{TOTEX})},\quad d=\max_{i,j}\|r_i-r_j\|",
        source=Source(PRIETO, 1996, "FD"),
        conventions="d is the planar range",
        function=fractal_range,
    ),
    Metric(
        id="prieto_fd_cc",
        name="Fractal dimension, confidence circle",
        symbol=r"\mathrm{FD\text{-}CC}",
        dimension=PURE,
        formula=rf"\frac{{\ln N}}{{\ln(N d/\mathrm{{TOTEX}})}},\quad d=2({_CIRCLE})",
        source=Source(PRIETO, 1996, "FD-CC"),
        function=fractal_circle,
    ),
    Metric(
        id="prieto_fd_ce",
        name="Fractal dimension, confidence ellipse",
        symbol=r"\mathrm{FD\text{-}CE}",
        dimension=PURE,
        formula=r"\frac{\ln N}{\ln(N d/\mathrm{TOTEX})},\quad d=\sqrt{8F\sqrt{s_x^2 s_y^2-s_{xy}^2}}",
        source=Source(PRIETO, 1996, "FD-CE"),
        conventions="F = 3.00; ddof 0",
        function=fractal_ellipse,
    ),
)
