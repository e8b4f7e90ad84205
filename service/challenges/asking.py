"""What a simulated person is asked to do when a run enters a phase."""

from typing import Final

from otolith.drivers.patient.asked import Ask, Asked
from otolith.service.challenges.agenda import agenda
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.tasks import Jump, Rise, Squat, Step
from otolith.service.guidance.aim import Aim, seed_of

MOVES: Final[dict[Phase, Ask]] = {
    **dict.fromkeys((Phase.EMPTY, Phase.CLEAR, Phase.FINISHED, Phase.STOPPED), "step-off"),
    **dict.fromkeys((Phase.STEP_ON, Phase.SETTLE, Phase.CUE, Phase.DONE, Phase.INVALID), "step-on"),
    Phase.RECORD: "do",
}
"""What the person does in a phase; in any other they go on as they are."""


def asked(challenge: Challenge, event: SessionEvent, weight: float) -> Asked | None:
    """What they hear in an event, if anything; ``weight`` in N scales what they are to push."""
    if event.kind != "phase" or event.phase not in MOVES:
        return None
    condition = next(plan.condition for plan in agenda(challenge) if plan.id == event.trial)
    shut = event.phase in (Phase.CUE, Phase.RECORD)
    task = condition.task
    demand = Aim(weight, seed=seed_of(event.run, event.trial, event.attempt)).target(task, condition.duration_s)
    return Asked(
        MOVES[event.phase],
        eyes=str(condition.eyes) if shut else "open",
        surface=str(condition.surface.kind),
        stance=str(condition.stance),
        task=task.kind,
        form=task.form if isinstance(task, Jump) else "",
        period_s=task.period_s if isinstance(task, Squat | Step) else None,
        knee_degrees=task.knee_degrees if isinstance(task, Squat) else 0.0,
        repetitions=task.repetitions if isinstance(task, Rise) else 1,
        side=demand.side if demand else "all",
        foreseen=demand is not None and demand.foreseeable and task.kind != "lean",
        seen=condition.feedback.mode in ("full", "reduced"),
        follow=demand.at if demand else None,
    )
