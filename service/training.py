"""Programs at a station: what a person does today, on which board, and what follows from it."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import structlog

from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.phases import Trigger
from otolith.service.challenges.records import trial_of
from otolith.service.conductor import Conductor
from otolith.service.errors import ProgramRefused, ServiceError, TriggerRefused, UnknownRun
from otolith.service.hub import Policy, Tap
from otolith.service.programs.as_challenge import as_challenge
from otolith.service.programs.catalogue import Programs, programs
from otolith.service.programs.coach import ByHand, Coach, Side
from otolith.service.programs.event import begun, decided, set_done
from otolith.service.programs.explain import next_words
from otolith.service.programs.ladder import Outcome
from otolith.service.programs.program import Program, Rung
from otolith.service.programs.standing import Standing
from otolith.service.station import Station
from otolith.service.store import DecisionRow, RunRow, SetRow

Act = Literal["advance", "regress", "move", "lock", "unlock", "pause", "continue", "withdraw"]
"""What a clinician decides by hand."""
ENDS_SETS: Final[frozenset[Act]] = frozenset({"advance", "regress", "move", "pause", "withdraw"})
"""Decisions after which sets that are under way are no longer what is to be done."""
EVENTS_BEHIND: Final = 256

log = structlog.get_logger()


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
    why_none: str = ""
    """Why no set is left; empty where there is one."""


class Training:
    """Beside the conductor of the same station. Everything is in the records: after a crash, ask for today again.

    Use it as a context manager: meanwhile, sets are entered and told of on the hub the moment they end, and nobody
    makes ready for the next one before the question is answered.
    """

    def __init__(self, station: Station, conductor: Conductor) -> None:
        self.coach = Coach(station.store, station.clock)
        self._station = station
        self._conductor = conductor
        self._beginning = asyncio.Lock()
        self._entering = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._conductor.owed = self._owed
        self._watch = asyncio.create_task(self._enter_sets(), name="training")
        await asyncio.sleep(0)  # it listens from here on
        return self

    async def __aexit__(self, *_: object) -> None:
        self._conductor.owed = None
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def programs(self) -> Programs:
        """What there is here, with the clinic's own."""
        return await asyncio.to_thread(programs, Path(self._station.config.folder))

    async def enrol(self, person: str, program: str, by: str, *, rung: str | None = None, side: Side = "") -> Standing:
        """Put somebody on a program. Raises UnknownPerson, UnknownProgram, ProgramRefused."""
        found = (await self.programs()).program(program)
        now = await self.coach.enrol(person, found, by, rung=rung, side=side)
        await self._station.programs.publish(decided(now, now.latest))
        return now

    async def of_person(self, person: str) -> tuple[Standing, ...]:
        """Everything that somebody is or was on, oldest first. Raises UnknownPerson."""
        await self._station.store.people.get(person)
        rows = await self._station.store.programs.of_person(person)
        return tuple([await self.coach.standing(row.id) for row in rows])

    async def ladders(self, enrolment: str) -> Mapping[int, Program]:
        """Every revision of somebody's ladder. Raises UnknownEnrolment."""
        await self._station.store.programs.enrolment(enrolment)
        rows = await self._station.store.programs.ladders(enrolment)
        return {row.revision: Program.model_validate(row.definition) for row in rows}

    async def today(self, enrolment: str, session: str) -> Today:
        """What to do in a visit; finished sets are entered first. Raises UnknownEnrolment, UnknownSession."""
        visit = await self._station.store.sessions.session(session)
        now = await self._collected(enrolment)
        if visit.person != now.enrolment.person:
            raise ProgramRefused("this visit is somebody else's")
        going = any(one.row.id == now.enrolment.run for one in self._conductor.runs())
        ask = now.pending[0] if now.pending else None
        run = now.enrolment.run if going else ""
        return Today(now, now.rung, now.left(session), ask, run, now.why_none(session))

    async def visit(self, enrolment: str, board: str, by: str) -> str:
        """The person's visit on a board: the newest, where it has not ended, or a new one.

        Raises UnknownEnrolment, UnknownBoard, UnknownPerson.
        """
        person = (await self._station.store.programs.enrolment(enrolment)).person
        newest = (await self._station.store.sessions.list(limit=1, person=person)).items
        if newest and newest[0].ended is None and newest[0].board == self._station.board(board).id:
            return newest[0].id
        return (await self._conductor.open(board, by, person=person)).id

    async def begin(
        self, enrolment: str, session: str, by: str, *, automatic: bool = False, sets: int | None = None
    ) -> RunRow:
        """Begin the sets of the rung (``sets`` at most), or take them up again where a crash cut them short.

        Raises UnknownEnrolment, UnknownSession, ProgramRefused, ChallengeRefused.
        """
        async with self._beginning:
            today = await self.today(enrolment, session)
            _refuse(today)
            row = await self._resumed(today, session, by, automatic=automatic)
            if row is None:
                most = min(sets or today.rung.sets, today.left)
                chosen = as_challenge(today.standing.program, today.rung, most)
                row = await self._conductor.begin(session, chosen, by, automatic=automatic)
                await self._station.store.programs.set_run(enrolment, row.id)
        await self._station.programs.publish(begun(today.standing, self._station.now(), session, row.id))
        return row

    async def _resumed(self, today: Today, session: str, by: str, *, automatic: bool) -> RunRow | None:
        """The run of this visit that a crash cut short, taken up, where it is still what the rung asks for."""
        name = today.standing.enrolment.run
        if not name:
            return None
        row = await self._station.store.sessions.run(name)
        (asked,) = as_challenge(today.standing.program, today.rung, 1).conditions
        (first,) = Challenge.model_validate(row.definition).conditions
        same = row.session == session and first.model_copy(update={"trials": 1}) == asked
        if not same or row.ended is not None:
            return None
        return await self._conductor.resume(name, by, automatic=automatic)

    async def answer(self, enrolment: str, done: str, symptoms: Mapping[str, float], by: str) -> DecisionRow:
        """Enter the symptoms after a set; a decision that settles ends the run.

        Raises UnknownEnrolment, ProgramRefused.
        """
        now = await self._collected(enrolment)
        decision = await self.coach.answer(enrolment, done, symptoms, by)
        await self._tell(enrolment, decision)
        if decision.settles:
            await self._stop(now, _why(decision, now.program))
        return decision

    async def by_hand(self, enrolment: str, act: Act, hand: ByHand, to: str = "") -> Standing:
        """What a clinician decides; ``to`` names the rung to move to. Sets of another rung that are under way end.

        Raises UnknownEnrolment, ProgramRefused.
        """
        if act == "move" and not to:
            raise ProgramRefused("say which rung to move to")
        await self._collected(enrolment)
        if act in ("advance", "regress", "move"):
            now = await self.coach.move(enrolment, to if act == "move" else act, hand)
        elif act in ("lock", "unlock"):
            now = await self.coach.lock(enrolment, hand, locked=act == "lock")
        elif act in ("pause", "continue"):
            now = await self.coach.pause(enrolment, hand, paused=act == "pause")
        else:
            now = await self.coach.withdraw(enrolment, hand)
        await self._station.programs.publish(decided(now, now.latest))
        if act in ENDS_SETS:
            await self._stop(now, "a clinician decided otherwise")
        return now

    async def edit(self, enrolment: str, definition: Mapping[str, Any], hand: ByHand) -> Standing:
        """Another ladder for this person alone. Raises UnknownEnrolment, ProgramRefused, ProgramError."""
        await self._collected(enrolment)
        now = await self.coach.edit(enrolment, definition, hand)
        await self._station.programs.publish(decided(now, now.latest))
        await self._stop(now, "a clinician changed the ladder")
        return now

    async def _enter_sets(self) -> None:
        """Enter every set when its trial is kept; what this misses is entered when somebody asks for today."""
        with self._station.events.tap("training", Policy.OLDEST, EVENTS_BEHIND, _ends_set) as events:
            await self._follow(events)

    async def _follow(self, events: Tap[SessionEvent]) -> None:
        async for event in events:
            try:
                row = await self._station.store.programs.of_run(event.run)
                if row is not None:
                    await self._collected(row.id)
            except (ServiceError, OSError) as error:
                log.warning("a set is not entered yet", run=event.run, reason=str(error))

    async def _owed(self, run: str) -> str:
        """Nobody makes ready for the next set before the symptoms after the last one are known."""
        row = await self._station.store.programs.of_run(run)
        now = None if row is None else await self._collected(row.id)
        return _question(now.pending[0]) if now and now.pending else ""

    async def _collected(self, enrolment: str) -> Standing:
        """With every finished trial of its run as a set; new ones are told of."""
        async with self._entering:
            before = await self.coach.standing(enrolment)
            if not before.enrolment.run:
                return before
            row = await self._station.store.sessions.run(before.enrolment.run)
            challenge = Challenge.model_validate(row.definition)
            trials = [trial_of(one, challenge) for one in await self._station.store.sessions.trials(row.id)]
            now = await self.coach.take(enrolment, row.session, row.id, trials)
        for one in now.sets[len(before.sets) :]:
            await self._station.programs.publish(set_done(now, self._station.now(), one))
        return now

    async def _tell(self, enrolment: str, decision: DecisionRow) -> None:
        await self._station.programs.publish(decided(await self.coach.standing(enrolment), decision))

    async def _stop(self, now: Standing, reason: str) -> None:
        """End the run; who was faster, or a station that has been down since, has done so already."""
        with suppress(UnknownRun, TriggerRefused):
            await self._conductor.press(now.enrolment.run, Trigger.STOP, "station", reason=reason)


def _ends_set(event: SessionEvent) -> bool:
    return event.kind == "trial"


def _question(row: SetRow) -> str:
    return f"ask for the symptoms after the set {row.id} first"


def _refuse(today: Today) -> None:
    """Raises ProgramRefused where no sets can begin."""
    if today.ask is not None:
        raise ProgramRefused(_question(today.ask))
    if today.run:
        raise ProgramRefused("the sets of this program are under way already: finish or stop them first")
    if not today.left:
        raise ProgramRefused(f"there is nothing left to do in this visit: {today.why_none}")


def _why(decision: DecisionRow, program: Program) -> str:
    """For the run, which is told to everybody: what follows, and nothing of what was answered."""
    if decision.outcome == Outcome.STOP:
        return "the program ended the visit"
    if decision.outcome == Outcome.COMPLETE:
        return "the program is complete"
    return f"the program goes on: next {next_words(program, decision.rung, decision.next_rung, 'en')}"
