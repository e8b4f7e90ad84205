"""Programs on a running station: sets by the conductor, questions after them, and a station that ends in the middle."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from otolith.service.challenges.phases import Phase, Trigger
from otolith.service.clock import VirtualClock
from otolith.service.conductor import Conductor
from otolith.service.errors import ProgramRefused, UnknownProgram
from otolith.service.programs.coach import ByHand
from otolith.service.state import BoardPhase
from otolith.service.station import Station
from otolith.service.store import PersonRow
from otolith.service.training import Today, Training

WELL = {"dizziness": 0.0, "pain": 0.0, "nausea": 0.0, "fatigue": 0.0}
STEP_S = 0.2
OWN = """
format = "otolith-program/1"
id = "ours"
name = { en = "Ours", de = "Unseres", fr = "Le nôtre" }
description = { en = "Short.", de = "Kurz.", fr = "Court." }
for_whom = { en = "Tests", de = "Tests", fr = "Tests" }
sources = ["nobody"]
gate = { kind = "error", passed = 2, of = 2, static_hold_s = 2 }

[[rungs]]
id = "open"
name = { en = "Open", de = "Offen", fr = "Ouverts" }
task = { kind = "hold" }
duration_s = 3
rest_s = 600

[[rungs]]
id = "closed"
name = { en = "Closed", de = "Zu", fr = "Fermés" }
axis = "proprioception"
eyes = "closed"
task = { kind = "hold" }
duration_s = 3
rest_s = 600
"""


class Scene:
    """A station with one board and a program of its own, and somebody who stands on the board once it is zeroed."""

    def __init__(self, station: Station, conductor: Conductor, bench: Any, clock: VirtualClock) -> None:
        self.station = station
        self.conductor = conductor
        self.training = Training(station, conductor)
        self._bench = bench
        self._clock = clock

    async def visit(self) -> str:
        return (await self.conductor.open("twin-1001", "anna", person="p1")).id

    async def after_a_set(self, enrolment: str, session: str) -> Today:
        """Let samples come until there is something to ask; then the run rests, for longer than any test."""
        async with asyncio.timeout(60):
            while True:
                phase = next((one.latest.phase for one in self.conductor.runs() if one.latest), None)
                if phase is Phase.REST:
                    return await self.training.today(enrolment, session)
                empty = phase in (None, Phase.IDLE, Phase.PREPARE, Phase.EMPTY, Phase.ZERO)
                await self._clock.advance(STEP_S)
                self._bench.newest().feed(((0.0 if empty else 175.0),) * 4, n=25)
                await asyncio.sleep(0.002)
                await self._bench.caught_up(self.station)


@pytest.fixture
def scene(clock: VirtualClock, bench: Any, config: Any, until: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
    @asynccontextmanager
    async def make() -> AsyncIterator[Scene]:
        bench.plug("twin:1")
        settings = config("twin:1")
        await asyncio.to_thread(_write, Path(settings.folder) / "programs")
        async with Station(settings, clock, opener=bench.open) as station, Conductor(station) as conductor:
            await until(lambda: any(not board.closed for _, board in bench.opened))
            bench.newest().feed((0.0,) * 4)
            await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING)
            await station.store.people.put(PersonRow("p1", "2026-01-01"))
            yield Scene(station, conductor, bench, clock)

    return make


def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ours.toml").write_text(OWN)


async def test_sets_are_run_asked_about_and_decided_and_a_decision_ends_the_run(
    scene: Any, until: Callable[..., Awaitable[None]]
) -> None:
    async with scene() as here:
        enrolment = (await here.training.enrol("p1", "ours", "anna")).enrolment.id
        session = await here.visit()
        run = (await here.training.begin(enrolment, session, "anna", automatic=True)).id
        outcomes = []
        for number in range(2):
            if number:
                await here.conductor.press(run, Trigger.READY, "anna")
            today = await here.after_a_set(enrolment, session)
            assert (today.run, today.ask.score, today.ask.hold) == (run, 100.0, "open")
            with pytest.raises(ProgramRefused, match="ask for the symptoms"):
                await here.training.begin(enrolment, session, "anna")
            outcomes.append((await here.training.answer(enrolment, today.ask.id, WELL, "anna")).outcome)
        assert outcomes == ["stay", "advance"]
        await until(lambda: not here.conductor.runs())
        row = await here.station.store.sessions.run(run)
        assert (row.end, row.reason) == (
            "stopped",
            "the program goes on: next the same with eyes closed",
        )
        today = await here.training.today(enrolment, session)
        assert (today.rung.id, today.left, today.run) == ("closed", 10, "")
        second = await here.training.begin(enrolment, session, "anna", automatic=True)
        assert second.challenge == "ours-closed"


async def test_a_station_that_ends_before_the_answer_asks_again_when_it_is_back(scene: Any) -> None:
    async with scene() as here:
        enrolment = (await here.training.enrol("p1", "ours", "anna")).enrolment.id
        session = await here.visit()
        run = (await here.training.begin(enrolment, session, "anna", automatic=True)).id
        before = await here.after_a_set(enrolment, session)
    async with scene() as here:
        assert [row.id for row in await here.conductor.interrupted()] == [run]
        today = await here.training.today(enrolment, session)
        assert (today.ask, today.run) == (before.ask, "")
        decision = await here.training.answer(enrolment, today.ask.id, WELL | {"pain": 9.0}, "ben")
        assert decision.outcome == "stop"
        assert (await here.training.today(enrolment, session)).left == 0
        with pytest.raises(ProgramRefused, match="nothing left to do"):
            await here.training.begin(enrolment, session, "ben")


async def test_sets_that_a_crash_cut_short_are_taken_up_again(scene: Any) -> None:
    async with scene() as here:
        enrolment = (await here.training.enrol("p1", "ours", "anna")).enrolment.id
        session = await here.visit()
        run = (await here.training.begin(enrolment, session, "anna", automatic=True)).id
        today = await here.after_a_set(enrolment, session)
        await here.training.answer(enrolment, today.ask.id, WELL, "anna")
    async with scene() as here:
        assert (await here.training.begin(enrolment, session, "ben", automatic=True)).id == run
        today = await here.after_a_set(enrolment, session)
        assert (await here.training.answer(enrolment, today.ask.id, WELL, "ben")).outcome == "advance"
        assert [row.id for row in today.standing.sets] == [
            row.id for row in await here.station.store.sessions.trials(run)
        ]


async def test_what_cannot_begin_says_why(scene: Any) -> None:
    async with scene() as here:
        with pytest.raises(UnknownProgram, match="did you mean ours"):
            await here.training.enrol("p1", "our", "anna")
        standing = await here.training.enrol("p1", "ours", "anna")
        await here.station.store.people.put(PersonRow("p2", "2026-01-01"))
        other = await here.conductor.open("twin-1001", "ben", person="p2")
        with pytest.raises(ProgramRefused, match="somebody else's"):
            await here.training.begin(standing.enrolment.id, other.id, "ben")
        await here.training.coach.withdraw(standing.enrolment.id, ByHand("anna", "moved away"))
        with pytest.raises(ProgramRefused, match="nothing left to do"):
            await here.training.begin(standing.enrolment.id, await here.visit(), "anna")
