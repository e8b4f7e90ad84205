"""One run of a challenge: the machine with a board under it. Time is the time of the samples."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from otolith.service.challenges import cues as spoken
from otolith.service.challenges.agenda import TrialPlan, agenda
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import Language
from otolith.service.challenges.event import Cue, Kind, SessionEvent
from otolith.service.challenges.machine import Standing, advance, allowed
from otolith.service.challenges.phases import OPERATOR, OVER, Phase, Trigger
from otolith.service.challenges.record import Record
from otolith.service.challenges.stage import Stage, ZeroReading
from otolith.service.challenges.trial import Trial, Verdict
from otolith.service.challenges.watch import Presence
from otolith.service.errors import ServiceError, TareRefused, TriggerRefused
from otolith.service.frame import Frame

SHOWN_S: Final = 2.0
"""How long an invalid trial is shown before it is repeated by itself."""
CLEARED_S: Final = 1.0
"""Between the last foot leaving the board and its zero."""
PATIENCE: Final = 5
"""Refused zeros before a run without an operator gives up."""
RETRY_S: Final = 1.0
"""Between two attempts to keep a trial that the disk would not take."""


@dataclass(frozen=True, slots=True)
class RunName:
    """Whose events these are."""

    session: str
    run: str


class Run:
    """Feed it every frame of its board; press what the operator presses. Both may be called by any task of the loop.

    ``automatic`` presses READY and gives up on trials by itself: for simulations and for unattended practice.
    ``done`` trials of an interrupted run are taken over, and it goes on with the first that is missing.
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
    ) -> None:
        self.name = name
        self.challenge = challenge
        self.trials: list[Trial] = list(done)
        """Every one that was begun, in order, whatever its verdict."""
        self._stage = stage
        self._language = language
        self._automatic = automatic
        plans = agenda(challenge)
        self._standing = Standing(
            plans,
            challenge.redo_limit,
            drift_spoils=challenge.zero.after == "trial",
            at=_first_missing(plans, self.trials),
        )
        self._presence = Presence(stage.rate)
        self._lock = asyncio.Lock()
        self._now = 0
        self._due: int | None = None
        self._counted = 0
        self._seq = 0
        self._weighed: list[float] = []
        self._record: Record | None = None
        self._unkept: Trial | None = None
        self._zero: asyncio.Task[ZeroReading] | None = None
        self._notes: list[str] = []
        self._refusals = 0

    @property
    def standing(self) -> Standing:
        """Where it is."""
        return self._standing

    @property
    def over(self) -> bool:
        """Nothing more will happen."""
        return self._standing.phase in OVER

    async def feed(self, frame: Frame) -> None:
        """The next samples."""
        async with self._lock:
            if self.over or not len(frame):
                return
            self._now = int(frame.t[-1])
            sight = self._presence.feed(frame)
            self._standing = replace(self._standing, loaded=self._presence.loaded)
            await self._look(frame)
            if sight is not None:
                await self._fire(sight.trigger, sight.reason)
            await self._pass_time()

    async def press(self, trigger: Trigger, by: str, reason: str = "") -> None:
        """What the operator decides. Raises TriggerRefused where it means nothing now."""
        async with self._lock:
            if trigger not in OPERATOR or not await self._fire(trigger, reason or _PRESSED.get(trigger, ""), by):
                offered = ", ".join(sorted(allowed(self._standing) & OPERATOR)) or "nothing"
                raise TriggerRefused(f"{trigger} means nothing while the run is {self._standing.phase}; now: {offered}")

    async def note(self, text: str, by: str) -> None:
        """Annotate the trial that is running, or the next to come."""
        async with self._lock:
            self._notes.append(text)
            await self._tell("note", reason=text, by=by)

    async def error(self, by: str) -> int:
        """Key an error (BESS); how many there are. Raises TriggerRefused where errors are not counted now."""
        async with self._lock:
            if self._record is None or not self._standing.plan.condition.errors:
                raise TriggerRefused("errors are keyed while a trial that counts them is being recorded")
            self._record.errors += 1
            await self._tell("error-keyed", by=by, data={"errors": self._record.errors})
            return self._record.errors

    async def away(self, reason: str) -> None:
        """The board went away; it may come back."""
        async with self._lock:
            self._presence = Presence(self._stage.rate)
            self._standing = replace(self._standing, loaded=False)
            self._drop_zero()
            await self._fire(Trigger.AWAY, reason)

    async def close(self) -> None:
        """Let go without a decision: a zero under way is given up. The records stay as they are."""
        self._drop_zero()

    async def _look(self, frame: Frame) -> None:
        """What the phase makes of the samples."""
        if self._standing.phase is Phase.SETTLE:
            self._weighed.append(float(np.mean(frame.force)))
        if self._standing.phase is Phase.RECORD and self._record is not None:
            seen = self._record.feed(frame)
            if seen is not None:
                await self._fire(seen.trigger, seen.reason)

    async def _pass_time(self) -> None:
        """What is due by now."""
        phase = self._standing.phase
        if self._zero is not None and self._zero.done():
            await self._zeroed(self._zero)
        elif phase in (Phase.EMPTY, Phase.CLEAR) and not self._over():
            await self._wait_for_empty()
        elif phase is Phase.STEP_ON and self._standing.loaded:
            await self._fire(Trigger.LOADED)
        elif self._unkept is not None and self._over():
            await self._keep(self._unkept)
        elif phase is Phase.CUE and not self._over():
            await self._count_down()
        elif self._automatic and phase in (Phase.IDLE, Phase.PREPARE):
            await self._fire(Trigger.START if phase is Phase.IDLE else Trigger.READY)
        elif self._over():
            due = await self._fire(Trigger.DUE)
            if not due and self._automatic and phase is Phase.INVALID:
                await self._fire(Trigger.SKIP, self._standing.reason)

    async def _wait_for_empty(self) -> None:
        """The zero begins a second after the last foot has left."""
        if self._standing.loaded:
            self._due = None
        elif self._refusals > PATIENCE and self._automatic:
            await self._fire(Trigger.STOP, f"no zero could be taken: {self._standing.reason}")
        elif self._due is None:
            self._due = self._now + round(CLEARED_S * 1e9)

    def _over(self) -> bool:
        return self._due is not None and self._now >= self._due

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
        """What becomes of what was under way in the phase that ends."""
        phase, now = before.phase, self._standing.phase
        if before.phase in (Phase.ZERO, Phase.ZERO_AFTER):
            self._drop_zero()
        if phase is Phase.RECORD and now is not Phase.DONE:
            await self._discard(before, trigger, reason)
        elif trigger is Trigger.SKIP and phase not in (Phase.CLEAR, Phase.ZERO_AFTER, Phase.INVALID):
            await self._keep_safe(self._unrecorded(before, reason))
        elif trigger is Trigger.REDO and phase in (Phase.REST, Phase.CLEAR, Phase.ZERO_AFTER):
            await self._supersede(before.plan, Verdict.SUPERSEDED, reason)
        elif trigger is Trigger.REDO and phase is Phase.PREPARE:
            await self._supersede(self._standing.plan, Verdict.SUPERSEDED, reason)
        elif phase is Phase.ZERO_AFTER and now is Phase.INVALID:
            await self._supersede(before.plan, Verdict.INVALID, reason)
        if now in (Phase.PREPARE, Phase.FINISHED, Phase.STOPPED, Phase.INVALID):
            await self._stage.end_journal()

    async def _enter(self, trigger: Trigger, reason: str, by: str) -> None:
        condition, phase = self._standing.plan.condition, self._standing.phase
        lengths = {
            Phase.SETTLE: condition.settle_s,
            Phase.CUE: condition.lead_s,
            Phase.REST: condition.rest_s,
            Phase.INVALID: SHOWN_S,
        }
        self._due = self._now + round(lengths[phase] * 1e9) if phase in lengths else None
        left = condition.duration_s if phase is Phase.RECORD else lengths.get(phase)
        if phase is Phase.SETTLE:
            self._weighed = []
        if phase is Phase.CUE:
            self._counted = 1 + int(condition.lead_s)
        if phase is Phase.RECORD:
            await self._begin()
        spoken_now = spoken.cues(self._standing, self._language)
        await self._tell("phase", trigger, reason or self._standing.reason, by, spoken_now, remaining=left)
        if phase in (Phase.ZERO, Phase.ZERO_AFTER):
            work = self._stage.take_zero(self.challenge.zero.seconds)
            self._zero = asyncio.create_task(work, name=f"zero of {self._stage.board}")
        elif phase is Phase.DONE:
            await self._finish(reason if trigger is not Trigger.DUE else "", trigger)
        elif phase in OVER:
            await self._conclude()

    async def _begin(self) -> None:
        recording = await self._stage.begin_journal(self._standing.plan)
        weight = float(np.mean(self._weighed[len(self._weighed) // 2 :])) if self._weighed else 0.0
        self._record = Record(self._standing.plan, self._stage.rate, weight, self._stage.now(), recording)

    async def _finish(self, reason: str, trigger: Trigger) -> None:
        """The record is complete: measure it and keep it."""
        if self._record is None or (samples := self._record.samples) is None:
            await self._keep(self._ended(self._standing, Verdict.INVALID, "no sample was recorded"))
            return
        verdict = Verdict.PRACTICE if self._standing.plan.practice else Verdict.VALID
        trial = self._ended(self._standing, verdict, reason, fell=trigger is not Trigger.DUE)
        await self._keep(await self._stage.measure(self._standing.plan, samples, trial))

    async def _keep(self, trial: Trial) -> None:
        """Make it safe before anybody is told; where that fails, again in a second: nothing else happens meanwhile."""
        try:
            await self._stage.keep(trial)
        except (OSError, ServiceError) as error:
            self._unkept, self._due = trial, self._now + round(RETRY_S * 1e9)
            await self._tell("note", reason=f"the trial cannot be kept yet: {error}")
            return
        self._unkept = self._record = None
        self.trials.append(trial)
        await self._tell("trial", reason=trial.reason, data=_figures(trial))
        await self._stage.end_journal()
        await self._fire(Trigger.KEPT)

    async def _discard(self, before: Standing, trigger: Trigger, reason: str) -> None:
        """The record is no good, and is kept as that."""
        verdict = Verdict.SKIPPED if trigger is Trigger.SKIP else Verdict.INVALID
        fell = trigger in (Trigger.FELL, Trigger.UNLOADED)
        trial = self._ended(before, verdict, reason, fell=fell)
        await self._keep_safe(trial)
        self._record = None

    async def _keep_safe(self, trial: Trial) -> None:
        """Keep a trial that does not count; the run goes on even where the disk will not take it."""
        self.trials.append(trial)
        try:
            await self._stage.keep(trial)
        except (OSError, ServiceError) as error:
            await self._tell("note", reason=f"a trial that does not count could not be kept: {error}")
        await self._tell("trial", reason=trial.reason, data=_figures(trial))

    async def _supersede(self, plan: TrialPlan, verdict: Verdict, reason: str) -> None:
        counted = (Verdict.VALID, Verdict.PRACTICE)
        for at, trial in enumerate(self.trials):
            if trial.plan == plan and trial.verdict in counted:
                self.trials[at] = replace(trial, verdict=verdict, reason=reason)
                await self._stage.keep(self.trials[at])

    def _ended(self, run: Standing, verdict: Verdict, reason: str, *, fell: bool = False) -> Trial:
        record, notes = self._record, tuple(self._notes)
        self._notes = []
        if record is None:
            return replace(self._unrecorded(run, reason), verdict=verdict, notes=notes)
        samples, hold = record.samples, run.plan.condition.task.kind == "hold"
        return Trial(
            id=self._stage.make_id(),
            plan=run.plan,
            attempt=run.attempt,
            verdict=verdict,
            reason=reason,
            started=record.started,
            seconds=record.seconds,
            weight_n=record.weight,
            held_s=record.held if hold else None,
            fell=fell and not hold,
            errors=record.errors,
            notes=notes,
            recording=record.recording,
            first_seq=samples.first_seq if samples else 0,
            samples=len(samples) if samples else 0,
            missed=int(samples.missed.sum()) if samples else 0,
        )

    def _unrecorded(self, run: Standing, reason: str) -> Trial:
        return Trial(self._stage.make_id(), run.plan, run.attempt, Verdict.SKIPPED, reason, self._stage.now(), 0.0, 0.0)

    async def _zeroed(self, task: asyncio.Task[ZeroReading]) -> None:
        self._zero = None
        try:
            reading = task.result()
        except TareRefused as refusal:
            self._refusals += 1
            await self._fire(Trigger.ZERO_REFUSED, str(refusal))
            return
        self._refusals = 0
        limit = self._standing.plan.condition.validity.drift_n
        drift = reading.drift_n
        after = self._standing.phase is Phase.ZERO_AFTER
        drifted = after and bool(limit) and drift is not None and abs(drift) > limit
        self._standing = replace(self._standing, drifted=drifted)
        said = f"the zero drifted by {drift:+.1f} N, {limit:g} N are allowed" if drifted else ""
        await self._fire(Trigger.ZEROED, said)

    def _drop_zero(self) -> None:
        if self._zero is not None:
            self._zero.cancel()
            self._zero = None

    async def _count_down(self) -> None:
        left = int(np.ceil((self._due or 0) / 1e9 - self._now / 1e9))
        if 0 < left < self._counted:
            self._counted = left
            await self._tell("cue", cue=(spoken.countdown(left, self._language),), remaining=float(left))

    async def _conclude(self) -> None:
        data = await self._stage.conclude(self.trials, self._standing.phase, self._standing.reason)
        await self._tell("result", reason=self._standing.reason, data=dict(data))

    async def _tell(
        self,
        kind: Kind,
        trigger: Trigger | None = None,
        reason: str = "",
        by: str = "station",
        cue: tuple[Cue, ...] = (),
        *,
        remaining: float | None = None,
        data: dict[str, object] | None = None,
    ) -> None:
        self._seq += 1
        run = self._standing
        event = SessionEvent(
            at=self._stage.now(),
            t_ns=self._now,
            session=self.name.session,
            run=self.name.run,
            seq=self._seq,
            kind=kind,
            phase=run.phase,
            trigger=trigger,
            trial=run.plan.id,
            attempt=run.attempt,
            remaining_s=remaining,
            reason=reason,
            by=by,
            cues=cue,
            allowed=tuple(sorted(allowed(run) & OPERATOR)),
            data=data or {},
        )
        await self._stage.tell(event)


SETTLED: Final = frozenset({Verdict.VALID, Verdict.PRACTICE, Verdict.SKIPPED})
"""Nobody asks for such a trial again after an interruption."""
_PRESSED: Final = {
    Trigger.STOP: "stopped by the operator",
    Trigger.SKIP: "skipped by the operator",
    Trigger.REDO: "the operator asked for it again",
    Trigger.TOUCH: "the operator saw a hand or a foot touch something",
    Trigger.FELL: "the operator saw a fall",
}


def _first_missing(plans: Sequence[TrialPlan], done: Sequence[Trial]) -> int:
    """Number of the first plan without an outcome; the last one where all have one."""
    settled = {trial.plan.id for trial in done if trial.verdict in SETTLED}
    return next((at for at, plan in enumerate(plans) if plan.id not in settled), len(plans) - 1)


def _figures(trial: Trial) -> dict[str, object]:
    figures = {
        key: {"value": one.value, "unit": one.unit, "definition": one.definition} for key, one in trial.figures.items()
    }
    return {"id": trial.id, "verdict": str(trial.verdict), "figures": figures, "warnings": list(trial.warnings)}
