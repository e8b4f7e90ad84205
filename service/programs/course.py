"""A course of weeks with a simulated person, in virtual time: every set is run, measured, asked about and decided."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otolith.drivers.monikers import Sim
from otolith.service.challenges.challenge import Challenge, Zero
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.tasks import Task
from otolith.service.challenges.trial import Trial
from otolith.service.challenges.voice import RunName
from otolith.service.clock import VirtualClock, rfc3339
from otolith.service.programs.as_challenge import as_challenge
from otolith.service.programs.coach import ByHand, Coach
from otolith.service.programs.learner import Intervention, Learner
from otolith.service.programs.program import Program
from otolith.service.programs.standing import Standing
from otolith.service.store import PersonRow, Store

WEEK_S: Final = 7 * 24 * 3600.0
CLINICIAN: Final = "Ms Keller"
"""Made up, as everybody here."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much of a program is really done: all of it, or little enough for a glance."""

    sets_per_session: int | None = None
    """None: the program's own."""
    seconds: float = 1.0
    """Of a set, as a part of its length; static holds and endurance are shortened alike."""
    settle_s: float = 5.0
    lead_s: float = 3.0
    block_s: float = 0.04
    """Samples that come at a time."""
    zero: bool = True

    def program(self, program: Program) -> Program:
        """As it is enrolled."""
        gate, sets = program.gate, self.sets_per_session or program.sets_per_session
        share = sets / program.sets_per_session
        repetitions = max(2, round(gate.repetitions * share))
        changed = {
            "static_hold_s": gate.static_hold_s * self.seconds,
            "repetitions": repetitions,
            "plateau": max(gate.of, round(gate.plateau * share)),
        }
        failures = program.regress.failures if gate.kind == "error" else min(program.regress.failures, repetitions)
        change = {
            "gate": gate.model_copy(update=changed),
            "regress": program.regress.model_copy(update={"failures": failures}),
            "sets_per_session": sets,
        }
        return program.model_copy(update=change)

    def challenge(self, challenge: Challenge) -> Challenge:
        """As it is run."""
        conditions = tuple(
            one.model_copy(
                update={
                    "duration_s": one.duration_s * self.seconds,
                    "settle_s": self.settle_s,
                    "lead_s": self.lead_s,
                    "rest_s": one.rest_s * self.seconds,
                    "task": self._task(one.task),
                }
            )
            for one in challenge.conditions
        )
        zero = challenge.zero if self.zero else Zero(before="never", after="never")
        return challenge.model_copy(update={"conditions": conditions, "zero": zero})

    def _task(self, task: Task) -> Task:
        """Unexpected targets come the sooner, so that some of them come at all."""
        if task.kind != "react":
            return task
        sooner = {name: max(0.5, getattr(task, name) * self.seconds**0.5) for name in ("shortest_s", "longest_s")}
        return task.model_copy(update=sooner)


FULL: Final = Pace()
BRISK: Final = Pace(sets_per_session=3, seconds=0.2, settle_s=1.5, lead_s=0.5, block_s=0.4, zero=False)


@dataclass(frozen=True, slots=True)
class Course:
    """What became of it."""

    standing: Standing
    """At the end, with every set and every decision."""
    ladders: tuple[Program, ...]
    """Every revision, oldest first."""
    sessions: tuple[str, ...]
    seconds: float
    """Virtual, on the board and resting; not the days between."""


class Simulation:
    """One person's."""

    def __init__(self, coach: Coach, clock: VirtualClock, learner: Learner, moniker: Sim, pace: Pace) -> None:
        self._coach = coach
        self._clock = clock
        self._learner = learner
        self._moniker = moniker
        self._pace = pace
        self.seconds = 0.0

    async def play(self, enrolment: str, visits: int, apart_s: float) -> tuple[str, ...]:
        """So many visits; their names."""
        begun = self._clock.monotonic_ns() / 1e9
        names = []
        for visit in range(visits):
            await self._clock.advance(max(0.0, begun + visit * apart_s - self._clock.monotonic_ns() / 1e9))
            now = await self._coach.standing(enrolment)
            if now.enrolment.ended is not None:
                break
            names.append(f"visit-{visit + 1}")
            for one in self._learner.interventions(visit, visits):
                await self._step_in(now, one)
                now = await self._coach.standing(enrolment)
            await self._visit(enrolment, visit, visits, names[-1])
        return tuple(names)

    async def _visit(self, enrolment: str, visit: int, visits: int, session: str) -> None:
        number = 0
        while (now := await self._coach.standing(enrolment)).left(session):
            number += 1
            trials = await self._set(now, visit, visits, number)
            done = await self._coach.take(enrolment, session, f"{session}-{number}", trials)
            for row in done.pending:
                felt = self._learner.symptoms(visit, visits, number, done.program.symptoms.asked)
                await self._coach.answer(enrolment, row.id, felt, "station")
            if number >= 3 * now.program.sets_per_session:
                return  # nothing counts; a person would have given up long before

    async def _set(self, now: Standing, visit: int, visits: int, number: int) -> tuple[Trial, ...]:
        challenge = self._pace.challenge(as_challenge(now.program, now.rung, sets=1))
        person = self._learner.person(visit, visits, number, self._pace.seconds)
        stage = Rehearsal(challenge, self._moniker, person, self._clock, self._pace.block_s)
        run = Run(RunName("course", f"{visit}-{number}"), challenge, stage, automatic=True)
        begun = self._clock.monotonic_ns()
        await stage.play(run)
        await self._clock.advance(now.rung.rest_s * self._pace.seconds)
        self.seconds += (self._clock.monotonic_ns() - begun) / 1e9
        return tuple(run.trials)

    async def _step_in(self, now: Standing, one: Intervention) -> None:
        hand = ByHand(CLINICIAN, one.reason, now.enrolment.seq)
        at, last = now.program.number(now.enrolment.rung), len(now.program.rungs) - 1
        if one.act in ("lock", "unlock"):
            await self._coach.lock(now.enrolment.id, hand, locked=one.act == "lock")
        elif at < last if one.act == "advance" else at > 0:
            await self._coach.move(now.enrolment.id, one.act, hand)


async def course(program: Program, learner: Learner, moniker: Sim, *, weeks: float = 3.0, pace: Pace = FULL) -> Course:
    """From enrolling to the last visit, with records in a folder that is gone afterwards.

    Raises ProgramRefused, ProgramError.
    """
    clock = VirtualClock()
    async with _records(clock) as store:
        coach = Coach(store, clock)
        await store.people.put(PersonRow("simulated", rfc3339(clock.now())))
        begun = await coach.enrol("simulated", pace.program(program), CLINICIAN)
        enrolment = begun.enrolment.id
        simulation = Simulation(coach, clock, learner, moniker, pace)
        visits = max(1, round(weeks * program.sessions_per_week))
        sessions = await simulation.play(enrolment, visits, WEEK_S / program.sessions_per_week)
        ladders = [Program.model_validate(one.definition) for one in await store.programs.ladders(enrolment)]
        return Course(await coach.standing(enrolment), tuple(ladders), sessions, simulation.seconds)


@asynccontextmanager
async def _records(clock: VirtualClock) -> AsyncIterator[Store]:
    folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="otolith-course-")
    try:
        async with Store(f"sqlite+aiosqlite:///{Path(folder) / 'course.db'}", clock) as store:
            yield store
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
