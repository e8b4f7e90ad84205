"""What went wrong, as a sentence and an exit status."""

from typing import Final

from otolith.drivers.errors import DriverError, MonikerError, RecordingError
from otolith.service.errors import (
    CalibrationError,
    CalibrationRefused,
    ChallengeError,
    ChallengeRefused,
    ConfigError,
    IdentifyRefused,
    NormError,
    ProgramError,
    ProgramRefused,
    RecordingRefused,
    ServiceError,
    TareRefused,
    UnknownBoard,
    UnknownChallenge,
    UnknownProgram,
)

FAILED: Final = 1
BAD_USE: Final = 2
DEVICE: Final = 3
DATA: Final = 4

STATUS: Final[tuple[tuple[type[Exception], int], ...]] = (
    (MonikerError, BAD_USE),
    (ConfigError, BAD_USE),
    (RecordingError, DATA),
    (ChallengeError, DATA),
    (UnknownChallenge, BAD_USE),
    (ChallengeRefused, BAD_USE),
    (ProgramError, DATA),
    (UnknownProgram, BAD_USE),
    (ProgramRefused, BAD_USE),
    (CalibrationError, DATA),
    (NormError, DATA),
    (CalibrationRefused, DEVICE),
    (DriverError, DEVICE),
    (UnknownBoard, DEVICE),
    (TareRefused, DEVICE),
    (RecordingRefused, DEVICE),
    (IdentifyRefused, DEVICE),
    (ServiceError, FAILED),
    (OSError, FAILED),
)
"""The first kind that fits decides."""


class CommandFailed(Exception):
    """A command cannot do what it was asked; the message says why and what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def explain(error: Exception) -> tuple[int, str]:
    """Exit status and sentence of an error."""
    if isinstance(error, CommandFailed):
        return error.status, str(error)
    for kind, status in STATUS:
        if isinstance(error, kind):
            return status, str(error)
    return FAILED, f"failed unexpectedly ({type(error).__name__}: {error}); OTOLITH_DEBUG=1 shows where"
