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
        self._stage = stage

    def first_missing(self, plans: Sequence[TrialPlan]) -> int:
        """Number of the first plan without an outcome; the last one where all have one."""
        settled = {trial.plan.id for trial in self.trials if trial.verdict in SETTLED}
        return next((at for at, plan in enumerate(plans) if plan.id not in settled), len(plans) - 1)

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

    async def amend(self, trial: Trial) -> None:
        """More is known of a trial that is kept already. Raises OSError, ServiceError."""
        await self._stage.keep(trial)
        self.trials = [trial if one.id == trial.id else one for one in self.trials]

    async def revise(self, plan: TrialPlan, verdict: Verdict, reason: str) -> None:
        """What counted of a plan counts no more. Raises OSError, ServiceError."""
        for at, trial in enumerate(self.trials):
            if trial.plan == plan and trial.verdict in (Verdict.VALID, Verdict.PRACTICE):
                revised = replace(trial, verdict=verdict, reason=reason)
                await self._stage.keep(revised)
                self.trials[at] = revised


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
