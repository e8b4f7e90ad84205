"""How an attempt to stream a board can end, and what follows from it."""

from dataclasses import dataclass

from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardLost,
    BoardNotFound,
    BoardRefused,
    BoardTimeout,
    DriverError,
    MonikerError,
    RecordingError,
)
from otolith.service.errors import ServiceError
from otolith.service.state import BoardPhase

SOON, LATER, WATCHED = 0.5, 5.0, 10.0
"""Caps of the back-off, seconds. An absent board is back within a second of its return: because it is looked for that
often, or because its return is told, and then it is looked for seldom."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt's error means: what the board is now, and when to try again (None: never)."""

    phase: BoardPhase
    cap: float | None


OUTCOMES: tuple[tuple[type[Exception], Outcome], ...] = (
    (MonikerError, Outcome(BoardPhase.REFUSED, None)),
    (BoardNotFound, Outcome(BoardPhase.LOST, SOON)),
    (BoardLost, Outcome(BoardPhase.LOST, SOON)),
    (BoardTimeout, Outcome(BoardPhase.SILENT, LATER)),
    (BoardBusy, Outcome(BoardPhase.REFUSED, LATER)),
    (BoardForbidden, Outcome(BoardPhase.REFUSED, LATER)),
    (BoardRefused, Outcome(BoardPhase.REFUSED, LATER)),
    (RecordingError, Outcome(BoardPhase.REFUSED, LATER)),
    (DriverError, Outcome(BoardPhase.LOST, LATER)),
    (ServiceError, Outcome(BoardPhase.REFUSED, LATER)),
)
"""The first that fits."""
DEFECT = Outcome(BoardPhase.LOST, LATER)
"""Anything else."""


def judge(error: Exception) -> tuple[Outcome, str]:
    """What to make of an attempt's error, and in what words."""
    for kind, outcome in OUTCOMES:
        if isinstance(error, kind):
            return outcome, str(error)
    return DEFECT, f"a defect of this program: {type(error).__name__}: {error}"
