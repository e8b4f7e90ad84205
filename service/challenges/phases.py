"""The words of the trial machine: where a run can be, and what can happen to it."""

from enum import StrEnum


class Phase(StrEnum):
    """Where a run is."""

    IDLE = "idle"
    PREPARE = "prepare"
    """The next trial is explained; it goes on when somebody says that all is ready."""
    EMPTY = "empty"
    """The board has to be cleared for its zero."""
    ZERO = "zero"
    STEP_ON = "step-on"
    SETTLE = "settle"
    CUE = "cue"
    """The person hears what to do (close your eyes); the record is about to begin."""
    RECORD = "record"
    DONE = "done"
    """The trial is being kept."""
    REST = "rest"
    CLEAR = "clear"
    """The board has to be cleared for the zero that follows."""
    ZERO_AFTER = "zero-after"
    INVALID = "invalid"
    FINISHED = "finished"
    STOPPED = "stopped"


OVER = frozenset({Phase.FINISHED, Phase.STOPPED})
"""Nothing leads out of these."""


class Trigger(StrEnum):
    """What can happen."""

    START = "start"
    READY = "ready"
    """By the operator: go on."""
    REDO = "redo"
    SKIP = "skip"
    STOP = "stop"
    TOUCH = "touch"
    """By the operator: a hand or a foot touched something."""
    FELL = "fell"
    LOADED = "loaded"
    UNLOADED = "unloaded"
    """Nobody is on the board any more."""
    ZEROED = "zeroed"
    ZERO_REFUSED = "zero-refused"
    DUE = "due"
    """The time of the phase is over."""
    FAULT = "fault"
    """The record cannot be used; the reason says why."""
    KEPT = "kept"
    """The trial is safe on disk."""
    AWAY = "away"
    """The board went away."""


OPERATOR = frozenset(
    {Trigger.START, Trigger.READY, Trigger.REDO, Trigger.SKIP, Trigger.STOP, Trigger.TOUCH, Trigger.FELL}
)
"""What an operator can press."""
