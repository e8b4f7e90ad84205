"""Where the path lies: the positional descriptors of Quijoux et al. 2021."""

import math

import numpy as np

from otolith.dsp import hull
from otolith.dsp.metrics import doubt
from otolith.dsp.metrics.core import covariance, extent, fisher_95, mean_distance, rms
from otolith.dsp.metrics.metric import (
    ANGLE,
    AREA,
    DISTANCE,
    PLANE,
    PURE,
    RADIUS,
    Metric,
    Source,
    on_axes,
)
from otolith.dsp.trace import Axis, Trace, inner

QUIJOUX = "Quijoux et al."


def mean_value(trace: Trace, axis: Axis) -> float:
    """Mean position before the recipe removed it, mm."""
    return trace.mean_ml if axis == "ml" else trace.mean_ap


def maximal_distance(trace: Trace, axis: Axis) -> float:
    """Largest absolute value, mm."""
    return float(np.abs(trace.signal(axis)).max())


def corners(trace: Trace) -> hull.Points:
    """The convex hull of the path."""
    return hull.hull(trace.ml, trace.ap)


def planar_range(trace: Trace) -> float:
    """Largest distance between two samples, mm."""
    return hull.diameter(trace.shared(corners))


def range_ratio(trace: Trace) -> float:
    """ML range over AP range."""
    return extent(trace, "ml") / extent(trace, "ap")


def planar_deviation(trace: Trace) -> float:
    """Root of the summed mean squares, mm."""
    return math.hypot(rms(trace, "ml"), rms(trace, "ap"))


def sway_direction_coefficient(trace: Trace) -> float:
    """Correlation of ML and AP about the origin."""
    return inner(trace.ml, trace.ap) / len(trace) / (rms(trace, "ml") * rms(trace, "ap"))


def confidence_ellipse_area(trace: Trace) -> float:
    """The 95 % ellipse with moments about the origin, ddof 0, mm²."""
    n = len(trace)
    sxy = inner(trace.ml, trace.ap) / n
    determinant = (rms(trace, "ml") * rms(trace, "ap")) ** 2 - sxy * sxy
    return 2.0 * math.pi * fisher_95(n) * math.sqrt(max(determinant, 0.0)) * (n + 1) * (n - 1) / (n * (n - 2.0))


def principal_sway_direction(trace: Trace) -> float:
    """Angle between the first principal component and the AP axis, 0 to 90 degrees."""
    sxx, syy, sxy = trace.shared(covariance)
    return abs(math.degrees(0.5 * math.atan2(2.0 * sxy, syy - sxx)))


def quijoux(where: str) -> Source:
    """Part of the descriptors of Quijoux et al. 2021."""
    return Source(QUIJOUX, 2021, where)


METRICS: tuple[Metric, ...] = (
    *on_axes(
        PLANE,
        mean_value,
        id="mean_value_@",
        name="Mean position, @",
        symbol=r"\bar @",
        dimension=DISTANCE,
        formula=r"\frac{1}{N}\sum_i @_i^{\mathrm{raw}}",
        source=quijoux("mean value"),
        conventions="of the recording, before mean removal",
    ),
    *on_axes(
        (*PLANE, RADIUS),
        mean_distance,
        id="mean_distance_@",
        name="Mean distance, @",
        symbol=r"\mathrm{MDIST}_@",
        dimension=DISTANCE,
        formula=r"\frac{1}{N}\sum_i |@_i|",
        source=quijoux("mean distance"),
    ),
    *on_axes(
        (*PLANE, RADIUS),
        maximal_distance,
        id="maximal_distance_@",
        name="Maximal distance, @",
        symbol=r"\max|@|",
        dimension=DISTANCE,
        formula=r"\max_i |@_i|",
        source=quijoux("maximal distance"),
    ),
    *on_axes(
        (*PLANE, RADIUS),
        rms,
        id="rms_@",
        name="Root mean square, @",
        symbol=r"\mathrm{RMS}_@",
        dimension=DISTANCE,
        formula=r"\sqrt{\frac{1}{N}\sum_i @_i^2}",
        source=quijoux("root mean square"),
        conventions="ddof 0, about the origin of the recipe",
        doubt=doubt.of_rms,
    ),
    *on_axes(
        PLANE,
        extent,
        id="range_@",
        name="Range, @",
        symbol="R_@",
        dimension=DISTANCE,
        formula=r"\max_i @_i-\min_i @_i",
        source=quijoux("range"),
    ),
    Metric(
        id="range_ML_AND_AP",
        name="Planar range",
        symbol="R_{xy}",
        dimension=DISTANCE,
        formula=r"\max_{i,j}\sqrt{(x_i-x_j)^2+(y_i-y_j)^2}",
        source=quijoux("range"),
        conventions="largest distance between two samples; not the range of the radius",
        function=planar_range,
    ),
    Metric(
        id="range_ratio_ML_AND_AP",
        name="Range ratio",
        symbol="R_x/R_y",
        dimension=PURE,
        formula=r"\frac{\max_i x_i-\min_i x_i}{\max_i y_i-\min_i y_i}",
        source=quijoux("range ratio"),
        function=range_ratio,
    ),
    Metric(
        id="planar_deviation_ML_AND_AP",
        name="Planar deviation",
        symbol=r"\sigma_{xy}",
        dimension=DISTANCE,
        formula=r"\sqrt{\sigma_x^2+\sigma_y^2},\quad \sigma_x^2=\frac{1}{N}\sum_i x_i^2",
        source=quijoux("planar deviation"),
        conventions="ddof 0",
        function=planar_deviation,
    ),
    Metric(
        id="coefficient_sway_direction_ML_AND_AP",
        name="Coefficient of sway direction",
        symbol=r"\rho_{xy}",
        dimension=PURE,
        formula=r"\frac{\frac{1}{N}\sum_i x_i y_i}{\sigma_x\sigma_y}",
        source=quijoux("coefficient of sway direction"),
        conventions="ddof 0, about the origin of the recipe",
        function=sway_direction_coefficient,
    ),
    Metric(
        id="confidence_ellipse_area_ML_AND_AP",
        name="95 % confidence ellipse area",
        symbol=r"A_{\mathrm{CE}}",
        dimension=AREA,
        formula=r"2\pi\,F_{.95;2,N-2}\,\frac{(N-1)(N+1)}{N(N-2)}\sqrt{\sigma_x^2\sigma_y^2-\sigma_{xy}^2}",
        source=quijoux("confidence ellipse area"),
        conventions="ddof 0, about the origin of the recipe; a prediction ellipse by another name",
        function=confidence_ellipse_area,
    ),
    Metric(
        id="principal_sway_direction_ML_AND_AP",
        name="Principal sway direction",
        symbol=r"\theta",
        dimension=ANGLE,
        formula=r"\left|\tfrac{1}{2}\operatorname{atan2}(2s_{xy},\,s_y^2-s_x^2)\right|",
        source=quijoux("principal sway direction"),
        conventions="from the AP axis, 0 to 90 degrees",
        function=principal_sway_direction,
    ),
)
