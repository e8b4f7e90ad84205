"""One run of a challenge: the machine with a board under it. Time is the time of the samples."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from otolith.service.challenges import cues as spoken
from otolith.service.challenges.agenda import agenda
from otolith.service.challenges.book import Book
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import Language
from otolith.service.challenges.guided import Guided
from otolith.service.challenges.machine import Standing, advance, allowed
from otolith.service.challenges.per_trial import scored_again
from otolith.service.challenges.phases import OPERATOR, OVER, Phase, Trigger
from otolith.service.challenges.reasons import Reason, Why
from otolith.service.challenges.record import Record
from otolith.service.challenges.settling import Settling
from otolith.service.challenges.stage import Stage, ZeroReading
from otolith.service.challenges.trial import Trial, Verdict
from otolith.service.challenges.voice import RunName, Voice
from otolith.service.challenges.watch import Presence
from otolith.service.challenges.zeroing import CLEARED_S, Zeroing
from otolith.service.errors import ServiceError, TareRefused, TriggerRefused
from otolith.service.frame import Frame
from otolith.service.guidance.aim import Aim, seed_of

SHOWN_S: Final = 2.0
"""How long an invalid trial is shown before it is repeated by itself."""
RETRY_S: Final = 1.0
"""Between two attempts to keep a trial that the disk would not take."""


class Run:
    """Feed it every frame of its board; press what the operator presses. Both may be called by any task of the loop.

    ``automatic`` presses READY and gives up on trials by itself: for simulations and for unattended practice.
    ``done`` trials of an interrupted run are taken over, and it goes on with the first that is missing.
    ``stature_mm`` of the person scales the targets of leans.
    """

    def __init__(
        self,
        name: RunName,
        challenge: Challenge,
        stage: Stage,
        *,
        language: Language = "en",
        automatic: bool = False,
        done: Sequence[Trial] = (),
        stature_mm: float | None = None,
    ) -> None:
        self.name = name
        self.challenge = challenge
        self._stage = stage
        self._voice = Voice(name, stage)
        self._book = Book(stage, done)
        self._zeroing = Zeroing(stage)
        self._language = language
        self._automatic = automatic
        self._standing = _standing(challenge, self._book)
        self._zeros: list[ZeroReading] = []
        self._retry: int | None = None
        self._presence = Presence(stage.rate)
        self._lock = asyncio.Lock()
        self._now = 0
        self._due: int | None = None
        self._counted = 0
        self._settling = Settling()
        self._stature_mm = stature_mm
        self._guided: Guided | None = None
        self._record: Record | None = None
        self._unkept: Trial | None = None

    @property
    def standing(self) -> Standing:
        """Where it is."""
        return self._standing

    @property
    def trials(self) -> Sequence[Trial]:
        """Every one that was begun, whatever its verdict."""
        return tuple(self._book.trials)

    @property
    def seq(self) -> int:
        """Of the newest event."""
        return self._voice.seq

    @property
    def over(self) -> bool:
        """Nothing more will happen."""
        return self._standing.phase in OVER

    async def feed(self, frame: Frame) -> None:
        """The next samples."""
        async with self._lock:
            if self.over or not len(frame):
                return
            self._now = max(self._now, int(frame.t[-1]))
            sight = self._presence.feed(frame)
            self._standing = replace(self._standing, loaded=self._presence.loaded)
            await self._look(frame)
            if sight is not None:
                await self._fire(sight.trigger, self._why(sight.reason))
            await self._pass_time()
            if self._retry is not None and self._now >= self._retry:
                await self._settle()

    async def press(self, trigger: Trigger, by: str, reason: str = "") -> None:
        """What the operator decides. Raises TriggerRefused where it means nothing now."""
        async with self._lock:
            if trigger not in OPERATOR or not await self._fire(trigger, reason or self._why(_PRESSED.get(trigger)), by):
                offered = ", ".join(sorted(allowed(self._standing) & OPERATOR)) or "nothing"
                raise TriggerRefused(f"{trigger} means nothing while the run is {self._standing.phase}; now: {offered}")

    async def note(self, text: str, by: str) -> None:
        """Annotate the trial that is running, or the next to come; the last one where none comes.

        Raises TriggerRefused where the run is over.
        """
        async with self._lock:
            if self.over:
                raise TriggerRefused("the run is over: there is nothing more to annotate")
            self._book.notes.append(text)
            await self._voice.tell("note", self._standing, self._now, reason=text, by=by)

    async def error(self, by: str) -> int:
        """Key an error (BESS); how many there are. Raises TriggerRefused where errors are not counted now."""
        async with self._lock:
            recording = self._record if self._standing.phase is Phase.RECORD else None
            if recording is None or not self._standing.plan.condition.errors:
                raise TriggerRefused("errors are keyed while a trial that counts them is being recorded")
            recording.errors += 1
            data = {"errors": recording.errors}
            await self._voice.tell("error-keyed", self._standing, self._now, by=by, data=data)
            return recording.errors

    async def key(self, name: str, value: float, by: str) -> Trial | None:
        """Key a value that the condition asks for, such as a reach: of the trial that is recorded, or of the last one.

        That trial, scored anew; None while it is still being recorded. Raises TriggerRefused where nothing asks for it,
        and OSError, ServiceError where it cannot be kept.
        """
        async with self._lock:
            last = next((one for one in reversed(self._book.trials) if one.verdict in _COUNTS), None)
            recording = self._record if self._standing.phase is Phase.RECORD else None
            plan = recording.plan if recording else last.plan if last else self._standing.plan
            if self.over or self._unkept or name not in plan.condition.keyed or not np.isfinite(value):
                asked = ", ".join(plan.condition.keyed) or "nothing"
                raise TriggerRefused(f"{name} = {value:g} cannot be keyed now; {plan.id} asks for: {asked}")
            trial = None
            if recording is not None:
                recording.keyed[name] = value
            elif last is not None:
                keyed = replace(last, keyed={**last.keyed, name: value})
                trial = scored_again(keyed, self.challenge.scoring)
                await self._book.amend(trial)
            await self._voice.tell("keyed", self._standing, self._now, by=by, data={"trial": plan.id, name: value})
            return trial

    async def away(self, reason: str) -> None:
        """The board went away; it may come back."""
        async with self._lock:
            self._presence = Presence(self._stage.rate)
            self._standing = replace(self._standing, loaded=False)
            if self._standing.phase is Phase.CLEAR:
                self._due = None  # whether the board is empty has to be seen anew
            await self._fire(Trigger.AWAY, reason)

    def close(self) -> None:
        """Let go without a decision: a zero under way is given up. The records stay as they are."""
        self._zeroing.drop()

    async def _look(self, frame: Frame) -> None:
        """What the phase makes of the samples."""
        if self._standing.phase is Phase.SETTLE:
            self._settling.feed(frame)
        if self._standing.phase is Phase.RECORD and self._record is not None:
            if self._guided is not None:
                await self._guided.feed(frame)
            seen = self._record.feed(frame)
            if seen is not None:
                await self._fire(seen.trigger, self._why(seen.reason))

    async def _pass_time(self) -> None:
        """What is due by now."""
        phase, over = self._standing.phase, self._due is not None and self._now >= self._due
        if self._zeroing.done:
            await self._zeroed()
        elif phase in (Phase.EMPTY, Phase.CLEAR) and not over:
            await self._wait_for_empty()
        elif phase is Phase.STEP_ON and self._standing.loaded:
            await self._fire(Trigger.LOADED)
        elif self._unkept is not None and over:
            await self._keep(self._unkept)
        elif phase is Phase.CUE and not over:
            await self._count_down()
        elif self._automatic and phase in (Phase.IDLE, Phase.PREPARE):
            await self._fire(Trigger.START if phase is Phase.IDLE else Trigger.READY)
        elif over and not await self._fire(Trigger.DUE) and self._automatic and phase is Phase.INVALID:
            await self._fire(Trigger.SKIP, self._standing.reason)

    async def _wait_for_empty(self) -> None:
        """The zero begins a moment after the last foot has left."""
        if self._standing.loaded:
            self._due = None
        elif self._zeroing.hopeless and self._automatic:
            await self._fire(Trigger.STOP, self._why(Reason(Why.NO_ZERO, {"reason": self._standing.reason})))
        elif self._due is None:
            self._due = self._now + round(CLEARED_S * 1e9)

    async def _fire(self, trigger: Trigger, reason: str = "", by: str = "station") -> bool:
        """Take the transition, if there is one, and do what belongs to it."""
        before = self._standing
        after = advance(before, trigger, reason)
        if after is None:
            return False
        self._standing = after
        await self._leave(before, trigger, reason)
        await self._enter(trigger, reason, by)
        return True

    async def _leave(self, before: Standing, trigger: Trigger, reason: str) -> None:
        """What becomes of what was under way in the phase that ends. Trials that do not count are kept as that."""
        phase, now = before.phase, self._standing.phase
        if phase in (Phase.ZERO, Phase.ZERO_AFTER):
            self._zeroing.drop()
        if self._unkept is not None and now is Phase.STOPPED:
            unkept, self._unkept, self._record = self._unkept, None, None
            await self._keep_aside(unkept)
        if phase is Phase.RECORD and now is not Phase.DONE:
            await self._discard(before, trigger, reason)
        elif trigger is Trigger.SKIP and phase not in (Phase.CLEAR, Phase.ZERO_AFTER):
            await self._keep_aside(self._book.close(before, None, Verdict.SKIPPED, reason))
        elif trigger is Trigger.REDO and phase in (Phase.REST, Phase.CLEAR, Phase.ZERO_AFTER):
            await self._revise(before, Verdict.SUPERSEDED, reason)
        elif trigger is Trigger.REDO and phase is Phase.PREPARE:
            await self._revise(self._standing, Verdict.SUPERSEDED, reason)
        elif phase is Phase.ZERO_AFTER and now is Phase.INVALID:
            await self._revise(before, Verdict.INVALID, reason)
        if now in (Phase.PREPARE, Phase.FINISHED, Phase.STOPPED, Phase.INVALID):
            await self._end_journal()

    async def _enter(self, trigger: Trigger, reason: str, by: str) -> None:
        """Set the phase's time, say what is to be said, begin what belongs to it."""
        condition, phase = self._standing.plan.condition, self._standing.phase
        lengths = {
            Phase.SETTLE: condition.settle_s,
            Phase.CUE: condition.lead_s,
            Phase.REST: condition.rest_s,
            Phase.INVALID: SHOWN_S,
        }
        self._due = self._now + round(lengths[phase] * 1e9) if phase in lengths else None
        self._counted = 1 + int(condition.lead_s)
        if phase is Phase.SETTLE:
            self._settling = Settling()
        if phase is Phase.RECORD:
            await self._begin()
        await self._voice.tell(
            "phase",
            self._standing,
            self._now,
            trigger=trigger,
            reason=reason or self._standing.reason,
            by=by,
            cues=spoken.cues(self._standing, self._language),
            remaining=condition.duration_s if phase is Phase.RECORD else lengths.get(phase),
        )
        if phase in (Phase.ZERO, Phase.ZERO_AFTER):
            self._zeroing.begin(self.challenge.zero.seconds)
        elif phase is Phase.DONE:
            await self._finish(reason if trigger is not Trigger.DUE else "", trigger)
        elif phase in OVER:
            await self._conclude()

    async def _begin(self) -> None:
        plan = self._standing.plan
        try:
            recording = await self._stage.begin_journal(plan)
        except (OSError, ServiceError) as error:
            recording = ""
            await self._say(f"the samples of {plan.id} are not written, only its figures will be: {error}")
        aim = Aim(
            weight_n=self._settling.weight,
            middle=self._settling.middle,
            stature_mm=self._stature_mm,
            seed=seed_of(self.name.run, plan.id, self._standing.attempt),
        )
        self._record = Record(plan, self._stage.rate, aim, self._stage.now(), recording)
        self._guided = Guided(self._voice, self._standing, self._record, self._stage, self._language)

    async def _finish(self, reason: str, trigger: Trigger) -> None:
        """The record is complete: measure it and keep it."""
        plan, samples = self._standing.plan, self._record.samples if self._record else None
        verdict = Verdict.PRACTICE if plan.practice else Verdict.VALID
        fell = trigger is not Trigger.DUE
        trial = self._book.close(self._standing, self._record, verdict, reason, fell=fell)
        self._unkept = trial
        if samples is None:
            await self._keep(replace(trial, warnings=("it ended before its first sample: there are no figures",)))
            return
        try:
            trial = await self._stage.measure(plan, samples, trial)
        except Exception as error:  # noqa: BLE001 - no defect of a figure may cost a trial
            trial = replace(trial, warnings=(*trial.warnings, f"nothing could be measured: {error!r}"))
        await self._keep(trial)

    async def _keep(self, trial: Trial) -> None:
        """Make it safe before anybody is told; where that fails, again in a second: nothing else happens meanwhile."""
        try:
            await self._book.keep(trial)
        except (OSError, ServiceError) as error:
            self._unkept, self._due = trial, self._now + round(RETRY_S * 1e9)
            await self._say(f"the trial cannot be kept yet: {error}")
            return
        self._unkept = self._record = None
        await self._tell_of(trial)
        await self._end_journal()
        await self._fire(Trigger.KEPT)

    async def _discard(self, before: Standing, trigger: Trigger, reason: str) -> None:
        """The record is no good, and is kept as that."""
        verdict = Verdict.SKIPPED if trigger is Trigger.SKIP else Verdict.INVALID
        fell = trigger in (Trigger.FELL, Trigger.UNLOADED)
        await self._keep_aside(self._book.close(before, self._record, verdict, reason, fell=fell))
        self._record = None

    async def _keep_aside(self, trial: Trial) -> None:
        """Keep a trial that nobody waits for; where the disk will not take it, the run goes on and tries again."""
        try:
            await self._book.keep(trial)
        except (OSError, ServiceError) as error:
            self._book.owe(trial)
            await self._owing(f"the trial {trial.plan.id} cannot be kept yet: {error}")
            return
        await self._tell_of(trial)

    async def _revise(self, run: Standing, verdict: Verdict, reason: str) -> None:
        try:
            await self._book.revise(run.plan, verdict, reason)
        except (OSError, ServiceError) as error:
            await self._owing(f"that the trial {run.plan.id} is {verdict} cannot be kept yet: {error}")

    async def _owing(self, text: str) -> None:
        self._retry = self._now + round(RETRY_S * 1e9)
        await self._say(text)

    async def _settle(self) -> None:
        """Try again to keep what the disk would not take."""
        self._retry = None
        try:
            for trial in await self._book.settle():
                await self._tell_of(trial)
        except (OSError, ServiceError):
            self._retry = self._now + round(RETRY_S * 1e9)

    async def _end_journal(self) -> None:
        try:
            await self._stage.end_journal()
        except (OSError, ServiceError) as error:
            await self._say(f"the recording of the trial could not be closed: {error}")

    async def _zeroed(self) -> None:
        try:
            reading = self._zeroing.collect()
        except TareRefused as refusal:
            await self._fire(Trigger.ZERO_REFUSED, str(refusal))
            return
        reading = replace(reading, allowed_n=self._standing.plan.condition.validity.drift_n)
        self._zeros.append(reading)
        self._standing = replace(self._standing, drifted=reading.drifted)
        said = ""
        if reading.drifted:
            places = {
                "newtons": f"{reading.drift_n or 0.0:+.1f}",
                "worst": f"{reading.worst_n or 0.0:+.1f}",
                "allowed": f"{reading.allowed_n:g}",
            }
            said = self._why(Reason(Why.DRIFT, places))
            await self._warn(said)
        self._book.zeroed()
        await self._fire(Trigger.ZEROED, said)

    async def _warn(self, text: str) -> None:
        """Every trial since the zero before stands on the ground that moved."""
        try:
            await self._book.warn(text)
        except (OSError, ServiceError) as error:
            await self._owing(f"a warning cannot be kept yet: {error}")

    async def _count_down(self) -> None:
        left = int(np.ceil((self._due or 0) / 1e9 - self._now / 1e9))
        if 0 < left < self._counted:
            self._counted = left
            cues = (spoken.countdown(left, self._language),)
            await self._voice.tell("cue", self._standing, self._now, cues=cues, remaining=float(left))

    async def _conclude(self) -> None:
        data: Mapping[str, object] = {}
        try:
            await self._book.append_notes()
            await self._settle()
            data = await self._stage.conclude(self.trials, self._zeros, self._standing.phase, self._standing.reason)
        except (OSError, ServiceError) as error:
            await self._say(f"the result cannot be kept; take the run up again to have it: {error}")
        if self._book.owed:
            data = {**data, "not_kept": [trial.plan.id for trial in self._book.owed.values()]}
        await self._voice.tell("result", self._standing, self._now, reason=self._standing.reason, data=data)

    def _why(self, reason: Reason | None) -> str:
        """In the session's language."""
        return "" if reason is None else reason.said(self._language)

    async def _say(self, text: str) -> None:
        await self._voice.tell("note", self._standing, self._now, reason=text)

    async def _tell_of(self, trial: Trial) -> None:
        await self._voice.tell("trial", self._standing, self._now, reason=trial.reason, data=_figures(trial))


