"""A run with a board under it, in virtual time: what becomes of every way a trial can go."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.phases import Phase, Trigger
from otolith.service.challenges.trial import Verdict
from otolith.service.errors import TriggerRefused

Make = Callable[..., Challenge]
Rehearse = Callable[..., Any]


async def test_a_person_who_does_as_told_gets_through(challenge: Make, rehearse: Rehearse) -> None:
    run, stage = rehearse(challenge({"trials": 2}, {"eyes": "closed", "surface": {"kind": "foam"}}))
    await asyncio.wait_for(stage.play(run), 30)
    assert run.standing.phase is Phase.FINISHED
    assert [trial.verdict for trial in run.trials] == [Verdict.VALID] * 3
    assert [trial.seconds for trial in run.trials] == [30.0] * 3
    firm, _, foam = (trial.figures["mean_velocity"].value for trial in run.trials)
    assert foam > 1.5 * firm


async def test_events_are_numbered_without_a_hole_and_say_what_can_be_pressed(
    challenge: Make, rehearse: Rehearse
) -> None:
    run, stage = rehearse(challenge({"duration_s": 5.0}))
    await asyncio.wait_for(stage.play(run), 30)
    assert [event.seq for event in stage.events] == list(range(1, len(stage.events) + 1))
    record = next(event for event in stage.events if event.phase is Phase.RECORD)
    assert set(record.allowed) == {Trigger.STOP, Trigger.SKIP, Trigger.REDO, Trigger.TOUCH, Trigger.FELL}


async def test_what_means_nothing_now_is_refused_with_what_does(challenge: Make, rehearse: Rehearse) -> None:
    run, _ = rehearse(challenge({}), automatic=False)
    with pytest.raises(TriggerRefused, match="now: start, stop"):
        await run.press(Trigger.SKIP, "somebody")


async def test_conditions_whose_names_begin_alike_are_told_apart(challenge: Make, rehearse: Rehearse) -> None:
    """Who is asked to lean forward and right does not lean forward."""
    lean = {"duration_s": 8.0, "settle_s": 1.0, "lead_s": 1.0, "rest_s": 1.0}
    run, stage = rehearse(
        challenge(
            {**lean, "id": "forward", "task": {"kind": "lean", "bearing": 0, "degrees": 8}},
            {**lean, "id": "forward-right", "task": {"kind": "lean", "bearing": 45, "degrees": 8}},
            scoring={
                "metrics": ["path_length"],
                "per_trial": ["los_directional_control", "los_endpoint_excursion"],
                "primary": "los_endpoint_excursion",
            },
        )
    )
    await asyncio.wait_for(stage.play(run), 30)
    control = [trial.figures["los_directional_control"].value for trial in run.trials]
    assert min(control) > 75.0
