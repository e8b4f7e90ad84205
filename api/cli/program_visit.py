"""``otolith program run``: one visit, with a simulated person in virtual time, or on a board with an operator."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from otolith.api.cli.challenge_live import guided
from otolith.api.cli.output import console
from otolith.api.cli.program_course import decision_record, set_record, show_decisions
from otolith.api.cli.rehearsing import someone
from otolith.api.cli.single import single_board
from otolith.api.cli.symptoms import asked
from otolith.drivers.monikers import Sim
from otolith.service.challenges.cues import Language, spoken
from otolith.service.challenges.phases import Phase
from otolith.service.clock import SystemClock, VirtualClock
from otolith.service.conductor import Conductor
from otolith.service.errors import ProgramRefused
from otolith.service.folder import claimed
from otolith.service.programs.catalogue import OWN
from otolith.service.programs.coach import Coach, Side
from otolith.service.programs.course import BRISK, FULL
from otolith.service.programs.explain import explain, next_words
from otolith.service.programs.program import Program
from otolith.service.programs.standing import Standing, decision_of
from otolith.service.programs.visit import Somebody, Visit, next_visit, placed
from otolith.service.station import Station
from otolith.service.store import DecisionRow, SetRow, Store
from otolith.service.training import Training

OPERATOR = "terminal"


@dataclass(frozen=True, slots=True)
class Coming:
    """Who comes, for what."""

    person: str
    program: Program
    side: Side
    language: Language
    felt: Mapping[str, float] | None
    """What is answered after every set; None: somebody is asked."""
    brisk: bool
    """Three short sets, in virtual time alone."""


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit that is over."""

    before: str
    """The rung at its beginning."""
    session: str
    standing: Standing
    left: int
    """Sets of it that were not done."""
    simulated: bool
    brisk: bool = False

    @property
    def sets(self) -> tuple[SetRow, ...]:
        """Of this visit."""
        return tuple(row for row in self.standing.sets if row.session == self.session)

    @property
    def decisions(self) -> tuple[DecisionRow, ...]:
        """Of this visit."""
        return tuple(row for row in self.standing.decisions if row.session == self.session)


async def rehearsed_visit(coming: Coming, moniker: Sim, out: Path | None) -> Visited:
    """In virtual time, from coming to leaving. Raises MonikerError, ProgramRefused, StoreError."""
    person = Somebody(someone(moniker), coming.felt or {})
    async with _records(out) as (folder, clock):
        url = f"sqlite+aiosqlite:///{folder / 'otolith.db'}"
        async with Store(url, clock) as store:
            start = await next_visit(store, coming.person, coming.program.id, clock)
        virtual = VirtualClock(start)
        async with Store(url, virtual) as store:
            coach = Coach(store, virtual)
            pace = BRISK if coming.brisk else FULL
            program = pace.program(coming.program)
            now = await placed(coach, store, coming.person, program, OPERATOR, side=coming.side)
            _refuse_paused(now)
            session = await Visit(store, virtual, moniker, pace).play(now.enrolment.id, person)
            after = await coach.standing(now.enrolment.id)
            left = after.left(session.id)
            return Visited(now.enrolment.rung, session.id, after, left, simulated=True, brisk=coming.brisk)


@asynccontextmanager
async def _records(out: Path | None) -> AsyncIterator[tuple[Path, SystemClock]]:
    """A folder that nobody else uses meanwhile; without ``out``, one that is gone afterwards."""
    clock = SystemClock()
    if out is not None:
        async with claimed(out):
            yield out, clock
        return
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="otolith-visit-")
    try:
        yield Path(folder), clock
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def conducted_visit(
    coming: Coming, moniker: str, out: Path | None, own: Path | None, *, automatic: bool, screen: Console | None
) -> Visited:
    """On a private station with this board, set by set. Raises ProgramRefused, CommandFailed."""
    async with single_board(moniker, folder=out) as (station, board), Conductor(station) as conductor:
        if own is not None and (own / OWN).is_dir():
            await asyncio.to_thread(shutil.copytree, own / OWN, station.config.folder / OWN, dirs_exist_ok=True)
        async with Training(station, conductor) as training:
            now = await placed(training.coach, station.store, coming.person, coming.program, OPERATOR, side=coming.side)
            _refuse_paused(now)
            session = await training.visit(now.enrolment.id, board, OPERATOR)
            desk = _Desk(coming, station, conductor, training, screen)
            await desk.sets(now.enrolment.id, session, automatic=automatic)
            await conductor.end(session, OPERATOR)
            after = await training.coach.standing(now.enrolment.id)
            simulated = station.board(board).simulated
            return Visited(now.enrolment.rung, session, after, after.left(session), simulated=simulated)


