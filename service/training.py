"""Programs at a station: what a person does today, on which board, and what follows from it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.phases import Trigger
from otolith.service.challenges.records import trial_of
from otolith.service.conductor import Conductor
from otolith.service.errors import ProgramRefused, TriggerRefused, UnknownRun
from otolith.service.programs.as_challenge import as_challenge
from otolith.service.programs.catalogue import Programs, programs
from otolith.service.programs.coach import Coach, Side
from otolith.service.programs.explain import explain
from otolith.service.programs.program import Rung
from otolith.service.programs.standing import Standing, decision_of
from otolith.service.station import Station
from otolith.service.store import DecisionRow, RunRow, SetRow


@dataclass(frozen=True, slots=True)
class Today:
    """What there is to do in a visit."""

    standing: Standing
    rung: Rung
    left: int
    """Sets; none where symptoms ended the visit or the program is over."""
    ask: SetRow | None
    """After this set nobody has asked for symptoms yet: that comes first."""
    run: str
    """Going on for this program now; empty where none is."""


class Training:
    """Beside the conductor of the same station. Everything is in the records: after a crash, ask for today again.

    Clinicians decide by hand through ``coach``.
    """

    def __init__(self, station: Station, conductor: Conductor) -> None:
        self.coach = Coach(station.store, station.clock)
        self._station = station
        self._conductor = conductor

    async def programs(self) -> Programs:
        """What there is here, with the clinic's own."""
        return await asyncio.to_thread(programs, Path(self._station.config.folder))

    async def enrol(self, person: str, program: str, by: str, *, rung: str | None = None, side: Side = "") -> Standing:
        """Put somebody on a program. Raises UnknownPerson, UnknownProgram, ProgramRefused."""
        return await self.coach.enrol(person, (await self.programs()).program(program), by, rung=rung, side=side)

    async def today(self, enrolment: str, session: str) -> Today:
        """What to do in a visit; finished sets are entered first. Raises UnknownEnrolment, UnknownSession."""
        await self._station.store.sessions.session(session)
        now = await self._collected(enrolment)
        going = any(one.row.id == now.enrolment.run for one in self._conductor.runs())
        ask = now.pending[0] if now.pending else None
        return Today(now, now.rung, now.left(session), ask, now.enrolment.run if going else "")

    async def begin(self, enrolment: str, session: str, by: str, *, automatic: bool = False) -> RunRow:
        """Begin the sets of the rung, or take them up again where a crash cut them short.

        Raises UnknownEnrolment, UnknownSession, ProgramRefused, ChallengeRefused.
        """
        today = await self.today(enrolment, session)
        visit = await self._station.store.sessions.session(session)
        if visit.person != today.standing.enrolment.person:
            raise ProgramRefused("this visit is somebody else's")
        if today.ask is not None:
            raise ProgramRefused(f"ask for the symptoms after the set {today.ask.id} first")
        if not today.left:
            raise ProgramRefused("there is nothing left to do in this visit")
        if (interrupted := await self._interrupted(today, session)) is not None:
            return await self._conductor.resume(interrupted, by, automatic=automatic)
        sets = min(today.rung.sets, today.left)
        chosen = as_challenge(today.standing.program, today.rung, sets)
        row = await self._conductor.begin(session, chosen, by, automatic=automatic)
        await self._station.store.programs.set_run(enrolment, row.id)
        return row

    async def _interrupted(self, today: Today, session: str) -> str | None:
        """The run of this visit that a crash cut short, where it is still what the rung asks for."""
        name = today.standing.enrolment.run
        if not name or today.run:
            return None
        row = await self._station.store.sessions.run(name)
        (asked,) = as_challenge(today.standing.program, today.rung, 1).conditions
        (begun,) = Challenge.model_validate(row.definition).conditions
        same = row.session == session and begun.model_copy(update={"trials": 1}) == asked
        return name if same and row.ended is None else None

    async def answer(self, enrolment: str, done: str, symptoms: Mapping[str, float], by: str) -> DecisionRow:
        """Enter the symptoms after a set; a decision that settles ends the run.

        Raises UnknownEnrolment, ProgramRefused.
        """
        now = await self._collected(enrolment)
        decision = await self.coach.answer(enrolment, done, symptoms, by)
        if decision.settles:
            await self._stop(now.enrolment.run, explain(decision_of(decision), now.program))
        return decision

    async def _collected(self, enrolment: str) -> Standing:
        """With every finished trial of its run as a set."""
        now = await self.coach.standing(enrolment)
        if not now.enrolment.run:
            return now
        row = await self._station.store.sessions.run(now.enrolment.run)
        challenge = Challenge.model_validate(row.definition)
        trials = [trial_of(one, challenge) for one in await self._station.store.sessions.trials(row.id)]
        return await self.coach.take(enrolment, row.session, row.id, trials)

    async def _stop(self, run: str, reason: str) -> None:
        """End the run; who was faster, or a station that has been down since, has done so already."""
        try:
            await self._conductor.press(run, Trigger.STOP, "station", reason=reason)
        except (UnknownRun, TriggerRefused):
            return
