"""What a program is: rungs from simple to hard, each one exercise, and the gate between them."""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from otolith.service.challenges.challenge import Condition, Eyes, Feedback, Stance, Surface, SurfaceKind, Validity
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


MOVES_WEIGHT: Final = frozenset({"load", "squat", "step", "jump", "rise"})
"""Tasks in which the force on the board changes because it has to."""
LEAVES: Final = frozenset({"load", "step", "jump"})
"""Tasks in which the board may be left."""


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
    eased: tuple[Axis, ...] = ()
    """Axes that are set back to something simpler here, so that ``axis`` can be taken up."""
    validity: Validity | None = None
    """None: what suits the task."""
    pass_score: Annotated[float, Field(ge=0, le=100)] = 80.0
    """Percent: a set at or above it counts as passed, where the gate is by errors."""

    @property
    def rules(self) -> Validity:
        """What makes a set invalid; a fall is a result, and the weight may change where the task makes it."""
        if self.validity is not None:
            return self.validity
        moves = self.task.kind in MOVES_WEIGHT
        return Validity(
            fall="result",
            step_off=self.task.kind not in LEAVES,
            weight_change=0.0 if moves else Validity().weight_change,
        )


def stands_still(one: Rung | Condition) -> bool:
    """Whether it is standing still on firm ground with all of the weight: what unstable surfaces ask for first."""
    still = one.task.kind in ("stand", "hold", "keep")
    return still and one.surface.kind is SurfaceKind.FIRM and one.stance is not Stance.SEATED


class Gate(Section):
    """When to go on."""

    kind: Literal["error", "repetition"] = "error"
    """``error``: ``passed`` of the last ``of`` sets reach the rung's score; ``repetition``: so many sets were done."""
    passed: Annotated[int, Field(ge=1, le=50)] = 3
    of: Annotated[int, Field(ge=1, le=50)] = 4
    repetitions: Annotated[int, Field(ge=1, le=200)] = 9
    static_hold_s: Annotated[float, Field(ge=0, le=120)] = 15.0
    """Seconds that the stance must have been held, eyes open and eyes closed, before any unstable surface."""
    rungs_per_visit: Annotated[int, Field(ge=0, le=64)] = 2
    """How many rungs the ladder leads up in one visit at most; 0: as many as are passed."""
    plateau: Annotated[int, Field(ge=0, le=1000)] = 24
    """After so many valid sets without a rung that is new to the person, it is said that they are on a plateau;
    0: never."""

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

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.advance_below <= self.regress_from <= self.stop_from:
            raise ValueError("the limits of the symptoms rise: advance_below, regress_from, stop_from")
        return self


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
    affected: Literal["", "left", "right"] = ""
    """The side that it is written for; empty where it has none. For the other side it is mirrored."""
    sessions_per_week: Annotated[int, Field(ge=1, le=14)] = 3
    sets_per_session: Annotated[int, Field(ge=1, le=100)] = 12
    rungs: Annotated[tuple[Rung, ...], Field(min_length=2, max_length=64)]

    def rung(self, name: str) -> Rung:
        """One of them. Raises KeyError where there is none of that name."""
        found = next((rung for rung in self.rungs if rung.id == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def number(self, name: str) -> int:
        """Of a rung, from 0. Raises ValueError where there is none of that name."""
        return [rung.id for rung in self.rungs].index(name)
