"""Every kind of exercise and every setting that makes one harder, from the code's own lists: driven, and measured.

A kind, a setting or an axis that is added without a line here fails.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, get_args

import numpy as np
import pytest

from otolith.drivers.monikers import Sim, parse
from otolith.drivers.patient.person import Person
from otolith.service.challenges.catalogue import runnable
from otolith.service.challenges.challenge import Challenge, Eyes, Feedback, Stance, SurfaceKind
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.tasks import Task
from otolith.service.challenges.trial import Trial
from otolith.service.challenges.voice import RunName
from otolith.service.errors import ChallengeRefused
from otolith.service.programs.axes import PATHS, RUNG, STANCES, TASK
from otolith.service.programs.program import Axis

KINDS: Final = {kind.model_fields["kind"].default: kind for kind in get_args(get_args(Task)[0])}
SETTINGS: Final = {(kind, name) for kind, model in KINDS.items() for name in model.model_fields if name in TASK}
Measure = Callable[[Trial, Sequence[Any]], float]
"""Of a trial and its moments of guidance."""


def figure(name: str) -> Measure:
    def read(trial: Trial, _: Sequence[Any]) -> float:
        assert name in trial.figures, trial.refused
        return trial.figures[name].value

    return read


def turning(_: Trial, moments: Sequence[Any]) -> float:
    """Area that the cursor goes round, mm²; positive against the clock."""
    x, y = np.array([moment.cursor for moment in moments]).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2.0


def places(_: Trial, moments: Sequence[Any]) -> float:
    """How many targets were shown."""
    return float(len({moment.target for moment in moments}))


def cursor(axis: int) -> Measure:
    """Where the person was on the whole."""
    return lambda _, moments: float(np.mean([moment.cursor[axis] for moment in moments]))


SCORE: Final = figure("set_score")


@dataclass(frozen=True)
class Reacts:
    """From the first value to the last, ``measure`` goes ``way``: 1 up, -1 down."""

    values: Sequence[Any]
    task: dict[str, Any] = field(default_factory=dict)
    measure: Measure = SCORE
    way: int = -1
    person: dict[str, Any] = field(default_factory=lambda: {"skill": 0.7})
    seconds: float = 10.0


@dataclass(frozen=True)
class Cued:
    """The simulated person stands as before; but is told so."""

    value: str
    key: str


PLATFORM: Final = "platform"
JUMPS: Final = "a test of its own, below: it wants a faster board"
LOAD: Final[dict[str, Any]] = {"side": "left"}
WEAK: Final[dict[str, Any]] = {"strength": 0.5}
TRACE: Final[dict[str, Any]] = {
    "path": "circle",
    "width_mm": 80,
    "height_mm": 80,
    "period_s": 5,
    "band_mm": 6,
}
REACT: Final[dict[str, Any]] = {"targets": 4, "radius_mm": 60, "band_mm": 15, "shortest_s": 2.0, "longest_s": 2.0}
CURVES: Final = (((0, 0), (10, 10), (20, 0), (10, -10)), ((0, 0), (40, 40), (80, 0), (40, -40)))
DRIVEN: Final[dict[tuple[str, str], Reacts | Cued | str]] = {
    ("stand", "head"): Cued("turning", "head-turning"),
    ("stand", "second_task"): Cued("count backwards from 100", "second-task"),
    ("lean", "bearing"): Reacts((90, 270), {"degrees": 6}, cursor(0)),
    ("lean", "degrees"): Reacts((4, 12), {"bearing": 90}),
    ("shift", "bearing"): Reacts((90, 0), {"degrees": 4, "period_s": 2}, figure("range_ml")),
    ("shift", "degrees"): Reacts((2, 8), {"bearing": 90, "period_s": 2}),
    ("shift", "period_s"): Reacts((3, 1), {"bearing": 90, "degrees": 4}),
    ("squat", "knee_degrees"): Reacts((30, 90), {"period_s": 2.4}, person={"skill": 0.6, "left": 0.46}),
    ("squat", "period_s"): Reacts((4.0, 1.2), {"knee_degrees": 45}, person={"skill": 0.5}),
    ("jump", "form"): JUMPS,
    ("rise", "repetitions"): Reacts((2, 6), person={}),
    ("trace", "path"): Reacts(PATHS[:4:3], TRACE),
    ("trace", "width_mm"): Reacts((30, 120), TRACE, figure("range_ml"), way=1),
    ("trace", "height_mm"): Reacts((30, 120), TRACE, figure("range_ap"), way=1),
    ("trace", "period_s"): Reacts((8, 3), TRACE),
    ("trace", "clockwise"): Reacts((True, False), TRACE, turning, way=1),
    ("trace", "points"): Reacts(CURVES, {**TRACE, "path": "free"}, figure("range_ml"), way=1),
    ("trace", "band_mm"): Reacts((20, 4), TRACE),
    ("keep", "shape"): Reacts(("square", "circle"), {"radius_mm": 5}),
    ("keep", "radius_mm"): Reacts((15, 3)),
    ("keep", "ml_mm"): Reacts((0, 60), {"radius_mm": 5}, cursor(0), way=1),
    ("keep", "ap_mm"): Reacts((0, 60), {"radius_mm": 5}, cursor(1), way=1),
    ("load", "side"): Reacts(("left", "right"), {"percent": 70}, figure("mean_velocity"), way=0),
    ("load", "percent"): Reacts((30, 90), LOAD, person=WEAK),
    ("load", "newtons"): Reacts((200, 600), LOAD, figure("load_mean"), way=1),
    ("load", "band_percent"): Reacts((15, 2), {"percent": 80}),
    ("load", "rise_s"): Reacts((6.0, 1.0), {"percent": 80, "band_percent": 3}),
    ("react", "targets"): Reacts((2, 4), REACT, places, way=1),
    ("react", "radius_mm"): Reacts((30, 110), REACT),
    ("react", "band_mm"): Reacts((30, 8), REACT),
    ("react", "shortest_s"): Reacts((2.0, 0.6), {**REACT, "targets": 5}, seconds=12.0),
    ("react", "longest_s"): Reacts((3.0, 1.2), {**REACT, "targets": 3, "shortest_s": 1.2}, seconds=12.0),
    ("step", "period_s"): Reacts((3.0, 0.9), person={"skill": 0.6}),
    ("perturb", "motion"): PLATFORM,
    ("perturb", "size"): PLATFORM,
}
"""By kind and setting."""
ALONE: Final[dict[str, Reacts]] = {
    "hold": Reacts((4.0, 10.0), person={"endurance_s": 5.0, "skill": 1.0}),
    "reach": Reacts((0.4, 1.4), {}, figure("reach_excursion"), way=1),
    "free": Reacts((4.0, 8.0), {"words": {"en": "x", "de": "x", "fr": "x"}}, way=0),
}
"""Kinds that have nothing to set: by how long, or by who does it."""


@pytest.fixture
def driven(challenge: Callable[..., Challenge], rehearse: Callable[..., Any]) -> Callable[..., Any]:
    """Trials, their moments and all events, of conditions done one after the other."""

    async def do(conditions: Sequence[dict[str, Any]], person: dict[str, Any]) -> tuple[list[Trial], list[Any], Any]:
        common = {
            "settle_s": 2.0,
            "lead_s": 0.5,
            "rest_s": 0.0,
            "feedback": {"mode": "full"},
            "validity": {"fall": "result", "step_off": False},
        }
        scoring = {"metrics": ["mean_velocity", "range_ml", "range_ap"]}
        made = challenge(*({**common, **one} for one in conditions), zero={"after": "never"}, scoring=scoring)
        run, stage = rehearse(made, **person)
        await asyncio.wait_for(stage.play(run), 110)
        moments = [[moment for moment in stage.moments if moment.trial == trial.plan.id] for trial in run.trials]
        return list(run.trials), moments, stage

    return do


async def goes(driven: Any, case: Reacts, conditions: Sequence[dict[str, Any]]) -> None:
    trials, moments, _ = await driven(conditions, case.person)
    found = [case.measure(trial, seen) for trial, seen in zip(trials, moments, strict=True)]
    assert all(np.isfinite(found))
    if case.way:
        assert all(case.way * (after - before) > 0 for before, after in pairwise(found)), found
    for trial in trials:
        assert "set_score" in trial.figures or "no score of percent" in trial.refused["set_score"], trial.refused


def test_nothing_is_left_out() -> None:
    assert DRIVEN.keys() == SETTINGS
    assert {kind for kind, _ in DRIVEN} | ALONE.keys() == KINDS.keys()
    assert {name for _, name in DRIVEN} == TASK.keys()
    assert {axis for axes in (*TASK.values(), *RUNG.values()) for axis in axes} == set(Axis)
    assert {name for (name,) in RUNG} == AROUND.keys()
    assert [stance for stances in STANCES for stance in stances if stance not in Stance] == []


@pytest.mark.parametrize(("kind", "name"), [key for key, case in DRIVEN.items() if isinstance(case, Reacts)])
async def test_what_is_set_is_done_and_measured(driven: Any, kind: str, name: str) -> None:
    case = DRIVEN[kind, name]
    assert isinstance(case, Reacts)
    tasks = [{"kind": kind, **case.task, name: value} for value in case.values]
    await goes(driven, case, [{"task": task, "duration_s": case.seconds} for task in tasks])


@pytest.mark.parametrize("side", ["left", "right"])
async def test_the_side_that_is_asked_for_is_the_side_that_is_measured(driven: Any, side: str) -> None:
    """A person who stands unevenly brings 70 % of the weight onto that side, not onto the other."""
    task = {"kind": "load", "side": side, "percent": 70}
    (trial,), _, _ = await driven([{"task": task, "duration_s": 10.0}], {"left": 0.4})
    assert trial.figures["set_score"].value > 60.0
    assert trial.figures["load_mean"].value == pytest.approx(490.0, abs=50.0)


@pytest.mark.parametrize(
    ("form", "height"), [("countermovement", "cmj_height_flight"), ("drop", "dj_height"), ("landing", None)]
)
async def test_every_form_of_jump_is_done_and_a_skilful_person_jumps_higher(
    challenge: Callable[..., Challenge], form: str, height: str | None
) -> None:
    condition = {"task": {"kind": "jump", "form": form}, "duration_s": 4.0, "settle_s": 2.0, "lead_s": 1.0}
    rules = {"fall": "result", "step_off": False, "weight_change": 0}
    scoring = {"metrics": [], "per_trial": [height or "dpsi"]}
    made = challenge({**condition, "validity": rules}, zero={"after": "never"}, scoring=scoring)
    moniker = parse("sim:ofp?load=constant:0&rate=250")
    assert isinstance(moniker, Sim)
    found = []
    for skill in (0.8, 1.2):
        stage = Rehearsal(made, moniker, Person(skill=skill))
        run = Run(RunName("s1", "r1"), made, stage, automatic=True)
        await asyncio.wait_for(stage.play(run), 110)
        (trial,) = run.trials
        assert "no score of percent" in trial.refused["set_score"]
        found.append(trial)
    if height is None:
        assert ["shear" in trial.refused["dpsi"] for trial in found] == [True, True]
    else:
        low, high = (figure(height)(trial, ()) for trial in found)
        assert 50.0 < low < high < 600.0


@pytest.mark.parametrize("kind", ALONE)
async def test_what_has_nothing_to_set_is_measured_too(driven: Any, kind: str) -> None:
    case = ALONE[kind]
    if kind == "reach":
        trials = [(await driven([{"task": {"kind": kind}}], {"skill": skill}))[0][0] for skill in case.values]
        assert case.measure(trials[0], ()) < case.measure(trials[1], ())
        return
    await goes(driven, case, [{"task": {"kind": kind, **case.task}, "duration_s": value} for value in case.values])


@pytest.mark.parametrize(("kind", "name"), [key for key, case in DRIVEN.items() if isinstance(case, Cued)])
async def test_what_only_a_person_can_do_is_told(driven: Any, kind: str, name: str) -> None:
    case = DRIVEN[kind, name]
    assert isinstance(case, Cued)
    (trial,), _, stage = await driven([{"task": {"kind": kind, name: case.value}, "duration_s": 4.0}], {})
    assert case.key in {cue.key for event in stage.events for cue in event.cues}
    assert trial.figures["set_score"].value > 0.0


def test_what_needs_a_platform_is_refused_by_every_way_to_ask_for_it(challenge: Callable[..., Challenge]) -> None:
    how: dict[SurfaceKind, dict[str, Any]] = {
        SurfaceKind.TILTING_COMPLIANT: {"level": 3},
        SurfaceKind.SWAY_REFERENCED: {"gain": 1.0},
    }
    for kind in (one for one in SurfaceKind if one not in LOOSE):
        task = {"kind": "perturb", "motion": "forward", "size": "small"}
        with pytest.raises(ChallengeRefused, match=PLATFORM):
            runnable(challenge({"surface": {"kind": kind, **how.get(kind, {})}, "task": task}))


LOOSE: Final = (SurfaceKind.FIRM, SurfaceKind.FOAM, SurfaceKind.WOBBLE, SurfaceKind.HEMISPHERE)
STANDING: Final = (Stance.DOUBLE, Stance.SEMI_TANDEM, Stance.TANDEM, Stance.SINGLE_LEFT)
ORDERED: Final[dict[str, tuple[Sequence[dict[str, Any]], Measure, int]]] = {
    "stance": ([{"stance": one} for one in STANDING], figure("mean_velocity"), 1),
    "eyes": ([{"eyes": one} for one in (Eyes.OPEN, Eyes.CONFLICT)], figure("mean_velocity"), 1),
    "surface": ([{"surface": {"kind": one}} for one in (LOOSE[0], LOOSE[1])], figure("mean_velocity"), 1),
    "feedback": ([{"feedback": {"mode": one}} for one in ("full", "none")], SCORE, -1),
    "duration_s": ([{"duration_s": one} for one in (4.0, 8.0, 12.0)], SCORE, -1),
}
AROUND: Final = {**ORDERED, "sets": None, "rest_s": None}
"""Settings beside the task; how often and with what rest is counted, not scored: the last test below."""


@pytest.mark.parametrize("name", ORDERED)
async def test_what_is_around_the_task_is_measured_in_its_order(driven: Any, name: str) -> None:
    rungs, measure, way = ORDERED[name]
    tasks: dict[str, dict[str, Any]] = {
        "feedback": {"kind": "keep", "radius_mm": 5},
        "duration_s": {"kind": "hold"},
    }
    task = tasks.get(name, {"kind": "stand"})
    person = {"endurance_s": 3.0} if name == "duration_s" else {}
    conditions = [{"task": task, "duration_s": 10.0, **rung} for rung in rungs]
    await goes(driven, Reacts((), {}, measure, way, person), conditions)


@pytest.mark.parametrize("name", ["stance", "eyes", "surface", "mode"])
async def test_every_value_of_what_is_around_the_task_can_be_done(driven: Any, name: str) -> None:
    every: dict[str, list[dict[str, Any]]] = {
        "stance": [{"stance": one} for one in Stance],
        "eyes": [{"eyes": one} for one in Eyes],
        "surface": [{"surface": {"kind": one}} for one in LOOSE],
        "mode": [{"feedback": {"mode": one}} for one in get_args(Feedback.model_fields["mode"].annotation)],
    }
    conditions = [{"task": {"kind": "keep", "radius_mm": 20}, "duration_s": 3.0, **one} for one in every[name]]
    trials, _, stage = await driven(conditions, {})
    assert len(trials) == len(conditions)
    assert all(trial.figures["set_score"].value > 0.0 for trial in trials)
    said = {cue.key for event in stage.events for cue in event.cues}
    for one in every[name] if name != "mode" else ():
        value = one[name]["kind"] if name == "surface" else one[name]
        assert f"{name}-{value}" in said


async def test_more_sets_and_longer_rests_take_their_time(driven: Any) -> None:
    spent = []
    for sets, rest in ((1, 0.0), (3, 0.0), (3, 5.0)):
        trials, _, stage = await driven([{"duration_s": 3.0, "trials": sets, "rest_s": rest}], {})
        assert len(trials) == sets
        spent.append((stage.events[-1].t_ns - stage.events[0].t_ns) / 1e9)
    assert spent[1] - spent[0] > 2 * 3.0
    assert spent[2] - spent[1] == pytest.approx(2 * 5.0, abs=1.0)