class _Desk:
    """Asks, tells, and begins one set after the other."""

    def __init__(
        self, coming: Coming, station: Station, conductor: Conductor, training: Training, screen: Console | None
    ) -> None:
        self._coming = coming
        self._station = station
        self._conductor = conductor
        self._training = training
        self._screen = screen

    async def sets(self, enrolment: str, session: str, *, automatic: bool) -> None:
        """Until none is left, or the operator stops one."""
        while True:
            today = await self._training.today(enrolment, session)
            if today.ask is not None:
                felt = await self._felt(today.standing.program)
                row = await self._training.answer(enrolment, today.ask.id, felt, OPERATOR)
                self._say(explain(decision_of(row), today.standing.program, self._coming.language))
                continue
            if not today.left:
                self._say(today.why_none)
                return
            if today.standing.done(session):
                self._say(f"rest for {today.rung.rest_s:g} s before the next set")
            begin = self._training.begin(enrolment, session, OPERATOR, automatic=automatic, sets=1)
            title = spoken(today.rung.name, self._coming.language)
            seen = await guided(self._station, self._conductor, begin, title, self._screen)
            if seen[-1].phase is Phase.STOPPED and (await self._training.today(enrolment, session)).ask is None:
                return

    def _say(self, text: str) -> None:
        if self._screen is not None:
            self._screen.print(text, markup=False, soft_wrap=True)

    async def _felt(self, program: Program) -> Mapping[str, float]:
        """The answers after a set."""
        if self._coming.felt is not None:
            return {name: self._coming.felt.get(name, 0.0) for name in program.symptoms.asked}
        return await asyncio.to_thread(asked, program.symptoms.asked, self._coming.language)


def _refuse_paused(now: Standing) -> None:
    if now.enrolment.paused:
        raise ProgramRefused(f"{now.enrolment.person} is on {now.program.id}, and the program is paused")


def visit_record(visited: Visited, language: Language) -> dict[str, object]:
    """One document: where they were, what they did, what was decided and why, where they are."""
    now = visited.standing
    return {
        "program": now.program.id,
        "version": now.program.version,
        "person": now.enrolment.person,
        "enrolment": now.enrolment.id,
        "session": visited.session,
        "simulated": visited.simulated,
        "brisk": visited.brisk,
        "before": visited.before,
        "rung": now.enrolment.rung,
        "next": next_words(now.program, now.enrolment.rung, now.enrolment.rung, language),
        "left": visited.left,
        "ended": now.enrolment.end,
        "sets": [set_record(one) for one in visited.sets],
        "decisions": [
            decision_record(one, explain(decision_of(one), now.program, language)) for one in visited.decisions
        ],
    }


def show_visit(visited: Visited, language: Language) -> None:
    """Every decision on a line, and where it ends."""
    now, screen = visited.standing, console()
    mark = f" [yellow]SIMULATED{', shortened' if visited.brisk else ''}[/]" if visited.simulated else ""
    screen.print(f"[bold]{spoken(now.program.name, language)}[/]{mark}: {now.enrolment.person}")
    screen.print(
        show_decisions(
            [(one, explain(decision_of(one), now.program, language)) for one in visited.decisions], visited.sets
        )
    )
    at = now.program.number(now.enrolment.rung) + 1
    end = f"the program is {now.enrolment.end}" if now.enrolment.end else f"on rung {at} of {len(now.program.rungs)}"
    screen.print(f"{len(visited.sets)} sets: {end}")
