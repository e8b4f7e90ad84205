"""What a run says while it goes: every transition, every cue, every result; for hub, MQTT and WebSocket alike."""

from dataclasses import dataclass, field
from typing import Any, Literal

from otolith.service.challenges.phases import Phase, Trigger

Tone = Literal["", "attention", "count", "begin", "end", "wrong", "low", "high"]
"""``low`` and ``high`` are the metronome's: down, left and back; up, right and forward."""
Kind = Literal["phase", "cue", "trial", "note", "result", "error-keyed", "keyed"]


@dataclass(frozen=True, slots=True)
class Cue:
    """Something for the person's ears and eyes. Words are looked up by ``key`` in the session's language."""

    key: str
    """``close-eyes``, ``step-on``, ``countdown``."""
    text: str
    """In the session's language, whole; for a screen or a speech synthesiser."""
    tone: Tone = ""
    speak: bool = True


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """One thing that happened in a session.

    ``seq`` grows by one per run, from 1 when it begins or is taken up again, so that a reader sees what it missed.
    """

    at: str
    """RFC 3339."""
    t_ns: int
    """The station's monotonic clock, of the sample at which it happened."""
    session: str
    run: str
    seq: int
    kind: Kind
    phase: Phase
    trigger: Trigger | None = None
    """What led here, of kind ``phase``."""
    trial: str = ""
    """``ec-foam-2``."""
    attempt: int = 0
    remaining_s: float | None = None
    """Of the phase, where it ends by itself."""
    reason: str = ""
    by: str = "station"
    cues: tuple[Cue, ...] = ()
    allowed: tuple[Trigger, ...] = ()
    """What the operator can press now."""
    data: dict[str, Any] = field(default_factory=dict)
    """Of kinds ``trial`` and ``result``: the figures, as in the records."""
