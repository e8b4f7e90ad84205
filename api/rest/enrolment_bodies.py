"""What is sent and answered about people on programs."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from otolith.api.rest.programs import PROGRAM
from otolith.api.rest.sessions import RECORD
from otolith.service.programs.program import Program, Rung
from otolith.service.store import DecisionRow, EnrolmentRow, SetRow
from otolith.service.training import Act

Size = Annotated[float, Field(ge=0, le=10)]
Reason = Annotated[str, Field(min_length=1, max_length=400)]


class NewEnrolment(BaseModel):
    """Which program."""

    model_config = ConfigDict(extra="forbid")

    program: Annotated[str, Field(pattern=PROGRAM)]
    rung: Annotated[str, Field(pattern=PROGRAM)] | None = None
    """Where to begin; its first where null."""
    side: Literal["", "left", "right"] = ""
    """The affected one, where the program has one."""


class Explained(BaseModel):
    """A decision with its inputs, and why, in one sentence."""

    decision: DecisionRow
    words: str


class EnrolmentNow(BaseModel):
    """Where somebody stands."""

    enrolment: EnrolmentRow
    program: Program
    """The ladder that holds for this person now."""
    next: str
    """What is trained, in plain words."""
    latest: Explained


class Question(BaseModel):
    """What to ask after a set."""

    set: SetRow
    symptoms: list[str]
    """Each from 0 (none) to 10."""


class TodayNow(BaseModel):
    """What there is to do in a visit."""

    enrolment: EnrolmentRow
    rung: Rung
    next: str
    left: int
    """Sets of this visit."""
    why_none: str
    """Why no set is left; empty where there is one."""
    ask: Question | None
    """Comes first."""
    run: str
    """The sets that are under way; empty where none are."""
    latest: Explained


class InSession(BaseModel):
    """Begin in a visit of the person."""

    model_config = ConfigDict(extra="forbid")

    session: Annotated[str, Field(pattern=RECORD)]
    automatic: bool = False
    """Nobody presses anything: for simulated people."""


class AtBoard(BaseModel):
    """Begin at a board: in the person's newest visit there if it goes on, else in a new one."""

    model_config = ConfigDict(extra="forbid")

    board: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,128}$")]
    automatic: bool = False


class Symptoms(BaseModel):
    """What the person said after a set; what was not asked is left out, and is not zero."""

    model_config = ConfigDict(extra="forbid")

    dizziness: Size | None = None
    pain: Size | None = None
    nausea: Size | None = None
    fatigue: Size | None = None
    """How much the set took out of them."""


class DecisionByHand(BaseModel):
    """What a clinician decides, and why."""

    model_config = ConfigDict(extra="forbid")

    act: Act
    to: Annotated[str, Field(pattern=PROGRAM)] | None = None
    """Of ``move``: which rung."""
    reason: Reason
    seq: Annotated[int, Field(ge=1)] | None = None
    """Of the enrolment that was on the screen: what was meant for another moment is refused."""


class NewLadder(BaseModel):
    """Another ladder for one person."""

    model_config = ConfigDict(extra="forbid")

    program: dict[str, Any]
    """As `program.schema.json` has it; it is checked like a file."""
    reason: Reason
    seq: Annotated[int, Field(ge=1)] | None = None
