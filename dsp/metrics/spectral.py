"""What the path is made of: the spectral descriptors of Quijoux et al. 2021."""

import math
from functools import partial

import numpy as np

from otolith.dsp.metrics.metric import DENSITY, FREQUENCY, PLANE, PURE, AxisFunction, Dimension, Metric, Source, on_axes
from otolith.dsp.metrics.position import QUIJOUX
from otolith.dsp.spectrum import Spectrum, welch
from otolith.dsp.trace import Axis, Trace

LOW, MIDDLE, HIGH, TOP = 0.15, 0.5, 2.0, 5.0
"""Hz; the borders of the bands."""
SEGMENT = 10.0
"""Seconds of each of Welch's segments."""


def band_spectrum(trace: Trace, axis: Axis) -> Spectrum:
    """Welch's spectrum of one axis from 0.15 to 5 Hz."""
    n, segment = len(trace), int(SEGMENT * trace.rate)
    whole = welch(trace.signal(axis), trace.rate, segment, segment // 2, nfft=n, detrend="linear")
    return whole.band(LOW, TOP)


def total_power(trace: Trace, axis: Axis) -> float:
    """Sum of the density over the lines, mm²/Hz."""
    return trace.shared(band_spectrum, axis).moment(0)


def power_frequency(trace: Trace, axis: Axis, share: float) -> float:
    """Lowest line at which the running sum reaches a share of the power, Hz."""
    spectrum = trace.shared(band_spectrum, axis)
    running = np.cumsum(spectrum.density)
    return float(spectrum.frequency[np.argmax(running >= running[-1] * share)])


def mode_frequency(trace: Trace, axis: Axis) -> float:
    """The line of the highest density, Hz."""
    spectrum = trace.shared(band_spectrum, axis)
    return float(spectrum.frequency[np.argmax(spectrum.density)])


def centroid_frequency(trace: Trace, axis: Axis) -> float:
    """Root of the second spectral moment over the power, Hz."""
    spectrum = trace.shared(band_spectrum, axis)
    return math.sqrt(spectrum.moment(2) / spectrum.moment(0))


def frequency_dispersion(trace: Trace, axis: Axis) -> float:
    """Spread of the spectrum: 0 for a line, 1 for a flat one."""
    spectrum = trace.shared(band_spectrum, axis)
    return math.sqrt(max(1.0 - spectrum.moment(1) ** 2 / (spectrum.moment(0) * spectrum.moment(2)), 0.0))


def energy(trace: Trace, axis: Axis, above: float, to: float) -> float:
    """Sum of the density over the lines in (``above``, ``to``], mm²/Hz."""
    spectrum = trace.shared(band_spectrum, axis)
    return float(spectrum.density[(spectrum.frequency > above) & (spectrum.frequency <= to)].sum())


def frequency_quotient(trace: Trace, axis: Axis) -> float:
    """Energy above 2 Hz over energy up to 2 Hz."""
    return energy(trace, axis, HIGH, TOP) / energy(trace, axis, 0.0, HIGH)


_WELCH = "Welch: Hann segments of 10 s, half overlapped, linear detrend, nfft N; lines in 0.15-5 Hz; sums without df"


def _spectral(
    function: AxisFunction, key: str, name: str, symbol: str, formula: str, *, dimension: Dimension
) -> tuple[Metric, ...]:
    """One spectral descriptor on both axes; G_k is the density at line f_k."""
    return on_axes(
        PLANE,
        function,
        id=f"{key}_Power_Spectrum_Density_@",
        name=f"{name}, @",
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=Source(QUIJOUX, 2021, name.lower()),
        conventions=_WELCH,
        seconds=SEGMENT,
    )


_MOMENT = r"\mu_m=\sum_k f_k^m G_k"

METRICS: tuple[Metric, ...] = (
    *_spectral(total_power, "total_power", "Total power", r"\mu_{0@}", r"\sum_k G_k", dimension=DENSITY),
    *_spectral(
        partial(power_frequency, share=0.5),
        "power_frequency_50",
        "Median power frequency",
        "f_{50@}",
        r"\min\{f_k:\sum_{j\le k}G_j\ge 0.50\,\mu_0\}",
        dimension=FREQUENCY,
    ),
    *_spectral(
        partial(power_frequency, share=0.95),
        "power_frequency_95",
        "95 % power frequency",
        "f_{95@}",
        r"\min\{f_k:\sum_{j\le k}G_j\ge 0.95\,\mu_0\}",
        dimension=FREQUENCY,
    ),
    *_spectral(
        mode_frequency, "frequency_mode", "Frequency mode", r"\hat f_@", r"\arg\max_{f_k}G_k", dimension=FREQUENCY
    ),
    *_spectral(
        centroid_frequency,
        "centroid_frequency",
        "Centroid frequency",
        r"\mathrm{CFREQ}_@",
        rf"\sqrt{{\mu_2/\mu_0}},\quad {_MOMENT}",
        dimension=FREQUENCY,
    ),
    *_spectral(
        frequency_dispersion,
        "frequency_dispersion",
        "Frequency dispersion",
        r"\mathrm{FREQD}_@",
        rf"\sqrt{{1-\mu_1^2/(\mu_0\mu_2)}},\quad {_MOMENT}",
        dimension=PURE,
    ),
    *_spectral(
        partial(energy, above=0.0, to=MIDDLE),
        "energy_content_below_05",
        "Energy up to 0.5 Hz",
        r"E_{\le 0.5@}",
        r"\sum_{f_k\le 0.5}G_k",
        dimension=DENSITY,
    ),
    *_spectral(
        partial(energy, above=MIDDLE, to=HIGH),
        "energy_content_05_2",
        "Energy from 0.5 to 2 Hz",
        r"E_{0.5-2@}",
        r"\sum_{0.5<f_k\le 2}G_k",
        dimension=DENSITY,
    ),
    *_spectral(
        partial(energy, above=HIGH, to=TOP),
        "energy_content_above_2",
        "Energy above 2 Hz",
        r"E_{>2@}",
        r"\sum_{f_k>2}G_k",
        dimension=DENSITY,
    ),
    *_spectral(
        frequency_quotient,
        "frequency_quotient",
        "Frequency quotient",
        "Q_@",
        r"\frac{\sum_{f_k>2}G_k}{\sum_{f_k\le 2}G_k}",
        dimension=PURE,
    ),
)
