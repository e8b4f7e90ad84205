"""The measures of postural steadiness of Prieto et al. 1996 in the frequency domain."""

import math
from functools import partial

import numpy as np

from otolith.dsp.metrics.metric import AREA, FREQUENCY, PURE, Metric
from otolith.dsp.metrics.steadiness import each
from otolith.dsp.spectrum import Spectrum, welch
from otolith.dsp.trace import Axis, Trace

LOW, TOP = 0.15, 5.0
"""Hz."""
SEGMENT = 20.0
"""Seconds of each segment of the spectrum: lines 0.05 Hz apart, as theirs."""


def spectrum(trace: Trace, axis: Axis) -> Spectrum:
    """Welch's spectrum in segments of 20 s, 0.15 to 5 Hz."""
    segment = int(SEGMENT * trace.rate)
    return welch(trace.signal(axis), trace.rate, segment, segment // 2).band(LOW, TOP)


def power(trace: Trace, axis: Axis) -> float:
    """Sum of the density times the line spacing, mm²."""
    lines = trace.shared(spectrum, axis)
    return lines.moment(0) * float(lines.frequency[1] - lines.frequency[0])


def power_frequency(trace: Trace, axis: Axis, share: float) -> float:
    """Lowest line at which the running sum reaches a share of the power, Hz."""
    lines = trace.shared(spectrum, axis)
    running = np.cumsum(lines.density)
    return float(lines.frequency[np.argmax(running >= running[-1] * share)])


def centroid(trace: Trace, axis: Axis) -> float:
    """CFREQ, Hz."""
    lines = trace.shared(spectrum, axis)
    return math.sqrt(lines.moment(2) / lines.moment(0))


def dispersion(trace: Trace, axis: Axis) -> float:
    """FREQD."""
    lines = trace.shared(spectrum, axis)
    return math.sqrt(max(1.0 - lines.moment(1) ** 2 / (lines.moment(0) * lines.moment(2)), 0.0))


_WELCH = (
    "Welch: Hann segments of 20 s, half overlapped, constant detrend, in place of the authors' multitaper; 0.15-5 Hz"
)


METRICS: tuple[Metric, ...] = (
    *each(power, "power", "Total power", r"\sum_k G_k\,\Delta f", dimension=AREA, conventions=_WELCH, seconds=SEGMENT),
    *each(
        partial(power_frequency, share=0.5),
        "f50",
        "Median power frequency",
        r"\min\{f_k:\sum_{j\le k}G_j\ge 0.50\sum_j G_j\}",
        dimension=FREQUENCY,
        conventions=_WELCH,
        seconds=SEGMENT,
    ),
    *each(
        partial(power_frequency, share=0.95),
        "f95",
        "95 % power frequency",
        r"\min\{f_k:\sum_{j\le k}G_j\ge 0.95\sum_j G_j\}",
        dimension=FREQUENCY,
        conventions=_WELCH,
        seconds=SEGMENT,
    ),
    *each(
        centroid,
        "cfreq",
        "Centroid frequency",
        r"\sqrt{\mu_2/\mu_0}",
        dimension=FREQUENCY,
        conventions=_WELCH,
        seconds=SEGMENT,
    ),
    *each(
        dispersion,
        "freqd",
        "Frequency dispersion",
        r"\sqrt{1-\mu_1^2/(\mu_0\mu_2)}",
        dimension=PURE,
        conventions=_WELCH,
        seconds=SEGMENT,
    ),
)
