"""How the path spreads with time: the diffusion descriptors of Quijoux et al. 2021."""

from operator import attrgetter

from otolith.dsp.diffusion import Diffusion, mean_squared_displacement, two_lines, two_regions
from otolith.dsp.metrics.metric import AREA, AREA_RATE, DURATION, PLANE, PURE, Dimension, Metric, Source, on_axes
from otolith.dsp.metrics.position import QUIJOUX
from otolith.dsp.trace import Axis, Trace

SHORTEST = 8.0
"""Seconds; a third of the trace must reach past 2.5 s."""


def diffusion(trace: Trace, axis: Axis) -> Diffusion:
    """The diffusion plot of one axis at lags up to a third of the trace, split into its two regions."""
    displacement = mean_squared_displacement(trace.signal(axis), int(len(trace) * (1 / 3)))
    return two_regions(displacement, trace.rate)


def _diffusion(
    field: str, key: str, name: str, symbol: str, formula: str, *, dimension: Dimension
) -> tuple[Metric, ...]:
    """One descriptor of the diffusion plot on both axes, read from :class:`Diffusion`."""
    read = attrgetter(field)
    return on_axes(
        PLANE,
        lambda trace, axis: float(read(trace.shared(diffusion, axis))),
        id=f"{key}_Diffusion_@",
        name=f"{name}, @",
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=Source(QUIJOUX, 2021, "stabilogram diffusion, after Collins and De Luca 1993"),
        conventions="lags to N/3; natural log-log; each region's border where its own line fits best in 0.3-2.5 s",
        seconds=SHORTEST,
    )


_LINES = r"\ln\langle\Delta @^2\rangle=\ln C+2H\ln\Delta t"

METRICS: tuple[Metric, ...] = (
    *_diffusion("short_coefficient", "short_time_diffusion", "Short-time diffusion", "C_{s@}", _LINES, dimension=AREA),
    *_diffusion("long_coefficient", "long_time_diffusion", "Long-time diffusion", "C_{l@}", _LINES, dimension=AREA),
    *_diffusion(
        "critical_time",
        "critical_time",
        "Critical time",
        "t_{c@}",
        r"\ln t_c=\min\left(\frac{\ln C_l-\ln C_s}{2H_s-2H_l},\ln t_{max}\right)",
        dimension=DURATION,
    ),
    *_diffusion(
        "critical_displacement",
        "critical_displacement",
        "Critical displacement",
        r"\langle\Delta @^2\rangle_c",
        "C_s\\,t_c^{2H_s}",
        dimension=AREA,
    ),
    *_diffusion("short_exponent", "short_time_scaling", "Short-time scaling", "H_{s@}", _LINES, dimension=PURE),
    *_diffusion("long_exponent", "long_time_scaling", "Long-time scaling", "H_{l@}", _LINES, dimension=PURE),
)


def planar_diffusion(trace: Trace) -> Diffusion:
    """The linear analysis of the planar displacement at lags up to 10 s."""
    lags = min(int(10.0 * trace.rate), len(trace) - 1)
    planar = mean_squared_displacement(trace.ml, lags) + mean_squared_displacement(trace.ap, lags)
    return two_lines(planar, trace.rate)


def _planar(field: str, key: str, name: str, symbol: str, formula: str, *, dimension: Dimension) -> Metric:
    """One figure of the linear analysis, read from :class:`Diffusion`."""
    read = attrgetter(field)
    return Metric(
        id=f"sda_{key}",
        name=f"{name}, planar",
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=Source("Collins, De Luca", 1993),
        conventions="regions 0-0.5 s and 2-10 s, where the authors chose by eye",
        function=lambda trace: float(read(trace.shared(planar_diffusion))),
        seconds=20.0,
        status="unverified",
    )


_DIFFUSION = r"\langle\Delta r^2\rangle=2D\,\Delta t"
_HURST = r"\langle\Delta r^2\rangle\propto\Delta t^{2H}"

COLLINS: tuple[Metric, ...] = (
    _planar("short_coefficient", "short_diffusion", "Short-term diffusion", "D_s", _DIFFUSION, dimension=AREA_RATE),
    _planar("long_coefficient", "long_diffusion", "Long-term diffusion", "D_l", _DIFFUSION, dimension=AREA_RATE),
    _planar("short_exponent", "short_hurst", "Short-term scaling", "H_s", _HURST, dimension=PURE),
    _planar("long_exponent", "long_hurst", "Long-term scaling", "H_l", _HURST, dimension=PURE),
    _planar(
        "critical_time", "critical_time", "Critical time", "t_c", r"\text{where the two lines meet}", dimension=DURATION
    ),
    _planar(
        "critical_displacement",
        "critical_displacement",
        "Critical displacement",
        r"\langle\Delta r^2\rangle_c",
        r"\text{where the two lines meet}",
        dimension=AREA,
    ),
)
