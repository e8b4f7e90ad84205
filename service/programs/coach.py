"""Keeps the records of people on programs, and decides by their ladders. Knows no board and no screen."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import ValidationError

from otolith.service.challenges.trial import Trial
from otolith.service.clock import Clock, rfc3339
from otolith.service.definitions import mistakes
from otolith.service.errors import ProgramError, ProgramRefused
from otolith.service.programs.catalogue import trainable
from otolith.service.programs.check import complaints
from otolith.service.programs.ladder import Decision, Outcome, decide
from otolith.service.programs.mirror import mirrored
from otolith.service.programs.program import Program
from otolith.service.programs.sets import COUNTED, set_row
from otolith.service.programs.standing import Standing
from otolith.service.store import Change, DecisionRow, EnrolmentRow, LadderRow, SetRow, Store

Side = Literal["", "left", "right"]


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who decides, why, and what they had seen: ``seq`` of the enrolment, or None to decide whatever has changed."""

    by: str
    reason: str
    seq: int | None = None


class Coach:
    """Every method reads the records, and whatever it changes is kept before it returns."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = asyncio.Lock()

    async def enrol(
        self, person: str, program: Program, by: str, *, rung: str | None = None, side: Side = ""
    ) -> Standing:
        """Put somebody on a program, at its first rung or at ``rung``; ``side`` is the affected one.

        Raises UnknownPerson, ProgramRefused, ProgramError.
        """
        await self._store.people.get(person)
        chosen = trainable(_checked(program if side in ("", program.affected) else mirrored(program)))
        if side and not program.affected:
            raise ProgramRefused(f"{program.id} has no affected side")
        start = self._rung(chosen, rung or chosen.rungs[0].id)
        row = EnrolmentRow(self._make_id(), person, program.id, self.now(), by, start)
        ladder = LadderRow(row.id, 1, chosen.model_dump(mode="json"), row.started, by)
        decision = Decision(Outcome.STAY, start, start, "enrolled", {"version": program.version}, "enrolled", by)
        await self._store.programs.begin(row, ladder, self._row(row, decision, "", "", settles=True))
        return await self.standing(row.id)

    async def standing(self, enrolment: str) -> Standing:
        """Where somebody is. Raises UnknownEnrolment."""
        row = await self._store.programs.enrolment(enrolment)
        ladder = await self._store.programs.ladder(enrolment, row.revision)
        sets = await self._store.programs.sets(enrolment)
        decisions = await self._store.programs.decisions(enrolment)
        return Standing(row, Program.model_validate(ladder.definition), sets, decisions)

    async def take(self, enrolment: str, session: str, run: str, trials: Sequence[Trial]) -> Standing:
        """Enter the trials of a run as sets; those that are entered already stay as they are.

        One that the operator had done once more before anybody answered for it counts no longer. Raises
        UnknownEnrolment.
        """
        person = await self._store.programs.enrolment(enrolment)
        rows = tuple(
            set_row(trial, person, session, run)
            for trial in trials
            if trial.verdict in COUNTED and not trial.plan.practice
        )
        void = tuple(trial.id for trial in trials if trial.verdict not in COUNTED)
        await self._store.programs.add_sets(rows, void)
        return await self.standing(enrolment)

    async def answer(self, enrolment: str, done: str, symptoms: Mapping[str, float], by: str) -> DecisionRow:
        """Enter the symptoms after a set, and decide. Raises UnknownEnrolment, ProgramRefused."""
        async with self._lock:
            now = await self.standing(enrolment)
            answered = _answered(now, done, symptoms)
            now = replace(now, sets=tuple(answered if row.id == done else row for row in now.sets))
            decision = decide(now.program, now.place(answered.session), now.counted(answered), now.holds)
            row = self._row(now.enrolment, decision, answered.session, answered.id, settles=decision.settles)
            moved, told = self._moved(now, decision), (done, answered.symptoms or {})
            change = Change(moved, "program-answer", by, f"after {done}", decision=row, answered=told)
            await self._store.programs.change(change)
            return row

    async def move(self, enrolment: str, to: str, hand: ByHand) -> Standing:
        """Put somebody on a rung: ``advance``, ``regress``, or its id. What the ladder would not have allowed is noted.

        Raises UnknownEnrolment, ProgramRefused.
        """
        now = await self._for(enrolment, hand)
        at = now.program.number(now.enrolment.rung)
        number = {"advance": at + 1, "regress": at - 1}.get(to)
        if number is not None and not 0 <= number < len(now.program.rungs):
            raise ProgramRefused(f"there is no rung to {to} to from {now.enrolment.rung}")
        target = now.program.rungs[number].id if number is not None else self._rung(now.program, to)
        if target == now.enrolment.rung:
            raise ProgramRefused(f"{target} is where the person is already")
        forward = now.program.number(target) > at
        outcome, because = (Outcome.ADVANCE, "moved-up") if forward else (Outcome.REGRESS, "moved-down")
        held = now.holds
        inputs = {
            "holds": {"open_s": held.open_s, "closed_s": held.closed_s},
            "needed_s": now.program.gate.static_hold_s,
            "unstable": now.program.rung(target).surface.kind != "firm",
            "locked": now.enrolment.locked,
        }
        decision = Decision(outcome, now.enrolment.rung, target, "override", inputs, because, hand.by, hand.reason)
        return await self._decided(now, replace(now.enrolment, rung=target), decision, "program-move", hand)

    async def lock(self, enrolment: str, hand: ByHand, *, locked: bool = True) -> Standing:
        """Keep somebody where they are, or let them go on; symptoms and falls lead back all the same."""
        now = await self._for(enrolment, hand)
        word = "locked" if locked else "unlocked"
        if now.enrolment.locked == locked:
            raise ProgramRefused(f"the ladder is {word} already")
        decision = _stays(now, word, hand)
        row = replace(now.enrolment, locked=locked)
        return await self._decided(now, row, decision, f"program-{word}", hand, settles=False)

    async def pause(self, enrolment: str, hand: ByHand, *, paused: bool = True) -> Standing:
        """Let nobody begin a set until it is continued; what was done is asked about and decided all the same."""
        now = await self._for(enrolment, hand)
        if now.enrolment.paused == paused:
            raise ProgramRefused(f"the program is {'paused already' if paused else 'not paused'}")
        word = "paused" if paused else "continued"
        row = replace(now.enrolment, paused=paused)
        return await self._decided(now, row, _stays(now, word, hand), f"program-{word}", hand, settles=False)

    async def edit(self, enrolment: str, definition: Mapping[str, Any], hand: ByHand) -> Standing:
        """Another ladder for this person alone, from now on; the rung they are on must be in it.

        Raises UnknownEnrolment, ProgramRefused, ProgramError with every mistake.
        """
        now = await self._for(enrolment, hand)
        try:
            edited = trainable(_checked(Program.model_validate(definition)))
        except ValidationError as error:
            raise ProgramError(mistakes(error)) from error
        self._rung(edited, now.enrolment.rung)
        row = replace(now.enrolment, revision=now.enrolment.revision + 1)
        ladder = LadderRow(row.id, row.revision, edited.model_dump(mode="json"), self.now(), hand.by, hand.reason)
        return await self._decided(now, row, _stays(now, "edited", hand), "program-edit", hand, ladder=ladder)

    async def withdraw(self, enrolment: str, hand: ByHand) -> Standing:
        """End it."""
        now = await self._for(enrolment, hand)
        row = replace(now.enrolment, ended=self.now(), end="withdrawn")
        return await self._decided(now, row, _stays(now, "withdrawn", hand), "program-withdraw", hand)

    async def _for(self, enrolment: str, hand: ByHand) -> Standing:
        """What a clinician decides on. Raises ProgramRefused without a reason, or where it has changed or ended."""
        if not hand.reason.strip():
            raise ProgramRefused("say why: a decision by hand is kept with its reason")
        now = await self.standing(enrolment)
        if now.enrolment.ended is not None:
            raise ProgramRefused(f"this program has ended: {now.enrolment.end}")
        if hand.seq is not None and hand.seq != now.enrolment.seq:
            raise ProgramRefused("somebody has changed this program meanwhile: look at it again, then decide")
        return now

    async def _decided(
        self,
        now: Standing,
        row: EnrolmentRow,
        decision: Decision,
        action: str,
        hand: ByHand,
        *,
        ladder: LadderRow | None = None,
        settles: bool = True,
    ) -> Standing:
        after = now.sets[-1].id if now.sets else ""
        kept = self._row(row, decision, "", after, settles=settles)
        detail = f"{decision.rung} to {decision.next_rung}: {hand.reason}"
        await self._store.programs.change(Change(row, action, hand.by, detail, kept, ladder))
        return await self.standing(row.id)

    def _moved(self, now: Standing, decision: Decision) -> EnrolmentRow:
        if decision.outcome is Outcome.COMPLETE:
            return replace(now.enrolment, ended=self.now(), end="complete")
        return replace(now.enrolment, rung=decision.next_rung)

    def _row(self, row: EnrolmentRow, decision: Decision, session: str, after: str, *, settles: bool) -> DecisionRow:
        return DecisionRow(
            id=self._make_id(),
            enrolment=row.id,
            revision=row.revision,
            at=self.now(),
            session=session,
            outcome=str(decision.outcome),
            rung=decision.rung,
            next_rung=decision.next_rung,
            rule=decision.rule,
            because=decision.because,
            by=decision.by,
            reason=decision.reason,
            settles=settles,
            after=after,
            inputs=decision.inputs,
        )

    @staticmethod
    def _rung(program: Program, name: str) -> str:
        try:
            return program.rung(name).id
        except KeyError:
            there = ", ".join(rung.id for rung in program.rungs)
            raise ProgramRefused(f"{program.id} has no rung {name!r}; it has {there}") from None

    def now(self) -> str:
        """RFC 3339, as records have it."""
        return rfc3339(self._clock.now())

    def _make_id(self) -> str:
        return self._store.ids.make(self._clock.now())


def _checked(program: Program) -> Program:
    """Raises ProgramError with all that is wrong."""
    if wrong := [f"{'.'.join(map(str, key))}: {why}" for key, why in complaints(program)]:
        raise ProgramError("\n".join(wrong))
    return program


def _stays(now: Standing, word: str, hand: ByHand) -> Decision:
    here = now.enrolment.rung
    return Decision(Outcome.STAY, here, here, "override", {}, word, hand.by, hand.reason)


def _answered(now: Standing, done: str, symptoms: Mapping[str, float]) -> SetRow:
    """The set with its symptoms. Raises ProgramRefused where nobody can answer that."""
    if now.enrolment.ended is not None:
        raise ProgramRefused(f"this program has ended: {now.enrolment.end}")
    if any(row.id == done and row.symptoms is not None for row in now.sets):
        raise ProgramRefused(f"the set {done} was answered already: its decision is in the records")
    if not now.pending:
        raise ProgramRefused("there is no set without an answer")
    if now.pending[0].id != done:
        raise ProgramRefused(f"ask about the set {now.pending[0].id} now")
    if strange := sorted(set(symptoms) - set(now.program.symptoms.asked)):
        raise ProgramRefused(f"nobody asks for {strange[0]!r} here; asked: {', '.join(now.program.symptoms.asked)}")
    if wrong := next((name for name, size in symptoms.items() if not 0.0 <= size <= 10.0), None):  # noqa: PLR2004 - the scale
        raise ProgramRefused(f"{wrong} is told from 0 (none) to 10, not {symptoms[wrong]:g}")
    return replace(now.pending[0], symptoms=dict(symptoms))
