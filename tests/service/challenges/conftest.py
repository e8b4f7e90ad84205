"""Challenges and rehearsals, made up by the tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from otolith.drivers.monikers import Sim, parse
from otolith.drivers.patient.person import Person
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import Language
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.voice import RunName
from otolith.service.clock import VirtualClock
from otolith.service.conductor import Conductor
from otolith.service.state import BoardPhase
from otolith.service.station import Station

Until = Callable[..., Awaitable[None]]


def words(text: str) -> dict[str, str]:
    return {"en": text, "de": text, "fr": text}


@pytest.fixture
def challenge() -> Callable[..., Challenge]:
    """A challenge of these conditions, each a mapping of what differs from the defaults."""

    def make(*conditions: dict[str, Any], **changes: Any) -> Challenge:
        given = [{"id": f"c{n}", "name": words(f"condition {n}"), **one} for n, one in enumerate(conditions, 1)]
        values = {
            "format": "otolith-challenge/1",
            "id": "made-up",
            "name": words("made up"),
            "description": words("for a test"),
            "sources": ("nobody",),
            "status": "unverified",
            "conditions": given,
        }
        return Challenge.model_validate(values | changes)

    return make


@pytest.fixture
def rehearse() -> Callable[..., tuple[Run, Rehearsal]]:
    """A run of a challenge by a simulated person, not begun yet."""

    def make(
        challenge: Challenge, *, automatic: bool = True, language: Language = "en", **person: Any
    ) -> tuple[Run, Rehearsal]:
        moniker = parse("sim:btracks?load=constant:0")
        assert isinstance(moniker, Sim)
        stage = Rehearsal(challenge, moniker, Person(**person))
        return Run(RunName("s1", "r1"), challenge, stage, automatic=automatic, language=language), stage

    return make


BOARD = "twin-1001"


class Scene:
    """A station with one board, a conductor, and somebody who steps on and off."""

    def __init__(self, station: Station, conductor: Conductor, bench: Any, clock: VirtualClock) -> None:
        self.station = station
        self.conductor = conductor
        self.load = (0.0,) * 4
        self._bench = bench
        self._clock = clock

    async def pass_by(self, seconds: float) -> None:
        """Let samples come for so long."""
        for _ in range(round(seconds / 0.04)):
            await self._clock.advance(0.04)
            self._bench.newest().feed(self.load, n=5)
            await asyncio.sleep(0.001)
            await self._bench.caught_up(self.station)

    async def reach(self, run: str, phase: Phase) -> None:
        for _ in range(2000):
            if self.phase(run) is phase:
                return
            await self.pass_by(0.04)
        pytest.fail(f"the run is {self.phase(run)}, not {phase}")

    def phase(self, run: str) -> Phase | None:
        latest = next((one.latest for one in self.conductor.runs() if one.row.id == run), None)
        return latest.phase if latest else None


@pytest.fixture
def scene(clock: VirtualClock, bench: Any, config: Any, until: Until) -> Callable[..., Any]:
    @asynccontextmanager
    async def make() -> AsyncIterator[Scene]:
        bench.plug("twin:1")
        async with Station(config("twin:1"), clock, opener=bench.open) as station, Conductor(station) as conductor:
            await until(lambda: any(not board.closed for _, board in bench.opened))
            bench.newest().feed((0.0,) * 4)
            await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING)
            yield Scene(station, conductor, bench, clock)

    return make


@pytest.fixture
def begun() -> Callable[..., Awaitable[str]]:
    """Begin a challenge on the scene's board; the id of the run."""

    async def begin(scene: Scene, challenge: str = "mctsib", **options: Any) -> str:
        session = await scene.conductor.open(BOARD, "anna")
        return (await scene.conductor.start(session.id, challenge, "anna", variant="ten", **options)).id

    return begin
