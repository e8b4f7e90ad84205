"""A rung as the trial machine runs it: the sets of an exercise are the trials of a challenge with one condition."""

from otolith.service.challenges.challenge import Challenge, Condition, Scoring, Zero
from otolith.service.programs.program import Program, Rung


def as_challenge(program: Program, rung: Rung, sets: int | None = None) -> Challenge:
    """So many sets of a rung (its own number, where None)."""
    condition = Condition(
        id=rung.id,
        name=rung.name,
        stance=rung.stance,
        eyes=rung.eyes,
        surface=rung.surface,
        task=rung.task,
        feedback=rung.feedback,
        instruction=rung.instruction,
        duration_s=rung.duration_s,
        trials=sets or rung.sets,
        rest_s=rung.rest_s,
        validity=rung.rules,
    )
    return Challenge(
        format="otolith-challenge/1",
        id=f"{program.id}-{rung.id}"[:48].rstrip("-"),
        version=program.version,
        name=rung.name,
        description=program.description,
        sources=program.sources,
        status=program.status,
        zero=Zero(after="never"),
        viewing_distance=False,
        conditions=(condition,),
        scoring=Scoring(),
    )
