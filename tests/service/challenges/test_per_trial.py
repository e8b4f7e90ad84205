"""Scores of single trials from made-up samples: what goes in, by hand, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from otolith.drivers.board import Cell, WrenchPlate
from otolith.dsp.clinical import COG_HEIGHT
from otolith.service.challenges.agenda import agenda
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.measuring import measured
from otolith.service.challenges.setting import DeviceClass, Setting, device_class
from otolith.service.challenges.trial import Samples, Trial, Verdict

Make = Callable[..., Challenge]
RATE = 250.0
FOUR = tuple(
    Cell(name, x, y) for name, x, y in (("a", -200, 150), ("b", 200, 150), ("c", -200, -150), ("d", 200, -150))
)
CELLS = Setting(cells=FOUR, stature_mm=1800.0)
PLATE = Setting(plates=(WrenchPlate("p"),))


def samples(force: np.ndarray, cop: np.ndarray | None = None, **changes: Any) -> Samples:
    n = len(force)
    place = np.zeros((n, 2)) if cop is None else cop
    missed = np.zeros(n, np.int64)
    t = (np.arange(n) / RATE * 1e9).astype(np.int64)
    made = Samples("b", RATE, t, place, force, np.outer(force, np.full(4, 0.25)), np.zeros(n, np.uint32), missed, 0)
    return replace(made, **changes)


def standing(seconds: float = 10.0, weight: float = 700.0) -> np.ndarray:
    return np.full(round(seconds * RATE), weight)


@pytest.fixture
def scored(challenge: Make) -> Callable[..., Trial]:
    """A trial of one condition with these scores, measured."""

    def make(keys: list[str], given: Samples, setting: Setting = CELLS, **changes: Any) -> Trial:
        condition = changes.pop("condition", {})
        made = challenge(condition, scoring={"metrics": [], "per_trial": keys, "primary": keys[0]})
        trial = Trial("t", agenda(made)[0], 1, Verdict.VALID, "", "", 10.0, 700.0, samples=len(given))
        return measured(replace(trial, **changes), given, made.scoring, setting)

    return make


def test_a_lean_is_of_the_centre_of_gravity_and_of_the_stature(scored: Callable[..., Trial]) -> None:
    """Held for long, CoP and centre of gravity are one: 4 degrees of 8 are 50 %."""
    far = COG_HEIGHT * 1800.0 * np.sin(np.radians(4.0))
    ramp = far * np.clip(np.arange(round(10 * RATE)) / RATE - 4.0, 0.0, 1.0)
    given = samples(standing(), np.column_stack([ramp, np.zeros_like(ramp)]))
    task = {"kind": "lean", "bearing": 90, "degrees": 8}
    keys = ["los_maximum_excursion", "los_directional_control", "los_reaction_time"]
    found = scored(keys, given, condition={"task": task})
    assert found.figures["los_maximum_excursion"].value == pytest.approx(50.0, abs=0.3)
    assert found.figures["los_directional_control"].value == pytest.approx(100.0, abs=0.1)
    assert 3.5 < found.figures["los_reaction_time"].value < 4.0  # a pendulum leans before its CoP has moved away
    assert found.warnings == ()
    unknown = scored(keys, given, replace(CELLS, stature_mm=None), condition={"task": task})
    assert unknown.warnings == ("the stature is not known: leans are reckoned with 1700 mm",)
    assert unknown.figures["los_maximum_excursion"].value == pytest.approx(50.0 * 1800 / 1700, abs=0.3)


def test_a_lean_without_a_direction_is_none(scored: Callable[..., Trial]) -> None:
    assert "has none" in scored(["los_reaction_time"], samples(standing())).refused["los_reaction_time"]


def test_sides_are_the_means_of_the_trial(scored: Callable[..., Trial]) -> None:
    sides = np.tile([280.0, 420.0], (2500, 1))
    found = scored(["left_share", "symmetry_index"], samples(standing(), sides=sides))
    assert found.figures["left_share"].value == pytest.approx(40.0)
    assert found.figures["symmetry_index"].value == pytest.approx(40.0)
    assert "halves of one board" in found.warnings[0]
    assert scored(["left_share"], samples(standing(), sides=sides), PLATE).warnings == ()
    assert "cannot tell left from right" in scored(["left_share"], samples(standing())).refused["left_share"]


def test_weight_distribution_is_of_four_cells(scored: Callable[..., Trial]) -> None:
    loads = np.tile([70.0, 140.0, 210.0, 280.0], (2500, 1))
    found = scored(["weight_distribution_index"], samples(standing(), loads=loads))
    assert found.figures["weight_distribution_index"].value == pytest.approx(np.std([10, 20, 30, 40]))
    refused = scored(["weight_distribution_index"], samples(standing()), PLATE).refused
    assert "four cells" in refused["weight_distribution_index"]


def jump() -> np.ndarray:
    parts = ((1.2, 700.0), (0.3, 400.0), (0.45, 1300.0), (0.5, 0.0), (0.2, 1500.0), (1.0, 700.0))
    return np.concatenate([np.full(round(seconds * RATE), newtons) for seconds, newtons in parts])


def test_a_jump_by_its_flight(scored: Callable[..., Trial]) -> None:
    task = {"kind": "jump", "form": "countermovement"}
    found = scored(["cmj_height_flight", "cmj_flight_time"], samples(jump()), condition={"task": task})
    assert found.figures["cmj_flight_time"].value == pytest.approx(0.5, abs=0.005)
    assert found.figures["cmj_height_flight"].value == pytest.approx(1000 * 9.80665 * 0.25 / 8, rel=0.02)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (samples(jump()[round(1.0 * RATE) :]), "not still"),
        (samples(standing()), "no flight"),
        (samples(jump(), rate=125.0), "at least 200 samples a second"),
        (samples(jump(), missed=np.r_[np.zeros(100, np.int64), 3, np.zeros(len(jump()) - 101, np.int64)]), "were lost"),
    ],
)
def test_what_is_no_whole_jump_is_refused(scored: Callable[..., Trial], given: Samples, reason: str) -> None:
    assert reason in scored(["cmj_height_flight"], given).refused["cmj_height_flight"]


def test_a_landing_needs_shear_and_an_empty_plate(scored: Callable[..., Trial]) -> None:
    force = np.concatenate([np.zeros(100), np.full(50, 1800.0), np.full(1200, 700.0)])
    loads = np.zeros((len(force), 6))
    loads[:, 0], loads[:, 1], loads[:, 2] = 35.0, 70.0, force
    found = scored(["dpsi_ml", "dpsi_ap", "tts_vertical"], samples(force, loads=loads), PLATE)
    assert found.figures["dpsi_ml"].value == pytest.approx(0.05)
    assert found.figures["dpsi_ap"].value == pytest.approx(0.1)
    assert found.figures["tts_vertical"].value == pytest.approx(50 / RATE)
    assert "needs shear" in scored(["dpsi"], samples(force)).refused["dpsi"]
    assert "empty plate" in scored(["dpsi"], samples(force[100:], loads=loads[100:]), PLATE).refused["dpsi"]


def test_who_rises_weighs_what_they_weigh_standing(scored: Callable[..., Trial]) -> None:
    force = np.concatenate([np.full(250, 175.0), np.linspace(175.0, 770.0, 100), np.full(750, 700.0)])
    found = scored(["sts_rising_index", "sts_transfer_time"], samples(force), weight_n=175.0)
    assert found.figures["sts_rising_index"].value == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"errors": 3}, 3.0),
        ({"errors": 14}, 10.0),
        ({"errors": 1, "seconds": 4.9}, 10.0),
        ({"errors": 0, "fell": True}, 1.0),
        ({"errors": 2, "fell": True}, 2.0),
    ],
)
def test_bess_counts_ten_at_most(scored: Callable[..., Trial], changes: dict[str, Any], errors: float) -> None:
    assert scored(["bess_errors"], samples(standing()), **changes).figures["bess_errors"].value == errors


def test_times_held_and_reaches_are_what_was_seen(scored: Callable[..., Trial]) -> None:
    given = samples(standing())
    held = scored(["time_held"], given, held_s=10.04, condition={"task": {"kind": "hold"}, "duration_s": 10})
    assert held.figures["time_held"].value == 10.0
    assert scored(["functional_reach"], given, keyed={"reach_mm": 254.0}).figures["functional_reach"].value == 254.0
    assert "nobody keyed" in scored(["functional_reach"], given).refused["functional_reach"]


def test_tilt_is_never_made_of_a_path(scored: Callable[..., Trial]) -> None:
    found = scored(["osi_tilt", "apsi_tilt", "mlsi_tilt"], samples(standing()), PLATE)
    assert {"osi_tilt", "apsi_tilt", "mlsi_tilt"} <= set(found.refused)
    assert "osi_tilt" not in found.figures


def test_an_equilibrium_score_needs_a_stature(challenge: Make) -> None:
    made = challenge({}, scoring={"metrics": ["equilibrium_score"], "primary": "equilibrium_score"})
    trial = Trial("t", agenda(made)[0], 1, Verdict.VALID, "", "", 20.0, 700.0)
    sway = 10.0 * np.sin(np.arange(round(20 * RATE)) / RATE)
    given = samples(standing(20.0), np.column_stack([0.0 * sway, sway]))
    assert 80.0 < measured(trial, given, made.scoring, CELLS).figures["equilibrium_score"].value < 100.0
    assert "stature" in measured(trial, given, made.scoring, PLATE).refused["equilibrium_score"]


def test_boards_are_of_one_class_each() -> None:
    plate = (WrenchPlate("p"),)
    assert device_class("analogue", plate) is DeviceClass.FORCE_PLATE
    assert device_class("phidget_bridge", ()) is device_class("btracks-paced", ()) is DeviceClass.BTRACKS
    assert device_class("wii-hidraw", ()) is DeviceClass.WII
    assert device_class("ofp", ()) is DeviceClass.CELLS
