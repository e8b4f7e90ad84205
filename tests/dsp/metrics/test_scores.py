"""Every score of the registry: complete, a number on what it is for, refused below its limits, true to its unit."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otolith.dsp.metrics.exercising import (
    Done,
    Excursion,
    OnTarget,
    Pursuit,
    Push,
    Ranges,
    Reacting,
    Rhythm,
    Squats,
    Steps,
    Uprising,
)
from otolith.dsp.metrics.inputs import (
    Comparison,
    Counted,
    Dropping,
    FourConditions,
    FourStages,
    Held,
    Jumping,
    Landing,
    Lean,
    Quadrants,
    Reached,
    Rising,
    Sides,
    SixConditions,
    SixStances,
    Tilt,
    TwoAreas,
    TwoTasks,
    Untimed,
)
from otolith.dsp.metrics.metric import MetricRefused, Score, measure
from otolith.dsp.metrics.registry import SCORES
from otolith.dsp.reactions import Appearance

RATE = 500.0
WEIGHT = 700.0


def steps(*parts: tuple[float, float]) -> np.ndarray:
    """Stretches of (seconds, level)."""
    return np.concatenate([np.full(round(seconds * RATE), level) for seconds, level in parts])


def landing() -> Landing:
    fz = steps((0.2, 0.0), (0.1, 1800.0), (4.0, 710.0))
    t = np.arange(len(fz)) / RATE
    return Landing(40.0 * np.exp(-3.0 * t), 60.0 * np.exp(-2.0 * t), fz, RATE, WEIGHT)


def lean() -> Lean:
    t = np.arange(0.0, 9.0, 1.0 / RATE)
    reach = 5.0 * np.clip(t - 1.0, 0.0, 1.0)
    return Lean(reach + 0.1 * np.sin(t), 0.1 * t, RATE, 90.0, 8.0)


def at(seconds: float) -> np.ndarray:
    return np.arange(0.0, seconds, 1.0 / RATE)


def squats() -> Squats:
    """Down 100 mm and up in 2 s, by a sine: the force is the weight and what accelerates it."""
    return Squats(WEIGHT * (1.0 - 0.05 * np.pi**2 * np.cos(np.pi * at(12.0)) / 9.80665), RATE, WEIGHT, 2.0)


def pursuit() -> Pursuit:
    turn = 2.0 * np.pi * at(12.0) / 6.0
    late = turn - 2.0 * np.pi * 0.2 / 6.0
    return Pursuit(50.0 * np.sin(late), 50.0 * np.cos(late), 50.0 * np.sin(turn), 50.0 * np.cos(turn), RATE, 6.0, 10.0)


def uprising() -> Uprising:
    t = (at(20.0) + 0.0007) % 4.0  # no sample lies on a border
    way = np.clip(t - 1.0, 0.0, 1.0) - np.clip(t - 3.0, 0.0, 1.0)
    return Uprising(WEIGHT * (0.25 + 0.75 * way), RATE, WEIGHT)


def reacting() -> Reacting:
    there = 60.0 * np.clip((at(6.0) - 1.5) / 0.5, 0.0, 1.0)
    return Reacting(
        there, np.zeros_like(there), RATE, (Appearance(1.0, 3.0, 60.0, 0.0), Appearance(3.0, 5.0, 0, 60)), 6.0
    )


EXAMPLES: dict[type, Any] = {
    OnTarget: OnTarget(np.tile([0.0, 20.0], 500), RATE, 10.0, 2.0),
    Pursuit: pursuit(),
    Push: Push(100.0 * np.clip(at(6.0) - 0.5, 0.0, 1.0), 100.0 * np.clip(at(6.0), 0.0, 1.0), RATE, 10.0, 1.0, 6.0),
    Rhythm: Rhythm(np.array([0.05, -0.05, np.nan, 0.2]), np.ones(4), 1.0),
    Squats: squats(),
    Steps: Steps(0.5 - 0.4 * np.sin(np.pi * at(8.0)), RATE),
    Uprising: uprising(),
    Reacting: reacting(),
    Excursion: Excursion(80.0 * np.clip(at(4.0) - 1.0, 0.0, 1.0), RATE),
    Done: Done(12.0, 16.0),
    Ranges: Ranges(20.0, 30.0, 1700.0),
    Comparison: Comparison(10.0, 15.0),
    TwoTasks: TwoTasks(10.0, 12.0),
    Counted: Counted(12.0, 20.0),
    SixStances: SixStances(0.0, 4.0, 2.0, 1.0, 10.0, 6.0),
    Held: Held(7.5),
    FourStages: FourStages(10.0, 10.0, 6.0, 10.0),
    Reached: Reached(254.0),
    TwoAreas: TwoAreas(300.0, 200.0),
    FourConditions: FourConditions(1.0, 2.0, 3.0, 9.0),
    SixConditions: SixConditions((100.0, 90.0, 85.0, 80.0, 60.0, 55.0)),
    Sides: Sides(300.0, 400.0),
    Quadrants: Quadrants(100.0, 150.0, 200.0, 250.0),
    Tilt: Tilt(np.tile([3.0, -3.0], 3000), np.tile([4.0, -4.0], 3000), RATE),
    Lean: lean(),
    Jumping: Jumping(steps((1.2, WEIGHT), (0.3, 400.0), (0.45, 1300.0), (0.5, 0.0), (0.2, 1500.0), (1, WEIGHT)), RATE),
    Dropping: Dropping(steps((0.5, 0.0), (0.2, 2000.0), (0.4, 0.0), (0.5, WEIGHT)), RATE),
    Landing: landing(),
    Rising: Rising(steps((1.0, 150.0), (0.2, 400.0), (0.1, 800.0), (2.0, WEIGHT)), RATE, WEIGHT),
}
BY_HAND = {
    "romberg_quotient": 1.5,
    "percent_change": 50.0,
    "normalised_difference": 0.2,
    "sot_composite": (100 + 90 + 3 * (85 + 80 + 60 + 55)) / 14,
    "sot_somatosensory": 0.9,
    "sot_visual": 0.8,
    "sot_vestibular": 0.6,
    "sot_preference": 140 / 150,
    "ctsib_composite": 3.75,
    "ctsib_visual": 100.0,
    "ctsib_proprioceptive": 200.0,
    "ctsib_vestibular": 800.0,
    "ctsib_removed_vision": 2.0,
    "ctsib_removed_somatosensory": 3.0,
    "ctsib_removed_vestibular": 9.0,
    "ctsib_left_somatosensory": 2.0,
    "ctsib_left_visual": 3.0,
    "ctsib_left_vestibular": 9.0,
    "dual_task_cost": 20.0,
    "bess_errors": 10.0,
    "bess_total": 23.0,
    "time_held": 7.5,
    "stages_held": 2.0,
    "functional_reach": 254.0,
    "hull_to_ellipse": 1.5,
    "left_share": 300 / 7,
    "symmetry_index": 200 / 7,
    "osi_tilt": 5.0,
    "apsi_tilt": 4.0,
    "mlsi_tilt": 3.0,
    "dj_contact_time": 0.2,
    "dj_height": 1000 * 9.80665 * 0.16 / 8,
    "dj_rsi": 1000 * 9.80665 * 0.16 / 8 / 0.2,
    "dj_rsi_ratio": 2.0,
    "cmj_flight_time": 0.5,
    "cmj_height_flight": 1000 * 9.80665 * 0.25 / 8,
    "cmj_time_to_take_off": 0.75 + 0.03,
    "cmj_peak_force": 1300.0,
    "cmj_peak_landing_force": 1500.0,
    "los_maximum_excursion": 100 * (5.0 + 0.1 * math.sin(5 * math.pi / 2)) / 8.0,
    "sts_transfer_time": 0.2,
    "sts_rising_index": 100 / 7,
    "sts_peak_force": 800.0,
    "sts_rate_of_force": 400.0 * RATE,
    "sts_settling_time": 0.1,
    "tts_vertical": 0.1,
    "closeness": 75.0,
    "time_on_target": 50.0,
    "longest_on_target": 1.0 / RATE,
    "completion": 75.0,
    "rhythm_score": 62.5,
    "beat_error": 0.1,
    "beat_bias": 0.2 / 3.0,
    "beat_met": 50.0,
    "load_peak": 100.0,
    "load_rate": 100.0,
    "reaction_score": 50.0,
    "react_hits": 50.0,
    "reach_excursion": 80.0,
    "reach_time": 1.95,
    "rise_count": 5.0,
    "rise_peak_force": 100.0,
    "step_count": 7.0,
    "steadiness_score": 100.0 * (1.0 - 30.0 / (2.0 * 0.5527 * 1700.0 * math.sin(math.radians(6.25)))),
}
"""What the formulas give for the examples, in mm, N and seconds."""


NEARLY = {
    "pursuit_rms_error": 100.0 * math.sin(math.pi * 0.2 / 6.0),
    "pursuit_lag": 0.2,
    "pursuit_phase_lag": 12.0,
    "pursuit_path_ratio": 1.0,
    "pursuit_directional_control": 100.0,
    "pursuit_velocity": 100.0 * math.pi / 6.0,
    "load_mean": (100.0 * 4.5 + 75.0 * 0.5) / 5.0,
    "squat_depth": 100.0,
    "squat_count": 5.0,
    "squat_descent": 1.0,
    "squat_ascent": 1.0,
    "squat_peak_force": 100.0 * (1.0 + 0.05 * math.pi**2 / 9.80665),
    "squat_least_force": 100.0 * (1.0 - 0.05 * math.pi**2 / 9.80665),
    "step_time": 1.0,
    "rise_time": 0.8,
    "rise_sitting_time": 0.8,
    "react_reaction_time": 0.55,
    "react_movement_time": 0.4,
    "react_time_to_reach": 0.95,
}
"""The same to a hundredth: sampled, or integrated twice."""


def scaled(inputs: Any, k: float) -> Any:
    """The same with every force times ``k``; what holds no force as it is."""
    names = {
        Sides: ("left", "right"),
        Quadrants: ("toes_left", "toes_right", "heel_left", "heel_right"),
        Jumping: ("force",),
        Dropping: ("force",),
        Landing: ("fx", "fy", "fz", "weight"),
        Rising: ("force", "weight"),
        Push: ("force", "target", "band"),
        Squats: ("force", "weight"),
        Uprising: ("force", "weight"),
    }.get(type(inputs), ())
    return replace(inputs, **{name: k * getattr(inputs, name) for name in names})


@pytest.mark.parametrize("key", SCORES)
def test_a_score_is_complete_and_a_number(key: str) -> None:
    score = SCORES[key]
    assert score.id == key
    assert all((score.name, score.symbol, score.formula, score.conventions, score.source.authors, score.dimension.unit))
    assert score.source.year > 1900
    assert score.status in {"verified", "unverified"}
    assert score.formula.count("{") == score.formula.count("}")
    assert (score.inputs.__doc__ or "").strip()
    assert math.isfinite(measure(score, EXAMPLES[score.inputs]).value)


@pytest.mark.parametrize("key", BY_HAND)
def test_a_score_is_what_one_works_out_by_hand(key: str) -> None:
    score = SCORES[key]
    assert measure(score, EXAMPLES[score.inputs]).value == pytest.approx(BY_HAND[key], rel=1e-9)


@pytest.mark.parametrize("key", NEARLY)
def test_a_score_of_a_movement_is_nearly_what_one_works_out_by_hand(key: str) -> None:
    score = SCORES[key]
    assert measure(score, EXAMPLES[score.inputs]).value == pytest.approx(NEARLY[key], rel=0.01)


@pytest.mark.parametrize("key", [key for key, score in SCORES.items() if not issubclass(score.inputs, Untimed)])
def test_a_score_is_refused_below_its_limits(key: str) -> None:
    score = SCORES[key]
    assert score.rate > 0.0
    assert score.seconds > 0.0
    whole = EXAMPLES[score.inputs]
    signals = {name: value for name, value in vars(whole).items() if isinstance(value, np.ndarray)}
    with pytest.raises(MetricRefused, match=f"{key} needs at least .* samples a second"):
        measure(score, replace(whole, rate=0.99 * score.rate))
    few = int(0.99 * score.seconds * whole.rate)
    with pytest.raises(MetricRefused, match=f"{key} needs at least .* s, not"):
        measure(score, replace(whole, **{name: value[:few] for name, value in signals.items()}))


@given(k=st.floats(0.5, 2.0))
@settings(max_examples=20, deadline=None)
def test_a_heavier_person_has_the_same_score_in_its_unit(k: float) -> None:
    for key, score in SCORES.items():
        inputs = EXAMPLES[score.inputs]
        before, after = measure(score, inputs).value, measure(score, scaled(inputs, k)).value
        assert after == pytest.approx(before * k**score.dimension.force, rel=1e-6, abs=1e-9), key


@pytest.mark.parametrize("key", SCORES)
def test_centimetres_are_ten_millimetres_to_that_power(key: str) -> None:
    score = SCORES[key]
    mm, cm = (measure(score, EXAMPLES[score.inputs], unit) for unit in ("mm", "cm"))
    assert cm.value * 10.0**score.dimension.length == pytest.approx(mm.value, rel=1e-12)
    assert "{" not in cm.unit


@pytest.mark.parametrize(
    ("key", "inputs", "reason"),
    [
        ("cmj_height_flight", Jumping(np.full(2000, WEIGHT), RATE), "no flight"),
        ("dj_rsi", Dropping(np.full(2000, WEIGHT), RATE), "empty plate"),
        ("dpsi", Landing(np.zeros(2000), np.zeros(2000), np.zeros(2000), RATE, WEIGHT), "nobody lands"),
        ("sts_peak_force", Rising(np.full(2000, 100.0), RATE, WEIGHT), "nobody rises"),
        ("los_endpoint_excursion", Lean(np.zeros(5000), np.zeros(5000), RATE, 0.0, 8.0), "nobody leans"),
        ("sot_visual", SixConditions((1.0, 2.0)), "six conditions, not 2"),  # type: ignore[arg-type]  # on purpose
    ],
)
def test_what_a_score_is_not_for_is_refused_with_the_reason(key: str, inputs: Any, reason: str) -> None:
    score: Score[Any] = SCORES[key]
    with pytest.raises(MetricRefused, match=f"{key}: .*{reason}"):
        measure(score, inputs)


def test_a_ratio_to_nothing_is_undefined() -> None:
    assert math.isnan(measure(SCORES["romberg_quotient"], Comparison(0.0, 1.0)).value)
    assert math.isnan(measure(SCORES["symmetry_index"], Sides(0.0, 0.0)).value)


@pytest.mark.parametrize(
    ("signal", "rate", "sentence"),
    [(np.zeros(1), 10.0, "two or more"), (np.full(9, np.nan), 10.0, "NaN"), (np.zeros(9), 0.0, "positive number")],
)
def test_what_is_no_recording_is_refused(signal: np.ndarray, rate: float, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Jumping(signal, rate)
