"""How close the path comes to losing the base of support: time to boundary in its three published forms."""

from collections.abc import Callable
from functools import partial

import numpy as np

from otolith.dsp.boundary import Motion, time_to_boundary
from otolith.dsp.metrics.metric import DURATION, PLANE, AxisName, Metric, MetricRefused, Source, Status
from otolith.dsp.trace import Axis, Signal, Trace

CLOSEST = 3
"""Minima that a mean and a standard deviation need."""


def base_of(trace: Trace) -> Signal:
    """Corners of the base of support about the trace's origin, mm. Raises MetricRefused where none was given."""
    if trace.base is None:
        raise MetricRefused("time to boundary needs the base of support: give its corners, or its width and depth")
    about_origin: Signal = trace.base - np.array([trace.mean_ml, trace.mean_ap])
    return about_origin


def planar_times(trace: Trace, motion: Motion) -> Signal:
    """``(n,)`` seconds to the polygon's edge."""
    return time_to_boundary(trace.ml, trace.ap, trace.rate, base_of(trace), motion)


def axis_times(trace: Trace, axis: Axis) -> Signal:
    """``(n,)`` seconds to the border ahead on one axis, of the rectangle around the base, at constant velocity."""
    x, borders = trace.signal(axis), base_of(trace)[:, int(axis == "ap")]
    v = np.gradient(x, 1.0 / trace.rate)
    left, right = x - borders.min(), borders.max() - x
    with np.errstate(divide="ignore", invalid="ignore"):
        times: Signal = np.where(v > 0.0, right, left) / np.abs(v)
    times[(left < 0.0) | (right < 0.0)] = np.nan
    return times


def minima(times: Signal) -> Signal:
    """Local minima of a series, where both neighbours are finite too. Raises MetricRefused with fewer than three."""
    inner = times[1:-1]
    low = inner[(inner < times[:-2]) & (inner <= times[2:]) & np.isfinite(times[2:]) & np.isfinite(times[:-2])]
    if len(low) < CLOSEST:
        raise MetricRefused(f"time to boundary has {len(low)} minima here, and needs {CLOSEST}: is the base right?")
    return low


def planar_minima(trace: Trace, motion: Motion) -> Signal:
    """Minima of the time to the polygon's edge."""
    return minima(trace.shared(planar_times, motion))


def axis_minima(trace: Trace, axis: Axis) -> Signal:
    """Minima of the time to the border ahead on one axis."""
    return minima(trace.shared(axis_times, axis))


def mean(low: Signal) -> float:
    """Mean of the minima, s."""
    return float(low.mean())


def deviation(low: Signal) -> float:
    """Standard deviation of the minima, s."""
    return float(low.std(ddof=1))


def least(low: Signal) -> float:
    """The smallest minimum, s."""
    return float(low.min())


def of_plane(trace: Trace, motion: Motion, compute: Callable[[Signal], float]) -> float:
    """A statistic of the minima to the polygon's edge, s."""
    return compute(trace.shared(planar_minima, motion))


def of_axis(trace: Trace, axis: Axis, compute: Callable[[Signal], float]) -> float:
    """A statistic of the minima on one axis, s."""
    return compute(trace.shared(axis_minima, axis))


STATISTICS = (
    ("mean", "Mean of the minima", r"\operatorname{mean}_k\tau_k", mean),
    ("sd", "Standard deviation of the minima", r"\operatorname{SD}_k\tau_k", deviation),
    ("least", "Absolute minimum", r"\min_k\tau_k", least),
)
"""Key, name, formula over the minima tau_k, function."""
_BASE = "needs the base of support, a convex polygon; central differences; strict local minima; ddof 1"


def _planar(motion: Motion, formula: str, source: Source, status: Status) -> tuple[Metric, ...]:
    return tuple(
        Metric(
            id=f"ttb_{motion}_{key}",
            name=f"{name} of the time to boundary, {motion}",
            symbol=rf"\mathrm{{TTB}}^{{\mathrm{{{motion}}}}}_{{\mathrm{{{key}}}}}",
            dimension=DURATION,
            formula=rf"{statistic},\quad \tau=\min\{{t\ge 0: {formula}\}}",
            source=source,
            function=partial(of_plane, motion=motion, compute=compute),
            conventions=_BASE,
            rate=25.0,
            seconds=10.0,
            status=status,
        )
        for key, name, statistic, compute in STATISTICS
    )


def _axis(at: AxisName) -> tuple[Metric, ...]:
    return tuple(
        Metric(
            id=f"ttb_axis_{key}_{at.label}",
            name=f"{name} of the time to boundary, {at.words}",
            symbol=rf"\mathrm{{TTB}}_{{{at.letter},\mathrm{{{key}}}}}",
            dimension=DURATION,
            formula=rf"{statistic},\quad \tau=\frac{{|{at.letter}_b-{at.letter}|}}{{|\dot {at.letter}|}}",
            source=Source("Van Wegen, van Emmerik, Riccio", 2002, "as used by Hertel et al. 2006"),
            function=partial(of_axis, axis=at.axis, compute=compute),
            conventions=f"{_BASE}; the border ahead of the rectangle around the base",
            rate=25.0,
            seconds=10.0,
            status="unverified",
        )
        for key, name, statistic, compute in STATISTICS
    )


METRICS: tuple[Metric, ...] = (
    *_planar("linear", r"p+\dot p\,t\notin B", Source("Riccio", 1993, "linear"), "verified"),
    *_planar(
        "quadratic",
        r"p+\dot p\,t+\tfrac12\ddot p\,t^2\notin B",
        Source("Slobounov, Slobounova, Newell", 1997, "quadratic"),
        "verified",
    ),
    *(metric for at in PLANE for metric in _axis(at)),
)
