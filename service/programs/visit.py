"""One visit of a simulated person who is on a program, in virtual time, kept as a station keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from otolith.drivers.monikers import Sim, form
from otolith.drivers.patient.person import Person
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.records import trial_row
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.trial import Trial
from otolith.service.challenges.voice import RunName
from otolith.service.clock import Clock, VirtualClock, rfc3339
from otolith.service.errors import UnknownPerson
from otolith.service.programs.as_challenge import as_challenge
from otolith.service.programs.coach import Coach, Side
from otolith.service.programs.course import FULL, Pace
from otolith.service.programs.program import Program
from otolith.service.programs.standing import Standing
from otolith.service.store import PersonRow, RunRow, SessionRow, Store

BY = "simulation"
GIVES_UP = 3
"""Times as many attempts as sets: where nothing counts, a person would have given up long before."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who comes."""

    person: Person
    """On the board."""
    felt: Mapping[str, float]
    """What they answer after every set; what is not in it is none."""


class Visit:
    """Records in ``store``, boards like ``moniker``, time by ``clock``."""

    def __init__(self, store: Store, clock: VirtualClock, moniker: Sim, pace: Pace = FULL) -> None:
        self._store = store
        self._clock = clock
        self._moniker = moniker
        self._pace = pace
        self._coach = Coach(store, clock)

    async def play(self, enrolment: str, who: Somebody) -> SessionRow:
        """From coming to leaving: every set is run, measured, asked about and decided. Raises UnknownEnrolment."""
        now = await self._coach.standing(enrolment)
        row = SessionRow(self._make_id(), now.enrolment.person, form(self._moniker), BY, self._now())
        await self._store.sessions.put(row)
        most = GIVES_UP * now.program.sets_per_session
        while (now := await self._coach.standing(enrolment)).left(row.id) and most:
            most -= 1
            done = await self._set(now, row, who)
            for one in done.pending:
                told: dict[str, float] = {name: who.felt.get(name, 0.0) for name in done.program.symptoms.asked}
                await self._coach.answer(enrolment, one.id, told, BY)
        row = replace(row, ended=self._now())
        await self._store.sessions.put(row)
        return row

    async def _set(self, now: Standing, session: SessionRow, who: Somebody) -> Standing:
        """One run of one set, kept."""
        whole = self._pace.challenge(as_challenge(now.program, now.rung, sets=1))
        begun = self._now()
        person = replace(who.person, seed=who.person.seed + 2 * len(now.sets))
        name = RunName(session.id, self._make_id())
        trials, result = await self._run(whole, name, person)
        row = RunRow(name.run, session.id, whole.id, whole.model_dump(mode="json"), BY, begun)
        row = replace(row, ended=self._now(), end="finished", result=result)
        await self._store.sessions.put(row)
        for trial in trials:
            await self._store.sessions.put(trial_row(trial, row.id))
        await self._store.programs.set_run(now.enrolment.id, row.id)
        await self._clock.advance(now.rung.rest_s * self._pace.seconds)
        return await self._coach.take(now.enrolment.id, session.id, row.id, trials)

    async def _run(
        self, whole: Challenge, name: RunName, person: Person
    ) -> tuple[tuple[Trial, ...], Mapping[str, object]]:
        stage = Rehearsal(whole, self._moniker, person, self._clock, self._pace.block_s, ids=self._store.ids)
        run = Run(name, whole, stage, automatic=True)
        await stage.play(run)
        return tuple(run.trials), stage.events[-1].data

    def _now(self) -> str:
        return rfc3339(self._clock.now())

    def _make_id(self) -> str:
        return self._store.ids.make(self._clock.now())


async def next_visit(store: Store, person: str, program: str, clock: Clock) -> datetime:
    """When it is: now, or as long after the newest record as the program wants, whichever is later.

    Records of virtual time may lie ahead of the clock, and what comes later has to sort after them.
    """
    moments = [clock.now()]
    for row in await store.programs.of_person(person):
        if row.program != program:
            continue
        decisions = await store.programs.decisions(row.id)
        ladder = Program.model_validate((await store.programs.ladder(row.id, row.revision)).definition)
        newest = datetime.fromisoformat(max(one.at for one in decisions))
        moments.append(newest + timedelta(weeks=1) / ladder.sessions_per_week)
    return max(moments)


async def placed(coach: Coach, store: Store, person: str, program: Program, by: str, *, side: Side = "") -> Standing:
    """Where somebody stands on a program: as they were left, or newly put on it.

    Raises ProgramRefused, ProgramError.
    """
    for row in await store.programs.of_person(person):
        if row.program == program.id and row.ended is None:
            return await coach.standing(row.id)
    try:
        await store.people.get(person)
    except UnknownPerson:
        await store.people.put(PersonRow(person, coach.now()))
    return await coach.enrol(person, program, by, side=side)
