"""What a challenge is: conditions, each a stance, eyes, a surface and a task, tried so many times."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from otolith.service.challenges.tasks import Stand, Task
from otolith.service.challenges.texts import Line, Name, Seconds, Slug, Words
from otolith.service.sections import Section

FORMAT = "otolith-challenge/1"


class Stance(StrEnum):
    """How the feet stand."""

    DOUBLE = "double"
    TEMPLATE = "template"
    """On the feet drawn on the board."""
    SEMI_TANDEM = "semi-tandem"
    TANDEM = "tandem"
    SINGLE_LEFT = "single-left"
    SINGLE_RIGHT = "single-right"
    SEATED = "seated"


class Eyes(StrEnum):
    """What the person sees."""

    OPEN = "open"
    CLOSED = "closed"
    CONFLICT = "conflict"
    """A surround or a dome that moves with the head: what is seen misleads."""


class SurfaceKind(StrEnum):
    """What is under the feet."""

    FIRM = "firm"
    FOAM = "foam"
    WOBBLE = "wobble"
    HEMISPHERE = "hemisphere"
    TILTING_FIXED = "tilting-fixed"
    TILTING_COMPLIANT = "tilting-compliant"
    SWAY_REFERENCED = "sway-referenced"
    PERTURBED = "perturbed"


class Surface(Section):
    """A surface, and how hard it is where that can be set."""

    kind: SurfaceKind = SurfaceKind.FIRM
    level: Annotated[int, Field(ge=1, le=12)] | None = None
    """Of a compliant platform: 12 is the stiffest."""
    gain: Annotated[float, Field(ge=0, le=2)] | None = None
    """Of sway-referencing."""

    @property
    def needs_platform(self) -> bool:
        """Whether something has to drive it."""
        return self.kind in (
            SurfaceKind.TILTING_FIXED,
            SurfaceKind.TILTING_COMPLIANT,
            SurfaceKind.SWAY_REFERENCED,
            SurfaceKind.PERTURBED,
        )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.level is not None) != (self.kind is SurfaceKind.TILTING_COMPLIANT):
            raise ValueError("a level (1 to 12) belongs to a tilting-compliant surface, and every such surface has one")
        if (self.gain is not None) != (self.kind is SurfaceKind.SWAY_REFERENCED):
            raise ValueError("a gain (0 to 2) belongs to a sway-referenced surface, and every such surface has one")
        return self


class Feedback(Section):
    """What the person sees of what they do."""

    mode: Literal["full", "reduced", "delayed-off", "none"] = "none"
    """``reduced`` shows the target and hides the cursor while it is within the band; ``delayed-off`` takes the cursor
    away after ``off_s``."""
    gain: Annotated[float, Field(gt=0, le=10)] = 1.0
    """Cursor movement for CoP movement."""
    assistance: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Part of the error that the cursor is drawn towards the target: 0 none."""
    off_s: Seconds = 5.0


