"""The core set: the figures that every report shows first."""

import math
from dataclasses import replace
from functools import partial

import numpy as np

from otolith.dsp.metrics import doubt
from otolith.dsp.metrics.metric import AP, AREA, DISTANCE, FREQUENCY, ML, RADIUS, VELOCITY, Metric, Source, on_axes
from otolith.dsp.spectrum import Spectrum, welch
from otolith.dsp.trace import Axis, Trace, inner

PRIETO = "Prieto, Myklebust, Hoffmann, Lovett, Myklebust"
_ML, _AP, _RADIUS = (replace(at, label=at.axis) for at in (ML, AP, RADIUS))
"""The core ids are lower case."""


def path_length(trace: Trace) -> float:
    """Sum of the steps, mm."""
    return float(trace.steps.sum())


def mean_velocity(trace: Trace) -> float:
    """Path over T = N / rate, mm/s."""
    return path_length(trace) / trace.seconds


def mean_distance(trace: Trace, axis: Axis) -> float:
    """Mean absolute value, mm."""
    return float(np.abs(trace.signal(axis)).mean())


def rms(trace: Trace, axis: Axis) -> float:
    """Root mean square about the origin, mm."""
    x = trace.signal(axis)
    return math.sqrt(inner(x, x) / len(x))


def extent(trace: Trace, axis: Axis) -> float:
    """Largest minus smallest value, mm."""
    return float(np.ptp(trace.signal(axis)))


def mean_frequency(trace: Trace) -> float:
    """Turns a second of a point that runs the path on a circle of the mean radius, Hz."""
    return mean_velocity(trace) / (2.0 * math.pi * mean_distance(trace, "radius"))


def fisher_95(n: int) -> float:
    """95 % quantile of Fisher's F with 2 and n - 2 degrees of freedom; closed form for 2 in the numerator."""
    half = (n - 2) / 2.0
    return half * math.expm1(-math.log(0.05) / half)


def covariance(trace: Trace, ddof: int = 1) -> tuple[float, float, float]:
    """Variances of ML and AP and their covariance about the mean, mm²."""
    x, y = trace.ml - trace.ml.mean(), trace.ap - trace.ap.mean()
    n = len(trace) - ddof
    return inner(x, x) / n, inner(y, y) / n, inner(x, y) / n


def prediction_ellipse_area(trace: Trace) -> float:
    """Area of the ellipse that holds a further sample with 95 % probability, mm²."""
    n = len(trace)
    sxx, syy, sxy = trace.shared(covariance)
    spread = math.sqrt(max(sxx * syy - sxy * sxy, 0.0))
    return math.pi * spread * fisher_95(n) * 2.0 * (n - 1) * (n + 1) / (n * (n - 2.0))


def mean_power_frequency(trace: Trace) -> float:
    """Power-weighted mean frequency of both axes, Hz."""
    spectra = [trace.shared(half_spectrum, axis) for axis in ("ml", "ap")]
    weights = [spectrum.density.sum() for spectrum in spectra]
    means = [
        np.trapezoid(spectrum.frequency * spectrum.density, spectrum.frequency)
        / np.trapezoid(spectrum.density, spectrum.frequency)
        for spectrum in spectra
    ]
    return float(np.average(means, weights=weights))


def half_spectrum(trace: Trace, axis: Axis) -> Spectrum:
    """Welch's spectrum with Hann segments of N/2 that overlap by N/4."""
    n = len(trace)
    return welch(trace.signal(axis), trace.rate, n // 2, n // 4)


METRICS = (
    Metric(
        id="mean_velocity",
        name="Mean velocity",
        symbol=r"\bar v",
        dimension=VELOCITY,
        formula=r"\frac{1}{T}\sum_{i=1}^{N-1}\sqrt{(x_{i+1}-x_i)^2+(y_{i+1}-y_i)^2}",
        source=Source(PRIETO, 1996, "MVELO"),
        conventions="T = N / rate",
        function=mean_velocity,
        doubt=doubt.of_velocity,
    ),
    Metric(
        id="path_length",
        name="Path length",
        symbol="L",
        dimension=DISTANCE,
        formula=r"\sum_{i=1}^{N-1}\sqrt{(x_{i+1}-x_i)^2+(y_{i+1}-y_i)^2}",
        source=Source(PRIETO, 1996, "TOTEX"),
        function=path_length,
        doubt=doubt.of_path,
    ),
    Metric(
        id="prediction_ellipse_area",
        name="95 % prediction ellipse area",
        symbol=r"A_{95}",
        dimension=AREA,
        formula=r"2\pi\,F_{.95;2,N-2}\,\frac{(N-1)(N+1)}{N(N-2)}\sqrt{s_x^2 s_y^2-s_{xy}^2}",
        source=Source("Schubert, Kirchner", 2014, "prediction ellipse"),
        conventions="ddof 1",
        function=prediction_ellipse_area,
        doubt=partial(doubt.of_ellipse, area=prediction_ellipse_area),
    ),
    Metric(
        id="mean_power_frequency",
        name="Mean power frequency",
        symbol=r"\bar f",
        dimension=FREQUENCY,
        formula=r"\frac{\sum_a w_a \int f P_a\,df / \int P_a\,df}{\sum_a w_a},\quad w_a=\sum_k P_a(f_k),\ a\in\{x,y\}",
        source=Source("Santos, Duarte", 2016, "COPmfreq"),
        conventions="Welch: Hann, segments N/2, overlap N/4, constant detrend; integrals by trapezoids",
        seconds=10.0,
        function=mean_power_frequency,
    ),
    *on_axes(
        (_ML, _AP, _RADIUS),
        rms,
        id="rms_@",
        name="Root mean square, @",
        symbol=r"\mathrm{RMS}_@",
        dimension=DISTANCE,
        formula=r"\sqrt{\frac{1}{N}\sum_i @_i^2}",
        source=Source(PRIETO, 1996, "RDIST"),
        conventions="ddof 0, about the origin of the recipe",
        doubt=doubt.of_rms,
    ),
    *on_axes(
        (_ML, _AP),
        extent,
        id="range_@",
        name="Range, @",
        symbol="R_@",
        dimension=DISTANCE,
        formula=r"\max_i @_i-\min_i @_i",
        source=Source(PRIETO, 1996, "RANGE"),
    ),
    Metric(
        id="mean_frequency",
        name="Mean frequency",
        symbol=r"\mathrm{MFREQ}",
        dimension=FREQUENCY,
        formula=r"\frac{L}{2\pi\,T\,\frac{1}{N}\sum_i r_i}",
        source=Source(PRIETO, 1996, "MFREQ"),
        conventions="T = N / rate",
        function=mean_frequency,
    ),
)
