"""Where the set point goes, and the sway about it: rambling and trembling."""

import math

from otolith.dsp.metrics.metric import DISTANCE, PLANE, Metric, MetricRefused, Source, on_axes
from otolith.dsp.rambling import Rambling, take_apart
from otolith.dsp.trace import Axis, Trace, inner

SOURCE = Source("Zatsiorsky, Duarte", 1999)
_CONVENTIONS = (
    "needs the horizontal force; its mean removed; zero crossings and positions there by linear interpolation;"
    " not-a-knot cubic spline; mean removed, ddof 0"
)


def parts(trace: Trace, axis: Axis) -> Rambling:
    """One axis taken apart. Raises MetricRefused without forces, or where they are hardly ever zero."""
    if trace.force is None:
        raise MetricRefused("rambling and trembling need the horizontal forces: name their columns, fml and fap")
    try:
        return take_apart(trace.signal(axis), trace.force[axis != "ml"])
    except ValueError as error:
        raise MetricRefused(str(error)) from error


def rambling(trace: Trace, axis: Axis) -> float:
    """RMS of the set point's path about its mean, mm."""
    x = trace.shared(parts, axis).rambling
    return math.sqrt(inner(x - x.mean(), x - x.mean()) / len(x))


def trembling(trace: Trace, axis: Axis) -> float:
    """RMS of the sway about the set point, mm."""
    x = trace.shared(parts, axis).trembling
    return math.sqrt(inner(x - x.mean(), x - x.mean()) / len(x))


METRICS: tuple[Metric, ...] = (
    *on_axes(
        PLANE,
        rambling,
        id="rambling_rms_@",
        name="RMS of rambling, @",
        symbol=r"\mathrm{RMS}(@_{\mathrm{RM}})",
        dimension=DISTANCE,
        formula=r"\mathrm{RMS}\left(S(t)\right),\quad S:\text{ spline through }@(t_k),\ F_@(t_k)=0",
        source=SOURCE,
        conventions=_CONVENTIONS,
        seconds=10.0,
        rate=50.0,
    ),
    *on_axes(
        PLANE,
        trembling,
        id="trembling_rms_@",
        name="RMS of trembling, @",
        symbol=r"\mathrm{RMS}(@_{\mathrm{TR}})",
        dimension=DISTANCE,
        formula=r"\mathrm{RMS}\left(@(t)-S(t)\right)",
        source=SOURCE,
        conventions=_CONVENTIONS,
        seconds=10.0,
        rate=50.0,
    ),
)
