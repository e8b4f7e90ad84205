"""Programs in the records, as the rest of the station sees them: plain values, no SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One person on one program."""

    id: str
    """Sorts by start."""
    person: str
    program: str
    started: str
    by: str
    rung: str
    """Where the person is."""
    revision: int = 1
    """Of the ladder that holds now."""
    locked: bool = False
    paused: bool = False
    """A clinician lets nobody begin a set."""
    ended: str | None = None
    end: str = ""
    """``complete``, ``withdrawn``; empty while it goes on."""
    run: str = ""
    """The newest run of its sets; empty before the first."""
    seq: int = 1
    """Grows with every change, so that nobody decides on what somebody else has changed."""


@dataclass(frozen=True, slots=True)
class LadderRow:
    """A program as it holds for one enrolment, whole; never changed, only followed by the next revision."""

    enrolment: str
    revision: int
    definition: Mapping[str, Any]
    at: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetRow:
    """One set of an exercise."""

    id: str
    """Of the trial that holds its samples and figures."""
    enrolment: str
    revision: int
    rung: str
    session: str
    run: str
    at: str
    score: float | None
    valid: bool
    fell: bool
    held_s: float
    hold: str = ""
    """``open``, ``closed``: a static hold on firm ground with the eyes so; empty for any other set."""
    symptoms: Mapping[str, float] | None = None
    """None until they were asked for."""
    decision: str = ""
    """Id of the decision that was taken after it."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One decision, by the ladder or by a clinician."""

    id: str
    """Sorts by time."""
    enrolment: str
    revision: int
    at: str
    session: str
    outcome: str
    rung: str
    next_rung: str
    rule: str
    because: str
    by: str
    reason: str
    settles: bool
    """Whether the sets before it count no more."""
    after: str
    """Id of the newest set that was known; empty before the first."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
