"""Challenges on a running station: two operators, a board that goes away, a station that ends in the middle."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from otolith.drivers.board import BoardInfo, Cell
from otolith.drivers.calibration import Linear
from otolith.service.challenges.phases import Phase, Trigger
from otolith.service.clock import VirtualClock
from otolith.service.conductor import Conductor
from otolith.service.errors import ChallengeRefused, TriggerRefused, UnknownChallenge
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase
from otolith.service.station import Station
from otolith.service.store import PersonRow

Until = Callable[..., Awaitable[None]]
BOARD = "twin-1001"


async def started(scene: Any, challenge: str = "mctsib", **options: Any) -> str:
    session = await scene.conductor.open(BOARD, "anna")
    run: str = (await scene.conductor.start(session.id, challenge, "anna", variant="ten", **options)).id
    return run


async def test_a_trial_is_kept_with_its_figures_and_its_journal(scene: Any) -> None:
    async with scene() as here:
        run = await started(here, automatic=True)
        await here.reach(run, Phase.STEP_ON)
        here.load = (175.0,) * 4
        await here.reach(run, Phase.REST)
        (row,) = await here.station.store.sessions.trials(run)
        assert (row.plan, row.verdict, row.content["seconds"]) == ("eo-firm-1", "valid", 10.0)
        recording = await here.station.store.recordings.get(row.content["recording"])
        assert recording.board == BOARD
        assert row.content["figures"]["mean_velocity"]["value"] == pytest.approx(0.0, abs=0.01)


async def test_a_task_with_a_target_is_guided_on_the_stations_own_hub(scene: Any) -> None:
    async with scene() as here:
        session = await here.conductor.open(BOARD, "anna")
        row = await here.conductor.start(session.id, "rhythmic-weight-shift", "anna", automatic=True)
        with here.station.guidance.tap("test", Policy.OLDEST, 512) as tap:
            await here.reach(row.id, Phase.STEP_ON)
            here.load = (175.0,) * 4
            await here.reach(row.id, Phase.RECORD)
            await here.pass_by(1.0)
            moments = tap.take_ready()
        assert {(one.session, one.run, one.trial) for one in moments} == {(session.id, row.id, "lateral-3-1")}
        assert moments[0].quantity == "place"
        assert moments[0].latency_ms > 20.0  # the filter's


async def test_one_board_runs_one_challenge(scene: Any) -> None:
    async with scene() as here:
        await started(here)
        session = await here.conductor.open(BOARD, "ben")
        with pytest.raises(ChallengeRefused, match="anna is running mctsib"):
            await here.conductor.start(session.id, "mctsib", "ben")


async def test_a_board_that_has_no_centre_of_pressure_is_refused(
    clock: VirtualClock, bench: Any, config: Any, until: Until, info: Callable[..., BoardInfo]
) -> None:
    bench.plug("twin:1", info(cells=(Cell("Fz", 0.0, 0.0),), calibration=Linear((0.1,), (0.0,), "factory")))
    async with Station(config("twin:1"), clock, opener=bench.open) as station, Conductor(station) as conductor:
        await until(lambda: any(not board.closed for _, board in bench.opened))
        bench.newest().feed((0.0,))
        await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING)
        session = await conductor.open(BOARD, "anna")
        with pytest.raises(ChallengeRefused, match="measures force only"):
            await conductor.start(session.id, "mctsib", "anna")


async def test_what_was_meant_for_another_moment_is_refused_but_stop_never_is(scene: Any) -> None:
    async with scene() as here:
        run = await started(here)
        first = await here.conductor.press(run, Trigger.START, "anna")
        assert first is not None
        await here.conductor.press(run, Trigger.READY, "anna", seq=first.seq)
        with pytest.raises(TriggerRefused, match="moved on"):
            await here.conductor.press(run, Trigger.SKIP, "ben", seq=first.seq)
        await here.conductor.press(run, Trigger.STOP, "ben", seq=first.seq)
        row = await here.station.store.sessions.run(run)
        assert (row.end, row.reason) == ("stopped", "stopped by the operator")


async def test_a_run_that_was_interrupted_goes_on_with_what_is_missing(scene: Any) -> None:
    async with scene() as here:
        run = await started(here, automatic=True)
        await here.reach(run, Phase.STEP_ON)
        here.load = (175.0,) * 4
        await here.reach(run, Phase.REST)
    async with scene() as here:
        assert [row.id for row in await here.conductor.interrupted()] == [run]
        await here.conductor.resume(run, "ben", automatic=True)
        await here.reach(run, Phase.STEP_ON)  # after a zero: the board has been without power
        here.load = (175.0,) * 4
        await here.reach(run, Phase.REST)
        kept = await here.station.store.sessions.trials(run)
        assert [row.plan for row in kept] == ["eo-firm-1", "eo-firm-2"]


async def test_a_challenge_that_is_not_there_is_refused_with_those_that_are(scene: Any) -> None:
    async with scene() as here:
        session = await here.conductor.open(BOARD, "anna")
        with pytest.raises(UnknownChallenge, match="did you mean mctsib"):
            await here.conductor.start(session.id, "mctsb", "anna")


async def test_a_persons_second_visit_is_held_against_the_first(scene: Any) -> None:
    """The first is made up in the records; of the second one trial is done, and then it is stopped."""
    async with scene() as here:
        store = here.station.store
        await store.people.put(PersonRow("p1", "2026-01-01T00:00:00Z", birth_year=1990, height_mm=1800.0))
        session = await here.conductor.open(BOARD, "anna", person="p1")
        run = await here.conductor.start(session.id, "mctsib", "anna", variant="ten", automatic=True)
        await here.reach(run.id, Phase.STEP_ON)
        here.load = (175.0,) * 4
        await here.reach(run.id, Phase.REST)
        before = {"values": [5.0, 6.0, 7.0], "definition": "mean_velocity/1"}
        result = {"recipe": "ispgr", "device": "cells", "rate_hz": here.station.boards()[0].rate_nominal}
        result |= {
            "simulated": here.station.boards()[0].simulated,
            "conditions": {"eo-firm": {"mean_velocity": before}},
        }
        await store.sessions.put(replace(run, id=f"0{run.id}", end="finished", result=result))
        await here.conductor.press(run.id, Trigger.STOP, "anna")
        kept = (await store.sessions.run(run.id)).result
        found = kept["conditions"]["eo-firm"]["mean_velocity"]
        assert (found["baseline"]["verdict"], found["baseline"]["runs"]) == ("changed", [f"0{run.id}"])
        assert "trials of 10 s, the norm of 60 s" in found["norms"][0]["refused"]
        assert "year of birth" not in found["norms"][0]["refused"]
        rows = await store.sessions.finished("mctsib")
        assert [(row.id, person.id) for row, person in rows] == [(f"0{run.id}", "p1")]
