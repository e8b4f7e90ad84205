"""What a program is: rungs from simple to hard, each one exercise, and the gate between them."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from otolith.service.challenges.challenge import Eyes, Feedback, Stance, Surface, Validity
from otolith.service.challenges.tasks import Task
from otolith.service.challenges.texts import Line, Seconds, Slug, Words
from otolith.service.sections import Section

FORMAT = "otolith-program/1"


class Axis(StrEnum):
    """Along what an exercise is made harder; one at a time."""

    MOVEMENT = "movement"
    """From one component to a movement of several joints: the kind of the task."""
    PATH = "path"
    """From straight lines to curves."""
    WEIGHT_BEARING = "weight-bearing"
    """From a part of the body weight to all of it, from two feet to one."""
    PROPRIOCEPTION = "proprioception"
    """Eyes, then surface."""
    RESISTANCE = "resistance"
    """The force to be reached, and how fast."""
    TEMPO = "tempo"
    """Speed of the rhythm, and how long."""
    FEEDBACK = "feedback"
    """From all that can be shown to nothing."""


class Rung(Section):
    """One exercise as it is done: a task in a stance, with what is seen and what is stood on."""

    id: Slug
    name: Words
    axis: Axis | None = None
    """What is harder here than on the rung before; None on the first."""
    task: Task
    stance: Stance = Stance.DOUBLE
    eyes: Eyes = Eyes.OPEN
    surface: Surface = Surface()
    feedback: Feedback = Feedback(mode="full")
    instruction: Words | None = None
    duration_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    sets: Annotated[int, Field(ge=1, le=20)] = 3
    rest_s: Seconds = 30.0
    validity: Validity = Validity(fall="result")
    pass_score: Annotated[float, Field(ge=0, le=100)] = 80.0
    """Percent: a set at or above it counts as passed, where the gate is by errors."""


class Gate(Section):
    """When to go on."""

    kind: Literal["error", "repetition"] = "error"
    """``error``: ``passed`` of the last ``of`` sets reach the rung's score; ``repetition``: so many sets were done."""
    passed: Annotated[int, Field(ge=1, le=50)] = 3
    of: Annotated[int, Field(ge=1, le=50)] = 4
    repetitions: Annotated[int, Field(ge=1, le=200)] = 9
    static_hold_s: Annotated[float, Field(ge=0, le=120)] = 15.0
    """Seconds that the stance must have been held, eyes open and eyes closed, before any unstable surface."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.passed > self.of:
            raise ValueError(f"{self.passed} of the last {self.of} sets cannot be passed")
        return self


class Symptoms(Section):
    """Asked after each set, 0 (none) to 10."""

    asked: tuple[Literal["dizziness", "pain", "nausea", "fatigue"], ...] = ("dizziness", "pain", "nausea", "fatigue")
    advance_below: Annotated[float, Field(ge=0, le=10)] = 1.0
    """Nobody goes on with as much as this."""
    regress_from: Annotated[float, Field(ge=0, le=10)] = 4.0
    """As much as this leads back."""
    stop_from: Annotated[float, Field(ge=0, le=10)] = 7.0
    """As much as this ends the session."""


class Regress(Section):
    """When to go back."""

    failures: Annotated[int, Field(ge=1, le=50)] = 4
    """Sets in a row that were not passed."""
    falls: Annotated[int, Field(ge=1, le=10)] = 1
    """Falls since the last decision."""


class Program(Section):
    """A way from simple to hard. The shipped ones are sensible defaults, to be adapted; they are no medical advice."""

    format: Literal["otolith-program/1"]
    id: Slug
    version: Annotated[int, Field(ge=1)] = 1
    name: Words
    description: Words
    for_whom: Words
    sources: tuple[Line, ...]
    status: Literal["verified", "unverified"] = "unverified"
    gate: Gate = Gate()
    symptoms: Symptoms = Symptoms()
    regress: Regress = Regress()
    several_axes: bool = False
    """Let a rung differ from the one before in more than its axis."""
    sessions_per_week: Annotated[int, Field(ge=1, le=14)] = 3
    sets_per_session: Annotated[int, Field(ge=1, le=100)] = 12
    rungs: Annotated[tuple[Rung, ...], Field(min_length=2, max_length=64)]
