"""Every axis of difficulty, driven and measured: a harder setting scores less for the same person, more skill more."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from otolith.service.challenges.trial import Trial, Verdict

SECONDS = 12.0
FULL = {"mode": "full"}


@dataclass(frozen=True)
class Ladder:
    """Settings from simple to hard, who does them, and who does the hardest better."""

    name: str
    rungs: Sequence[dict[str, Any]]
    person: dict[str, Any]
    better: dict[str, Any] = field(default_factory=lambda: {"skill": 2.0})
    figures: tuple[str, ...] = ()
    """That every rung has to give besides."""


def tasks(kind: str, key: str, values: Sequence[Any], seconds: float = SECONDS, **task: Any) -> list[dict[str, Any]]:
    """One rung for each value of one parameter of a task."""
    return [{"task": {"kind": kind, **task, key: value}, "duration_s": seconds} for value in values]


SIZE: dict[str, Any] = {"width_mm": 100, "height_mm": 100, "band_mm": 6}
PURSUIT = ("pursuit_rms_error", "pursuit_lag", "pursuit_phase_lag", "pursuit_directional_control", "pursuit_path_ratio")
LOADS = ("load_peak", "load_mean", "load_rate", "load_in_band", "time_on_target")
BEATS = ("beat_error", "beat_bias", "beat_spread", "beat_met")
LADDERS = (
    Ladder(
        "movement: from a shift of the weight to squats, ever deeper",
        tasks("squat", "knee_degrees", (30, 60, 90), period_s=2.4),
        {"skill": 0.6, "left": 0.46},
        figures=("squat_depth", "squat_descent", "squat_ascent", "squat_peak_force", "symmetry_index", *BEATS),
    ),
    Ladder(
        "movement: steps",
        tasks("step", "period_s", (3.0, 1.5, 0.9)),
        {"skill": 0.6},
        figures=("step_count", "step_time", "step_variation", "step_asymmetry", *BEATS),
    ),
    Ladder(
        "movement: rising so often in so much time",
        tasks("rise", "repetitions", (3, 5, 7), seconds=14.0),
        {"skill": 1.0},
        figures=("rise_count", "rise_time", "rise_sitting_time", "rise_peak_force", "left_share"),
    ),
    Ladder(
        "path: from a line to a circle to an eight",
        tasks("trace", "path", ("line", "circle", "figure-of-eight"), period_s=6, **SIZE),
        {"skill": 0.7},
        figures=PURSUIT,
    ),
    Ladder(
        "weight-bearing: more and more of it on a leg that can bear little",
        tasks("load", "percent", (30, 60, 90), side="left"),
        {"strength": 0.5},
        better={"strength": 0.5, "skill": 1.7},
        figures=(*LOADS, "load_rms_error"),
    ),
    Ladder(
        "proprioception: eyes, then the surface",
        [
            {"eyes": eyes, "surface": {"kind": surface}, "duration_s": SECONDS}
            for eyes, surface in (("open", "firm"), ("closed", "firm"), ("open", "foam"), ("closed", "foam"))
        ],
        {},
    ),
    Ladder(
        "proprioception: staying in a circle, seeing ever less of it",
        [
            {"task": {"kind": "keep", "radius_mm": 5}, "feedback": {"mode": mode}, "duration_s": 20.0, **around}
            for mode, around in (
                ("full", {}),
                ("none", {"eyes": "closed"}),
                ("none", {"eyes": "closed", "surface": {"kind": "foam"}}),
            )
        ],
        {},
        figures=("time_on_target", "longest_on_target"),
    ),
    Ladder(
        "resistance: more force",
        tasks("load", "percent", (60, 100, 140)),
        {"strength": 0.9},
        better={"strength": 0.9, "skill": 1.7},
        figures=LOADS,
    ),
    Ladder(
        "resistance: the same force in less time",
        tasks("load", "rise_s", (6.0, 3.0, 1.0), percent=80, band_percent=3),
        {"skill": 0.8},
        figures=LOADS,
    ),
    Ladder(
        "tempo: a faster tone",
        tasks("shift", "period_s", (3.0, 2.0, 1.0), bearing=90, degrees=4),
        {"skill": 0.7},
        figures=(*BEATS, "pursuit_velocity", *PURSUIT),
    ),
    Ladder(
        "tempo: a faster point",
        tasks("trace", "period_s", (12, 6, 3), path="circle", **SIZE),
        {"skill": 0.7},
        figures=("pursuit_velocity",),
    ),
    Ladder(
        "tempo: holding for longer",
        [{"task": {"kind": "hold"}, "stance": "single-left", "duration_s": seconds} for seconds in (6.0, 12.0, 18.0)],
        {"endurance_s": 5.0},
    ),
    Ladder(
        "sudden targets, ever sooner",
        [
            {
                "task": {"kind": "react", "targets": 6, "radius_mm": 70, "shortest_s": s, "longest_s": s},
                "duration_s": 7 * s,
            }
            for s in (3.0, 2.0, 1.2)
        ],
        {"skill": 0.9},
        figures=("react_reaction_time", "react_movement_time", "react_time_to_reach", "react_hits"),
    ),
    Ladder(
        "leaning further", tasks("lean", "degrees", (6, 10, 14), seconds=8.0, bearing=90), {}, better={"skill": 1.5}
    ),
)


@pytest.fixture
def trials(challenge: Callable[..., Any], rehearse: Callable[..., Any]) -> Callable[..., Any]:
    """What a person makes of rungs, in order."""

    async def do(rungs: Sequence[dict[str, Any]], person: dict[str, Any]) -> list[Trial]:
        common = {"settle_s": 3.0, "lead_s": 1.0, "rest_s": 0.0, "feedback": FULL, "validity": {"fall": "result"}}
        made = challenge(*({**common, **rung} for rung in rungs), zero={"after": "never"})
        run, stage = rehearse(made, **person)
        await asyncio.wait_for(stage.play(run), 60)
        assert [trial.verdict for trial in run.trials] == [Verdict.VALID] * len(rungs), [t.reason for t in run.trials]
        return list(run.trials)

    return do


def score(trial: Trial) -> float:
    assert "set_score" in trial.figures, trial.refused
    return trial.figures["set_score"].value


@pytest.mark.parametrize("ladder", LADDERS, ids=lambda one: one.name)
async def test_harder_scores_less_and_more_skill_more(ladder: Ladder, trials: Any) -> None:
    done = await trials(ladder.rungs, ladder.person)
    scores = [score(trial) for trial in done]
    assert all(harder < simpler for simpler, harder in pairwise(scores)), scores
    assert all(0.0 <= one <= 100.0 for one in scores)
    for trial in done:
        assert set(ladder.figures) <= set(trial.figures), (set(ladder.figures) - set(trial.figures), trial.refused)
    if ladder.better:
        (best,) = await trials(ladder.rungs[-1:], {**ladder.person, **ladder.better})
        assert score(best) > scores[-1]
