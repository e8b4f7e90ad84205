"""What the operator keys: during the record, after it, and when nothing asks for it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.phases import Phase, Trigger
from otolith.service.errors import TriggerRefused

Make = Callable[..., Challenge]
Rehearse = Callable[..., Any]
REACH = {"task": {"kind": "reach"}, "keyed": ["reach_mm"], "duration_s": 4.0, "settle_s": 1.0, "lead_s": 1.0}
SCORING = {"metrics": ["range_ap"], "per_trial": ["functional_reach"], "primary": "functional_reach"}


@pytest.fixture
def reached(challenge: Make, rehearse: Rehearse) -> Callable[..., Any]:
    """A run of two reaches; ``during`` is called with the run in each phase, after every frame."""

    async def make(during: Callable[..., Any]) -> Any:
        run, stage = rehearse(challenge({**REACH, "trials": 2, "rest_s": 2.0}, scoring=SCORING))
        feed = run.feed

        async def watched(frame: Any) -> None:
            await feed(frame)
            await during(run)

        run.feed = watched
        await asyncio.wait_for(stage.play(run), 30)
        return run, stage

    return make


async def test_a_reach_is_keyed_while_it_is_recorded_or_while_the_person_rests(reached: Callable[..., Any]) -> None:
    async def during(run: Any) -> None:
        first = run.standing.plan.id == "c1-1"
        if run.standing.phase is (Phase.REST if first else Phase.RECORD):
            await run.key("reach_mm", 250.0 if first else 270.0, "anna")

    run, stage = await reached(during)
    assert [trial.figures["functional_reach"].value for trial in run.trials] == [250.0, 270.0]
    assert [trial.refused for trial in run.trials] == [{}, {}]
    summary = stage.events[-1].data["conditions"]["c1"]["functional_reach"]
    assert (summary["mean"], summary["best"], summary["unit"]) == (260.0, 270.0, "mm")
    assert {event.by for event in stage.events if event.kind == "keyed"} == {"anna"}


async def test_nobody_keyed_anything(reached: Callable[..., Any]) -> None:
    async def during(_: Any) -> None: ...

    run, _ = await reached(during)
    assert "nobody keyed the distance" in run.trials[0].refused["functional_reach"]
    with pytest.raises(TriggerRefused, match="cannot be keyed now"):
        await run.key("reach_mm", 250.0, "anna")


@pytest.mark.parametrize(("name", "value"), [("height_mm", 1.0), ("reach_mm", float("nan"))])
async def test_what_nothing_asks_for_is_refused(challenge: Make, rehearse: Rehearse, name: str, value: float) -> None:
    run, _ = rehearse(challenge(REACH, scoring=SCORING), automatic=False)
    await run.press(Trigger.START, "anna")
    with pytest.raises(TriggerRefused, match="asks for: reach_mm"):
        await run.key(name, value, "anna")
