"""Figures of exercises with a target or a rhythm: how it was followed, pushed, met, reached."""

from collections.abc import Callable
from typing import Any

import numpy as np

from otolith.dsp.closeness import longest
from otolith.dsp.metrics.exercising import Excursion, OnTarget, Pursuit, Push, Reacting, Rhythm
from otolith.dsp.metrics.metric import (
    ANGLE,
    DISTANCE,
    DURATION,
    FORCE,
    FORCE_RATE,
    PERCENT,
    PURE,
    VELOCITY,
    Dimension,
    Score,
    Source,
)
from otolith.dsp.rhythm import IN_TIME

POULTON = Source("Poulton", 1974, "Tracking skill and manual control: error, lag")
OWN = Source("Otolith", 2026, "own definition, docs/training.md")


def speed(pursuit: Pursuit) -> float:
    """Mean speed of the CoP, mm/s."""
    steps = np.hypot(np.diff(pursuit.ml), np.diff(pursuit.ap))
    return float(steps.sum()) * pursuit.rate / len(steps)


def _pursuit(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Pursuit], float],
    *,
    dimension: Dimension,
    conventions: str = "",
    source: Source = POULTON,
) -> Score[Pursuit]:
    return Score(
        id=f"pursuit_{key}",
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=source,
        inputs=Pursuit,
        function=function,
        conventions=conventions,
        rate=25.0,
        seconds=3.0,
    )


_LAG = "the lag of least mean squared distance, up to 1.5 s, by a parabola between samples"
PURSUITS: tuple[Score[Pursuit], ...] = (
    _pursuit(
        "rms_error",
        "Tracking error",
        r"e_{\mathrm{RMS}}",
        r"\sqrt{\tfrac1N\sum_i|c_i-p_i|^2}",
        lambda one: one.tracking.rms_error,
        dimension=DISTANCE,
        conventions="c cursor, p target at the same time",
    ),
    _pursuit(
        "lag",
        "Lag",
        r"\tau",
        r"\arg\min_\tau\overline{|c(t+\tau)-p(t)|^2}",
        lambda one: one.tracking.lag,
        dimension=DURATION,
        conventions=_LAG,
    ),
    _pursuit(
        "phase_lag",
        "Phase lag",
        r"\varphi",
        r"360^\circ\,\tau/P",
        lambda one: 360.0 * one.tracking.lag / one.period,
        dimension=ANGLE,
        conventions=f"P one lap; {_LAG}",
    ),
    _pursuit(
        "spatial_error",
        "Error beside the path",
        r"e_\perp",
        r"\sqrt{\overline{|c(t+\tau)-p(t)|^2}}",
        lambda one: one.tracking.spatial_error,
        dimension=DISTANCE,
        conventions=f"what remains once lateness is forgiven; {_LAG}",
    ),
    _pursuit(
        "path_ratio",
        "Path ratio",
        r"L_c/L_p",
        r"\frac{\sum_i|\Delta c_i|}{\sum_i|\Delta p_i|}",
        lambda one: one.tracking.path_ratio,
        dimension=PURE,
        conventions="both low-passed alike; 1 is as far, more is detours",
        source=OWN,
    ),
    _pursuit(
        "directional_control",
        "Directional control of a pursuit",
        r"\mathrm{DC}",
        r"100\,\frac{\sum_i\Delta c_i\cdot\hat u_i}{\sum_i|\Delta c_i|},\quad\hat u=\Delta p/|\Delta p|",
        lambda one: one.tracking.directional_control,
        dimension=PERCENT,
        conventions=f"at the lag; {_LAG}",
        source=OWN,
    ),
    _pursuit(
        "velocity",
        "Speed of a pursuit",
        r"\bar v_c",
        r"\frac1T\sum_i|\Delta c_i|",
        speed,
        dimension=VELOCITY,
        conventions="T = (N - 1) / rate",
        source=OWN,
    ),
)


def _on_target(
    key: str, name: str, symbol: str, formula: str, function: Callable[[OnTarget], float], *, dimension: Dimension
) -> Score[OnTarget]:
    return Score(
        id=key,
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=OWN,
        inputs=OnTarget,
        function=function,
        conventions="e the distance from the target, b its band",
        rate=25.0,
        seconds=0.2,
    )


ON_TARGET: tuple[Score[OnTarget], ...] = (
    _on_target(
        "time_on_target",
        "Time on target",
        r"t_b",
        r"\frac{100}{N}\,|\{i:e_i\le b\}|",
        lambda one: 100.0 * float((one.error <= one.band).sum()) / (one.rate * one.asked),
        dimension=PERCENT,
    ),
    _on_target(
        "longest_on_target",
        "Longest time on target",
        r"\max t_b",
        r"\max\{t'-t:e\le b\text{ on }[t,t')\}",
        lambda one: longest(one.error <= one.band, one.rate),
        dimension=DURATION,
    ),
)


def _push(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Push], float],
    *,
    dimension: Dimension,
    how: str = "F the vertical force, as it was recorded",
) -> Score[Push]:
    return Score(
        id=f"load_{key}",
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=OWN,
        inputs=Push,
        function=function,
        conventions=how,
        rate=25.0,
        seconds=0.2,
    )


