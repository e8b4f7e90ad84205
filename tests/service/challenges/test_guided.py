"""Live guidance of a run: what is published while somebody follows, and what the trial keeps of it."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from otolith.drivers.patient.person import Mishap
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.records import trial_of, trial_row
from otolith.service.guidance.aim import Aim, seed_of

Make = Callable[..., Challenge]
Rehearse = Callable[..., Any]
QUICK = {"settle_s": 3.0, "lead_s": 0.0, "rest_s": 0.0, "duration_s": 6.0, "feedback": {"mode": "full"}}
CIRCLE = {"kind": "trace", "path": "circle", "width_mm": 60, "height_mm": 60, "period_s": 6}


async def played(challenge: Challenge, rehearse: Rehearse, **person: Any) -> Any:
    run, stage = rehearse(challenge, **person)
    await asyncio.wait_for(stage.play(run), 30)
    assert run.standing.phase is Phase.FINISHED
    return run, stage


async def test_a_record_is_guided_from_its_first_sample_to_its_last(challenge: Make, rehearse: Rehearse) -> None:
    made = challenge({**QUICK, "task": CIRCLE, "trials": 2}, zero={"after": "never"})
    run, stage = await played(made, rehearse)
    for trial in run.trials:
        moments = [moment for moment in stage.moments if moment.trial == trial.plan.id]
        assert [moment.elapsed_s for moment in moments] == pytest.approx(np.arange(750) / 125.0)
        assert np.mean([moment.error for moment in moments]) < 15.0
    assert {(moment.session, moment.run) for moment in stage.moments} == {("s1", "r1")}


async def test_a_trial_keeps_what_its_target_was_made_of_and_how_late_it_was_shown(
    challenge: Make, rehearse: Rehearse
) -> None:
    task = {"kind": "react", "targets": 3, "radius_mm": 50, "shortest_s": 1.5, "longest_s": 2.0}
    made = challenge({**QUICK, "task": task}, zero={"after": "never"})
    run, stage = await played(made, rehearse, weight=612.0, left=0.45)
    (trial,) = run.trials
    assert trial.aim.weight_n == pytest.approx(612.0, abs=1.0)
    assert trial.aim.seed == seed_of("r1", "c1-1", 1)
    assert trial.aim.middle is not None
    assert trial.aim.middle[0] > 10.0  # the weight is on the right
    assert set(trial.latency_ms) == {"p50", "p95", "declared"}
    assert 0.0 <= trial.latency_ms["p50"] <= trial.latency_ms["p95"] < 100.0
    back = trial_of(trial_row(trial, "r1"), made)
    assert (back.aim, dict(back.latency_ms)) == (trial.aim, dict(trial.latency_ms))
    again = back.aim.target(made.conditions[0].task, 6.0)
    assert again is not None
    shown = np.array([moment.target for moment in stage.moments])
    np.testing.assert_allclose(again.at(np.array([moment.elapsed_s for moment in stage.moments])), shown, atol=0.006)


async def test_tones_are_cues_with_their_time(challenge: Make, rehearse: Rehearse) -> None:
    made = challenge({**QUICK, "task": {"kind": "squat", "knee_degrees": 45, "period_s": 2}}, zero={"after": "never"})
    _, stage = await played(made, rehearse)
    begun = next(event for event in stage.events if event.phase is Phase.RECORD)
    tones = [event for event in stage.events if event.cues and event.cues[0].key == "beat"]
    assert [event.data["beat_s"] for event in tones] == pytest.approx(np.arange(1.0, 6.0))
    assert [event.cues[0].tone for event in tones] == ["low", "high", "low", "high", "low"]
    assert not any(event.cues[0].speak for event in tones)
    late = np.array([(event.t_ns - begun.t_ns) / 1e9 - event.data["beat_s"] for event in tones])
    assert ((late >= 0.0) & (late < 0.1)).all()  # with the batch that holds it


async def test_a_task_without_a_target_is_not_guided(challenge: Make, rehearse: Rehearse) -> None:
    run, stage = await played(challenge({**QUICK}, zero={"after": "never"}), rehearse)
    assert stage.moments == []
    assert dict(run.trials[0].latency_ms) == {}


async def test_a_fall_leaves_the_marks_that_were_earned(challenge: Make, rehearse: Rehearse) -> None:
    made = challenge(
        {**QUICK, "task": {"kind": "keep", "radius_mm": 30}, "trials": 2, "validity": {"fall": "result"}},
        zero={"after": "never"},
    )
    run, _ = await played(made, rehearse, mishaps=(Mishap("step-off", 1, 3.0),))
    fallen, whole = (trial.figures["set_score"].value for trial in run.trials)
    assert [trial.fell for trial in run.trials] == [True, False]
    assert whole == pytest.approx(100.0, abs=1.0)
    assert fallen == pytest.approx(55.0, abs=10.0)


async def test_what_has_no_score_says_why(challenge: Make, rehearse: Rehearse) -> None:
    made = challenge(
        {**QUICK, "task": {"kind": "jump", "form": "countermovement"}, "validity": {"step_off": False}},
        zero={"after": "never"},
    )
    run, _ = await played(made, rehearse)
    assert "set_score" not in run.trials[0].figures
    assert "no score of percent" in run.trials[0].refused["set_score"]


def test_an_aim_of_an_older_record_is_nobodys() -> None:
    assert Aim().stature == 1700.0
    assert Aim().middle is None