class Validity(Section):
    """What makes a trial invalid by itself. Zero switches a rule off. The figures are editable, and no norm."""

    step_off: bool = True
    saturation: bool = True
    fall: Literal["result", "invalid"] = "invalid"
    """Whether a fall, or leaving the stance, is an outcome to be scored or a trial to be repeated."""
    gap_ms: Annotated[float, Field(ge=0, le=10000)] = 100.0
    """Samples lost in one trial, in time."""
    weight_change: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Part of the body weight by which the mean of a second may differ: a hand on the rail, somebody helping."""
    drift_n: Annotated[float, Field(ge=0, le=100)] = 5.0
    """Between the zeros before and after."""
    rate_hz: Annotated[float, Field(ge=0, le=2000)] = 50.0
    """Fewer samples a second are too few for the figures."""
    leave_mm: Annotated[float, Field(ge=0, le=1000)] = 0.0
    """A CoP that jumps this far within 0.3 s is a step: a near-fall."""


class Zero(Section):
    """When the empty board is measured."""

    before: Literal["run", "condition", "trial", "never"] = "run"
    after: Literal["run", "condition", "trial", "never"] = "run"
    seconds: Annotated[float, Field(ge=1, le=60)] = 2.0


class Condition(Section):
    """One cell of a challenge."""

    id: Slug
    name: Words
    stance: Stance = Stance.TEMPLATE
    eyes: Eyes = Eyes.OPEN
    surface: Surface = Surface()
    task: Task = Stand()
    instruction: Words | None = None
    """What the person is told, beyond what stance, eyes and surface say already."""
    picture: Slug | None = None
    duration_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    trials: Annotated[int, Field(ge=1, le=50)] = 1
    practice: Annotated[int, Field(ge=0, le=5)] = 0
    """Trials before the first that counts."""
    rest_s: Seconds = 10.0
    settle_s: Seconds = 5.0
    """Standing before the record begins; discarded."""
    lead_s: Seconds = 3.0
    """Between the cue (close your eyes) and the record; discarded."""
    feedback: Feedback = Feedback()
    errors: bool = False
    """The operator keys errors while it runs."""
    keyed: tuple[Name, ...] = ()
    """Values that the operator keys, while it runs or before the next: ``reach_mm``."""
    validity: Validity = Validity()


class ScoreRule(Section):
    """A score of the registry, and where its inputs come from."""

    id: str
    """Of the registry of metrics and scores."""
    of: str = ""
    """The figure of each trial that goes in, where the score is one of figures."""
    inputs: dict[str, Slug] = Field(default_factory=dict)
    """Name of an input to the condition that gives it."""
    combine: Literal["mean", "median", "best", "worst", "last"] = "mean"
    """Of the valid trials of a condition."""
    name: Words | None = None


class Scoring(Section):
    """What is measured of every trial, and what the run as a whole says."""

    recipe: str = "ispgr"
    metrics: tuple[str, ...] = ("mean_velocity", "path_length", "prediction_ellipse_area", "rms_ml", "rms_ap")
    primary: str = "mean_velocity"
    per_trial: tuple[str, ...] = ()
    """Scores of the registry that are computed of every single trial whose task gives what they need."""
    fall_value: dict[str, float] = Field(default_factory=dict)
    """Metric id to what it is on a fall, where a fall is an outcome: an equilibrium score of 0."""
    scores: tuple[ScoreRule, ...] = ()


class Variant(Section):
    """Another length of the same challenge."""

    name: Words
    duration_s: Annotated[float, Field(gt=0, le=600)] | None = None
    trials: Annotated[int, Field(ge=1, le=50)] | None = None


class Challenge(Section):
    """A clinical protocol, whole."""

    format: Literal["otolith-challenge/1"]
    id: Slug
    version: Annotated[int, Field(ge=1)] = 1
    name: Words
    description: Words
    sources: tuple[Line, ...]
    status: Literal["verified", "unverified"]
    """``unverified``: a figure in it is not confirmed by a public source; it stays editable and is never a norm."""
    zero: Zero = Zero()
    redo_limit: Annotated[int, Field(ge=0, le=10)] = 2
    """Automatic repetitions of an invalid trial, before the operator decides."""
    order: Literal["listed", "interleaved"] = "listed"
    """All trials of a condition in a row, or one of each condition in turn."""
    viewing_distance: bool = True
    """Ask for the distance to what the person looks at: the Romberg quotient depends on it."""
    conditions: Annotated[tuple[Condition, ...], Field(min_length=1, max_length=64)]
    scoring: Scoring = Scoring()
    variants: dict[Slug, Variant] = Field(default_factory=dict)

    @property
    def needs_platform(self) -> bool:
        """Whether any condition needs a driven platform."""
        return any(condition.surface.needs_platform for condition in self.conditions)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [condition.id for condition in self.conditions]
        if doubled := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"two conditions are called {doubled[0]!r}")
        for score in self.scoring.scores:
            if strange := sorted(set(score.inputs.values()) - set(ids)):
                raise ValueError(
                    f"the score {score.id!r} takes {strange[0]!r}, which is no condition of this challenge"
                )
        return self

    def varied(self, variant: str | None) -> "Challenge":
        """With the lengths of a variant. Raises KeyError where there is none of that name."""
        if variant is None:
            return self
        given = self.variants[variant].model_dump(include={"duration_s", "trials"}, exclude_none=True)
        conditions = tuple(condition.model_copy(update=given) for condition in self.conditions)
        return self.model_copy(update={"conditions": conditions})
