"""A run's trials: every one that was begun, with what became of it, in the order in which they ended."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from otolith.service.challenges.agenda import TrialPlan
from otolith.service.challenges.machine import Standing
from otolith.service.challenges.record import Record
from otolith.service.challenges.stage import Stage
from otolith.service.challenges.trial import Trial, Verdict

SETTLED: Final = frozenset({Verdict.VALID, Verdict.PRACTICE, Verdict.SKIPPED})
"""Nobody asks for such a trial again after an interruption."""


class Book:
    """Keeps trials by the stage's records, and remembers them."""

    def __init__(self, stage: Stage, done: Sequence[Trial]) -> None:
        self.trials: list[Trial] = list(done)
        self.notes: list[str] = []
        """For the next trial that is closed."""
        self.owed: dict[str, Trial] = {}
        """By id: remembered, and not on disk as they are now."""
        self._since_zero: set[str] = set()
        self._stage = stage

    def first_missing(self, plans: Sequence[TrialPlan]) -> int:
        """Number of the first plan without an outcome; the last one where all have one."""
        settled = {trial.plan.id for trial in self.trials if trial.verdict in SETTLED}
        return next((at for at, plan in enumerate(plans) if plan.id not in settled), len(plans) - 1)

    def complete(self, plans: Sequence[TrialPlan]) -> bool:
        """Every plan has its outcome: an interrupted run lacks its result alone."""
        settled = {trial.plan.id for trial in self.trials if trial.verdict in SETTLED}
        return all(plan.id in settled for plan in plans)

    def close(
        self, run: Standing, record: Record | None, verdict: Verdict, reason: str, *, fell: bool = False
    ) -> Trial:
        """The trial that ends here, not kept yet; without a record it has no samples."""
        notes, self.notes = tuple(self.notes), []
        trial = Trial(
            id=self._stage.make_id(),
            plan=run.plan,
            attempt=run.attempt,
            verdict=verdict,
            reason=reason,
            started=record.started if record else self._stage.now(),
            seconds=record.seconds if record else 0.0,
            weight_n=record.weight if record else 0.0,
            notes=notes,
        )
        return trial if record is None else _recorded(trial, record, fell=fell)

    async def keep(self, trial: Trial) -> None:
        """Make it safe, then remember it. Raises OSError, ServiceError."""
        await self._stage.keep(trial)
        self.trials.append(trial)
        self._since_zero.add(trial.id)

    def owe(self, trial: Trial) -> None:
        """Remember a trial that the disk would not take, or not as it is now."""
        self.owed[trial.id] = trial
        if any(one.id == trial.id for one in self.trials):
            self.trials = [trial if one.id == trial.id else one for one in self.trials]
        else:
            self.trials.append(trial)
            self._since_zero.add(trial.id)

    async def settle(self) -> list[Trial]:
        """Keep what is owed; those that are safe now. Raises OSError, ServiceError with the first that is not."""
        settled: list[Trial] = []
        for trial in list(self.owed.values()):
            await self._stage.keep(trial)
            settled.append(self.owed.pop(trial.id))
        return settled

    async def amend(self, trial: Trial) -> None:
        """More is known of a trial that is kept already. Raises OSError, ServiceError."""
        await self._stage.keep(trial)
        self.trials = [trial if one.id == trial.id else one for one in self.trials]

    async def revise(self, plan: TrialPlan, verdict: Verdict, reason: str) -> None:
        """What counted of a plan counts no more. Raises OSError, ServiceError; it is owed then."""
        for trial in self.trials:
            if trial.plan.id == plan.id and trial.verdict in SETTLED:
                await self._change(replace(trial, verdict=verdict, reason=reason))

    async def warn(self, text: str) -> None:
        """What counts of the trials since the zero before gets a warning. Raises OSError, ServiceError; it is owed."""
        for trial in self.trials:
            if trial.id in self._since_zero and trial.verdict in (Verdict.VALID, Verdict.PRACTICE):
                await self._change(replace(trial, warnings=(*trial.warnings, text)))

    def zeroed(self) -> None:
        """From here on, trials stand on another zero."""
        self._since_zero.clear()

    async def append_notes(self) -> None:
        """Notes that no trial came for belong to the last one. Raises OSError, ServiceError; it is owed then."""
        if self.notes and self.trials:
            last, notes, self.notes = self.trials[-1], self.notes, []
            await self._change(replace(last, notes=(*last.notes, *notes)))

    async def _change(self, trial: Trial) -> None:
        self.owe(trial)
        await self._stage.keep(trial)
        self.owed.pop(trial.id, None)


def _recorded(trial: Trial, record: Record, *, fell: bool) -> Trial:
    hold, samples = record.plan.condition.task.kind == "hold", record.samples
    return replace(
        trial,
        held_s=record.held if hold else None,
        fell=fell and not hold,
        errors=record.errors,
        keyed=dict(record.keyed),
        aim=record.aim,
        latency_ms=record.lateness.figures,
        recording=record.recording,
        first_seq=samples.first_seq if samples else 0,
        samples=len(samples) if samples else 0,
        missed=int(samples.missed.sum()) if samples else 0,
    )
