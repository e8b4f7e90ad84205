"""A station in a session: an operator who presses everything, a board that is pulled out wherever the run is."""

import asyncio
from typing import Any

import pytest

from otolith.service.challenges.phases import OPERATOR, Phase, Trigger
from otolith.service.errors import TriggerRefused, UnknownRun
from otolith.service.state import BoardPhase

ON = (175.0,) * 4
OFF = (0.0,) * 4
ROUND = (Phase.PREPARE, Phase.EMPTY, Phase.ZERO, Phase.STEP_ON, Phase.SETTLE, Phase.CUE, Phase.RECORD, Phase.REST)
BEFORE_RECORD = frozenset({Phase.EMPTY, Phase.ZERO, Phase.STEP_ON, Phase.SETTLE, Phase.CUE})


async def pressed(here: Any, run: str, trigger: Trigger) -> bool:
    """Whether it meant anything; to a run that has skipped to its end, nothing does."""
    try:
        await here.conductor.press(run, trigger, "anna")
    except (TriggerRefused, UnknownRun):
        return False
    return True


async def brought_to(here: Any, run: str, phase: Phase) -> None:
    """The first trial, as far as a phase; READY is pressed, and the person does as told."""
    await here.conductor.press(run, Trigger.START, "anna")
    if phase is Phase.PREPARE:
        return
    await here.conductor.press(run, Trigger.READY, "anna")
    for step in ROUND[1 : ROUND.index(phase) + 1]:
        await here.reach(run, step)
        here.load = ON if step is Phase.STEP_ON and phase is not Phase.STEP_ON else here.load


async def test_an_operator_who_presses_everything_loses_no_trial_and_can_still_stop(scene: Any, begun: Any) -> None:
    async with scene() as here:
        run = await begun(here)
        meant = 0
        for turn in range(60):
            here.load = ON if turn % 3 else OFF
            for trigger in sorted(OPERATOR - {Trigger.STOP}):
                meant += await pressed(here, run, trigger)
            await here.pass_by(0.2)
        assert meant > 10
        if here.phase(run) is not None:
            await here.conductor.press(run, Trigger.STOP, "anna")
        row = await here.station.store.sessions.run(run)
        assert row.end in ("stopped", "finished")
        kept = await here.station.store.sessions.trials(run)
        assert kept
        assert all(trial.verdict == "valid" or trial.reason for trial in kept)


@pytest.mark.parametrize("phase", ROUND)
async def test_a_board_pulled_out_anywhere_costs_at_most_the_trial_that_runs(
    scene: Any, begun: Any, bench: Any, until: Any, phase: Phase
) -> None:
    async with scene() as here:
        run = await begun(here)
        await brought_to(here, run, phase)
        bench.unplug("twin:1")
        await until(lambda: here.station.boards()[0].phase is BoardPhase.LOST)
        after = {Phase.RECORD: Phase.INVALID, **dict.fromkeys(BEFORE_RECORD, Phase.PREPARE)}.get(phase, phase)
        await until(lambda: here.phase(run) is after)
        bench.plug("twin:1")
        await bench.clock.advance(1)
        await until(lambda: not bench.newest().closed)
        here.load = OFF
        bench.newest().feed(OFF)
        await until(lambda: here.station.boards()[0].phase is BoardPhase.STREAMING)
        await here.pass_by(0.4)
        assert here.phase(run) is not None
        await here.conductor.press(run, Trigger.STOP, "anna")
        kept = await here.station.store.sessions.trials(run)
        assert len(kept) == (phase in (Phase.RECORD, Phase.REST))


async def test_stop_is_heard_while_the_board_is_away(scene: Any, begun: Any, bench: Any, until: Any) -> None:
    async with scene() as here:
        run = await begun(here)
        await brought_to(here, run, Phase.SETTLE)
        bench.unplug("twin:1")
        await until(lambda: here.phase(run) is Phase.PREPARE)
        await asyncio.wait_for(here.conductor.press(run, Trigger.STOP, "anna"), 10)
        await until(lambda: here.conductor.runs() == [])
        assert (await here.station.store.sessions.run(run)).end == "stopped"