_STANDS = "from the moment that the target no longer rises"
PUSHES: tuple[Score[Push], ...] = (
    _push("peak", "Peak load", r"\hat F", r"\max F", lambda one: one.loading.peak, dimension=FORCE),
    _push("mean", "Mean load", r"\bar F", r"\overline{F}", lambda one: one.loading.mean, dimension=FORCE, how=_STANDS),
    _push(
        "rate",
        "Rate of loading",
        r"\dot F",
        r"\max\frac{F(t+50\,\mathrm{ms})-F(t)}{50\,\mathrm{ms}}",
        lambda one: one.loading.rate,
        dimension=FORCE_RATE,
    ),
    _push(
        "in_band",
        "Load in the band",
        r"F_b",
        r"100\,P(|F-F^*|\le b)",
        lambda one: one.loading.in_band,
        dimension=PERCENT,
        how=_STANDS,
    ),
    _push(
        "rms_error",
        "Error of the load",
        r"e_F",
        r"\sqrt{\tfrac1N\sum_i(F_i-F_i^*)^2}",
        lambda one: one.loading.rms_error,
        dimension=FORCE,
    ),
)


def _beat(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Rhythm], float],
    *,
    dimension: Dimension = DURATION,
) -> Score[Rhythm]:
    return Score(
        id=f"beat_{key}",
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=Source("Repp", 2005, "Sensorimotor synchronization: asynchrony"),
        inputs=Rhythm,
        function=function,
        conventions="τ by how much the turn or the transfer is later than its tone; of the tones that were met",
        rate=0.0,
        seconds=0.0,
    )


def _mean(values: Any) -> float:  # noqa: ANN401 - a column, of numbers or of truth
    return float(np.mean(values)) if len(values) else float("nan")


BEATS: tuple[Score[Rhythm], ...] = (
    _beat("error", "Timing error", r"\overline{|\tau|}", r"\tfrac1K\sum_k|\tau_k|", lambda one: _mean(np.abs(one.met))),
    _beat("bias", "Mean asynchrony", r"\bar\tau", r"\tfrac1K\sum_k\tau_k", lambda one: _mean(one.met)),
    _beat(
        "spread",
        "Spread of the timing",
        r"s_\tau",
        r"\sqrt{\tfrac1{K}\sum_k(\tau_k-\bar\tau)^2}",
        lambda one: float(np.std(one.met)) if len(one.met) else float("nan"),
    ),
    _beat(
        "met",
        "Tones met",
        r"K_b",
        r"\frac{100}{K}\,|\{k:|\tau_k|\le 0.1\,P\}|",
        lambda one: 100.0 * _mean(np.abs(np.nan_to_num(one.errors, nan=np.inf)) <= IN_TIME * one.period),
        dimension=PERCENT,
    ),
)


def reach_time(excursion: Excursion) -> float:
    """Seconds until 95 % of the furthest."""
    furthest = float(excursion.along.max())
    return int(np.argmax(excursion.along >= 0.95 * furthest)) / excursion.rate if furthest > 0.0 else float("nan")


EXCURSIONS: tuple[Score[Excursion], ...] = (
    Score(
        id="reach_excursion",
        name="Excursion of a reach or a lean",
        symbol=r"\max a",
        dimension=DISTANCE,
        formula=r"\max_t a(t)",
        source=OWN,
        inputs=Excursion,
        function=lambda one: float(one.along.max()),
        conventions="a of the CoP from the person's own middle, low-passed at 10 Hz",
        rate=25.0,
        seconds=1.0,
    ),
    Score(
        id="reach_time",
        name="Time of a reach or a lean",
        symbol=r"t_{95}",
        dimension=DURATION,
        formula=r"\min\{t:a(t)\ge 0.95\max a\}",
        source=OWN,
        inputs=Excursion,
        function=reach_time,
        conventions="from the beginning of the record",
        rate=25.0,
        seconds=1.0,
    ),
)


def _react(
    key: str,
    name: str,
    symbol: str,
    formula: str,
    function: Callable[[Reacting], float],
    *,
    dimension: Dimension = DURATION,
) -> Score[Reacting]:
    return Score(
        id=f"react_{key}",
        name=name,
        symbol=symbol,
        dimension=dimension,
        formula=formula,
        source=OWN,
        inputs=Reacting,
        function=function,
        conventions="from the appearance of a target; begun once a tenth of the way is done, there once within the"
        " band; mean of the targets of which it is known",
        rate=25.0,
        seconds=1.0,
    )


def _known(values: Any) -> float:  # noqa: ANN401 - a column
    return _mean(values[np.isfinite(values)])


REACTIONS: tuple[Score[Reacting], ...] = (
    _react(
        "reaction_time",
        "Reaction time to a target",
        r"t_r",
        r"\overline{t_{10\%}}",
        lambda one: _known(one.reactions.begun),
    ),
    _react(
        "movement_time",
        "Movement time to a target",
        r"t_m",
        r"\overline{t_b-t_{10\%}}",
        lambda one: _known(one.reactions.reached - one.reactions.begun),
    ),
    _react(
        "time_to_reach", "Time to reach a target", r"t_b", r"\overline{t_b}", lambda one: _known(one.reactions.reached)
    ),
    _react(
        "hits",
        "Targets reached",
        r"K_b",
        r"\frac{100}{K}\,|\{k:t_b\text{ exists}\}|",
        lambda one: 100.0 * _mean(np.isfinite(one.reactions.reached)),
        dimension=PERCENT,
    ),
)