def _standing(challenge: Challenge, book: Book) -> Standing:
    """Where a run begins: at its first trial, or at the first that an interrupted one lacks, after a zero."""
    plans = agenda(challenge)
    at = book.first_missing(plans)
    if book.trials and challenge.zero.before != "never":
        plans = (*plans[:at], replace(plans[at], zero_before=True), *plans[at + 1 :])
    spoils = challenge.zero.after == "trial"
    return Standing(plans, challenge.redo_limit, drift_spoils=spoils, at=at, complete=book.complete(plans))


_COUNTS: Final = (Verdict.VALID, Verdict.PRACTICE)
_PRESSED: Final = {
    Trigger.STOP: Reason(Why.STOPPED),
    Trigger.SKIP: Reason(Why.SKIPPED),
    Trigger.REDO: Reason(Why.AGAIN),
    Trigger.TOUCH: Reason(Why.TOUCH),
    Trigger.FELL: Reason(Why.FELL),
}


def _figures(trial: Trial) -> dict[str, object]:
    figures = {
        key: {"value": figure.value, "unit": figure.unit, "definition": figure.definition}
        for key, figure in trial.figures.items()
    }
    return {"id": trial.id, "verdict": str(trial.verdict), "figures": figures, "warnings": list(trial.warnings)}
