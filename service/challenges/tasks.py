"""What a person does in a condition: one kind of task each, with its own parameters."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from otolith.service.challenges.texts import Line, Words
from otolith.service.sections import Section


class Stand(Section):
    """Stand as quietly as possible."""

    kind: Literal["stand"] = "stand"
    second_task: Line | None = None
    """What to do meanwhile: count backwards, name animals."""
    head: Literal["still", "up", "down", "left", "right", "turning", "nodding"] = "still"


class Hold(Section):
    """Stay in the stance as long as possible; leaving it ends the trial, and the time held is the result."""

    kind: Literal["hold"] = "hold"


class Lean(Section):
    """Lean to targets, one trial each, as far and as straight as possible; limits of stability."""

    kind: Literal["lean"] = "lean"
    bearing: Annotated[float, Field(ge=0, lt=360)]
    """Degrees, 0 forward, 90 to the right."""
    degrees: Annotated[float, Field(gt=0, le=15)]
    """Of lean at 100 %."""


class Shift(Section):
    """Shift the weight to and fro between two lines, in the rhythm of a tone."""

    kind: Literal["shift"] = "shift"
    bearing: Annotated[float, Field(ge=0, lt=180)]
    """Degrees of the axis, 0 fore-aft, 90 left-right."""
    degrees: Annotated[float, Field(gt=0, le=15)]
    period_s: Annotated[float, Field(ge=0.5, le=10)]
    """Of one transition, from line to line."""


class Squat(Section):
    """Bend the knees and hold, or go down and up in a rhythm; loads of the two sides, phases of the movement."""

    kind: Literal["squat"] = "squat"
    knee_degrees: Annotated[int, Field(ge=0, le=120)]
    period_s: Annotated[float, Field(ge=1, le=20)] | None = None
    """Of down and up; None holds."""


class Jump(Section):
    """Countermovement jump, drop jump or landing, on a force plate."""

    kind: Literal["jump"] = "jump"
    form: Literal["countermovement", "drop", "landing"]


class Rise(Section):
    """From sitting to standing."""

    kind: Literal["rise"] = "rise"
    repetitions: Annotated[int, Field(ge=1, le=30)] = 1


class Reach(Section):
    """Reach forward as far as possible with the feet in place; the operator keys the distance."""

    kind: Literal["reach"] = "reach"


class Trace(Section):
    """Follow a point on a path with the CoP."""

    kind: Literal["trace"] = "trace"
    path: Literal["line", "diagonal", "circle", "figure-of-eight", "free"]
    width_mm: Annotated[float, Field(gt=0, le=300)]
    height_mm: Annotated[float, Field(gt=0, le=300)]
    period_s: Annotated[float, Field(ge=1, le=60)]
    """Of one lap."""
    clockwise: bool = True
    points: tuple[tuple[float, float], ...] = ()
    """Of a free path, mm from the middle: a closed curve runs smoothly through them."""
    band_mm: Annotated[float, Field(gt=0, le=100)] = 15.0
    """Closer than this is on the path."""


class Keep(Section):
    """Stay in a shape on the floor."""

    kind: Literal["keep"] = "keep"
    shape: Literal["circle", "square"] = "circle"
    radius_mm: Annotated[float, Field(gt=0, le=200)]
    """Half the side of a square."""
    ml_mm: float = 0.0
    """Where its middle is, from the person's own middle."""
    ap_mm: float = 0.0


class Load(Section):
    """Reach and keep a part of the body weight, or a force: partial weight bearing, progressive resistance."""

    kind: Literal["load"] = "load"
    side: Literal["all", "left", "right"] = "all"
    percent: Annotated[float, Field(gt=0, le=200)] | None = None
    """Of the body weight."""
    newtons: Annotated[float, Field(gt=0, le=5000)] | None = None
    band_percent: Annotated[float, Field(gt=0, le=50)] = 10.0
    """Of the target, to either side."""
    rise_s: Annotated[float, Field(ge=0, le=60)] = 3.0
    """In which to get there; the target itself rises so."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.percent is None) == (self.newtons is None):
            raise ValueError("a load has either percent (of the body weight) or newtons")
        return self


class React(Section):
    """Go to a target that appears where and when nobody expects it."""

    kind: Literal["react"] = "react"
    targets: Annotated[int, Field(ge=1, le=40)]
    radius_mm: Annotated[float, Field(gt=0, le=300)]
    """How far they are."""
    band_mm: Annotated[float, Field(gt=0, le=100)] = 20.0
    shortest_s: Annotated[float, Field(ge=0.5, le=20)] = 2.0
    longest_s: Annotated[float, Field(ge=0.5, le=20)] = 4.0
    """Between two of them, drawn anew each time."""
    seed: int = 0
    """0: the run's own."""


class Step(Section):
    """Step on and off, or from foot to foot, in the rhythm of a tone; phases from the vertical force."""

    kind: Literal["step"] = "step"
    period_s: Annotated[float, Field(ge=0.5, le=20)]


class Free(Section):
    """A task of the clinic's own, watched and timed."""

    kind: Literal["free"] = "free"
    words: Words


class Perturb(Section):
    """Keep standing while the platform moves."""

    kind: Literal["perturb"] = "perturb"
    motion: Literal["forward", "backward", "toes-up", "toes-down"]
    size: Literal["small", "medium", "large"]


Task = Annotated[
    Stand | Hold | Lean | Shift | Squat | Jump | Rise | Reach | Trace | Keep | Load | React | Step | Free | Perturb,
    Field(discriminator="kind"),
]


def unweighs(task: Task) -> bool:
    """Whether doing it changes the vertical force by itself, so that another weight is nobody's help."""
    return task.kind in ("jump", "rise", "step") or (task.kind == "load" and task.side == "all")
