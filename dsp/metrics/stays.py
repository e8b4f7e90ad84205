"""Where the path stays: the sway density of Quijoux et al. 2021."""

import math
from dataclasses import dataclass

import numpy as np

from otolith.dsp.density import dwell
from otolith.dsp.metrics.metric import DISTANCE, DURATION, Metric
from otolith.dsp.metrics.position import quijoux
from otolith.dsp.trace import Signal, Trace
from otolith.dsp.zero_phase import zero_phase

DENSITY_RADIUS = 3.0
"""mm; Baratto et al. 2002, Jacono et al. 2004."""
DENSITY_CUTOFF = 2.5
"""Hz; low-pass of the sway density before its peaks are sought."""


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


def _mean(x: Signal) -> float:
    return float(x.mean()) if len(x) else math.nan


METRICS: tuple[Metric, ...] = (
    Metric(
        id="mean_peak_Sway_Density",
        name="Mean peak of the sway density",
        symbol=r"\hat\tau",
        dimension=DURATION,
        formula=r"\operatorname{mean}\{\tau_i:\tau_i>\tau_{i-1},\tau_i>\tau_{i+1}\}",
        source=quijoux("sway density, after Baratto 2002"),
        conventions="radius 3 mm; dwell before and after each sample but the last; dual4 zero-phase low-pass at 2.5 Hz",
        function=lambda trace: trace.shared(stays).seconds,
    ),
    Metric(
        id="mean_distance_peak_Sway_Density",
        name="Mean distance between sway density peaks",
        symbol=r"\hat d",
        dimension=DISTANCE,
        formula=r"\operatorname{mean}_k\sqrt{(x_{i_{k+1}}-x_{i_k})^2+(y_{i_{k+1}}-y_{i_k})^2}",
        source=quijoux("sway density, after Baratto 2002"),
        conventions="between the positions of successive peaks; radius 3 mm, low-pass at 2.5 Hz",
        function=lambda trace: trace.shared(stays).distance,
    ),
)
