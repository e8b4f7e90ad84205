"""Where the body's weight is: figures of the centre of gravity that the CoP of an inverted pendulum betrays."""

import math

import numpy as np

from otolith.dsp.clinical import equilibrium_score, sway_angle
from otolith.dsp.cog import centre_of_gravity
from otolith.dsp.metrics.metric import (
    ANGULAR_RATE,
    DISTANCE,
    PERCENT,
    PLANE,
    VELOCITY,
    Metric,
    MetricRefused,
    Source,
    on_axes,
)
from otolith.dsp.trace import Axis, Signal, Trace, inner

PENDULUM = Source("Caron, Faure, Brenière", 1997, "low-pass filter")
_CONVENTIONS = (
    "needs the stature; the filter's constants from Breniere 1996, McGinnis 2005 and Winter 2005; ends extended oddly"
)


def stature_of(trace: Trace) -> float:
    """Stature, mm. Raises MetricRefused where none was given."""
    if trace.stature is None:
        raise MetricRefused("the centre of gravity needs the person's stature")
    return trace.stature


def gravity(trace: Trace, axis: Axis) -> Signal:
    """``(n,)`` the centre of gravity along one axis, mm."""
    return centre_of_gravity(trace.signal(axis), trace.rate, stature_of(trace) / 1000.0, axis)


def lean(trace: Trace, axis: Axis) -> Signal:
    """``(n,)`` degrees of lean of the centre of gravity over the ankles."""
    return sway_angle(trace.shared(gravity, axis), stature_of(trace))


def gravity_rms(trace: Trace, axis: Axis) -> float:
    """RMS of the centre of gravity about its mean, mm."""
    return float(trace.shared(gravity, axis).std())


def gravity_range(trace: Trace, axis: Axis) -> float:
    """Largest less smallest position of the centre of gravity, mm."""
    return float(np.ptp(trace.shared(gravity, axis)))


def error_rms(trace: Trace, axis: Axis) -> float:
    """RMS distance between CoP and centre of gravity, mm."""
    apart = trace.signal(axis) - trace.shared(gravity, axis)
    return math.sqrt(inner(apart, apart) / len(apart))


def gravity_velocity(trace: Trace) -> float:
    """Path of the centre of gravity over T = N / rate, mm/s."""
    steps = np.hypot(np.diff(trace.shared(gravity, "ml")), np.diff(trace.shared(gravity, "ap")))
    return float(steps.sum()) / trace.seconds


def sway_velocity(trace: Trace) -> float:
    """Path of the lean over T = N / rate, degrees a second."""
    steps = np.hypot(np.diff(trace.shared(lean, "ml")), np.diff(trace.shared(lean, "ap")))
    return float(steps.sum()) / trace.seconds


def equilibrium(trace: Trace) -> float:
    """Equilibrium score of one who did not fall, percent."""
    return equilibrium_score(trace.shared(lean, "ap"))


_FILTER = r"G_@(\omega)=\frac{\omega_0^2}{\omega_0^2+\omega^2}P_@(\omega),\ \omega_0^2=\frac{mgh}{I}"
_LEAN = r"\theta_@=\arcsin\frac{g_@}{0.5527\,H}"

METRICS: tuple[Metric, ...] = (
    *on_axes(
        PLANE,
        gravity_rms,
        id="cog_rms_@",
        name="RMS of the centre of gravity, @",
        symbol=r"\mathrm{RMS}(g_@)",
        dimension=DISTANCE,
        formula=rf"\sqrt{{\overline{{(g_@-\bar g_@)^2}}}},\quad {_FILTER}",
        source=PENDULUM,
        conventions=f"{_CONVENTIONS}; ddof 0",
        seconds=10.0,
    ),
    *on_axes(
        PLANE,
        gravity_range,
        id="cog_range_@",
        name="Range of the centre of gravity, @",
        symbol="R(g_@)",
        dimension=DISTANCE,
        formula=rf"\max g_@-\min g_@,\quad {_FILTER}",
        source=PENDULUM,
        conventions=_CONVENTIONS,
        seconds=10.0,
    ),
    *on_axes(
        PLANE,
        error_rms,
        id="cop_cog_rms_@",
        name="RMS of CoP less centre of gravity, @",
        symbol=r"\mathrm{RMS}(@-g_@)",
        dimension=DISTANCE,
        formula=rf"\sqrt{{\overline{{(@-g_@)^2}}}},\quad {_FILTER}",
        source=Source("Winter, Patla, Prince, Ishac, Gielo-Perczak", 1998, "COP-COM error"),
        conventions=f"{_CONVENTIONS}; ddof 0",
        seconds=10.0,
    ),
    Metric(
        id="cog_mean_velocity",
        name="Mean velocity of the centre of gravity",
        symbol=r"\bar v_g",
        dimension=VELOCITY,
        formula=r"\frac{1}{T}\sum_i\|g_{i+1}-g_i\|",
        source=PENDULUM,
        conventions=f"T = N / rate; {_CONVENTIONS}",
        seconds=10.0,
        function=gravity_velocity,
    ),
    Metric(
        id="cog_sway_velocity",
        name="Sway velocity of the centre of gravity",
        symbol=r"\dot\theta",
        dimension=ANGULAR_RATE,
        formula=rf"\frac{{1}}{{T}}\sum_i\|\theta_{{i+1}}-\theta_i\|,\quad {_LEAN.replace('@', 'a')}",
        source=Source("NeuroCom International", 2008, "mCTSIB"),
        conventions=f"T = N / rate; height of the centre of gravity 0.5527 of stature; {_CONVENTIONS}",
        seconds=10.0,
        status="unverified",
        function=sway_velocity,
    ),
    Metric(
        id="equilibrium_score",
        name="Equilibrium score",
        symbol=r"\mathrm{ES}",
        dimension=PERCENT,
        formula=rf"100\max\left(1-\frac{{\max\theta_y-\min\theta_y}}{{12.5°}},0\right),\quad {_LEAN.replace('@', 'y')}",
        source=Source("Nashner", 1982, "equilibrium score"),
        conventions="of one who did not fall (0 otherwise); height of the centre of gravity 0.5527 of stature;"
        f" {_CONVENTIONS}",
        seconds=10.0,
        status="unverified",
        function=equilibrium,
    ),
)
