"""The messages of ``/api/v1/live``: one discriminated union, JSON, told apart by ``type``.

Times: ``t`` is RFC 3339; sample times are seconds of the station's monotonic clock. NaN travels as null.
"""

from typing import Literal

import msgspec

from otolith.service.challenges.event import SessionEvent
from otolith.service.guidance.guidance import Guidance
from otolith.service.programs.event import ProgramEvent
from otolith.service.state import BoardState, Grid, StationState


class Welcome(msgspec.Struct, tag="welcome", frozen=True):
    """First message after a successful hello: the whole picture."""

    v: Literal[1]
    t: str
    now: float
    """The station's monotonic clock, seconds; compare with ``Trace.t0`` to know the age of data."""
    role: str
    state: StationState
    boards: list[BoardState]


class BoardMessage(msgspec.Struct, tag="board", frozen=True):
    """A board changed phase, or its once-a-second health."""

    t: str
    now: float
    board: BoardState


class StatusMessage(msgspec.Struct, tag="status", frozen=True):
    """The station's own state changed."""

    t: str
    state: StationState


class Trace(msgspec.Struct, tag="trace", frozen=True):
    """Consecutive samples of one board, in columns."""

    board: str
    seq: int
    missed: int
    t0: float
    t: list[float]
    """Seconds after ``t0``."""
    x: list[float | None]
    """CoP ML, mm, causal-filtered; right positive."""
    y: list[float | None]
    """CoP AP, mm, causal-filtered; forward positive."""
    force: list[float]
    loads: list[list[float]]
    """One row per sample: newtons per cell, or six loads per plate (N and N mm)."""
    flags: list[int]
    left: list[float | None] = []
    """Percent of the vertical force that is on the left, the rest is on the right; empty where the board cannot tell.

    ``BoardState.sides`` says how it is known."""


class SwayMessage(msgspec.Struct, tag="sway", frozen=True):
    """Streaming figures, at most ten a second; keys are ``dsp.sway.Sway``'s fields."""

    board: str
    now: float
    figures: dict[str, float | None]
    grid: Grid
    """The even times at which they were computed."""


class SessionMessage(msgspec.Struct, tag="session", frozen=True):
    """What happens in a run of a challenge; ``event.seq`` counts the events of a run, so that a hole is seen."""

    event: SessionEvent


class ProgramMessage(msgspec.Struct, tag="program", frozen=True):
    """What happens to somebody on a program; no name, answer or reason, which an operator reads over REST."""

    event: ProgramEvent


class GuidanceMessage(msgspec.Struct, tag="guidance", frozen=True):
    """A moment of a task with a target, for whoever asked for it in the hello; who is slow gets the newest alone.

    A board that reports in batches makes several moments at once: draw between messages by ``moment.ahead``.
    """

    moment: Guidance


class LostMessage(msgspec.Struct, tag="lost", frozen=True):
    """This reader was too slow: so many frames of a board were dropped for it (nobody else noticed)."""

    board: str
    frames: int


class ErrorMessage(msgspec.Struct, tag="error", frozen=True):
    """Why the socket is about to close, or why a message of the client was not understood."""

    code: str
    message: str


class Hello(msgspec.Struct, tag="hello", tag_field="type", frozen=True, forbid_unknown_fields=True):
    """The client's first message, within five seconds; ``token`` may be empty when a session cookie came along."""

    token: str = ""
    trace: bool = True
    """False: board states and sway only."""
    guidance: bool = False
    """True: the live feedback of tasks, too; up to 125 messages a second while somebody follows a target."""


ServerMessage = (
    Welcome
    | BoardMessage
    | StatusMessage
    | Trace
    | SwayMessage
    | SessionMessage
    | ProgramMessage
    | GuidanceMessage
    | LostMessage
    | ErrorMessage
)
