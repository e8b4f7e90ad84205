"""What can go wrong in a station, in words for the person in front of it."""


class ServiceError(Exception):
    """Root of everything this room raises."""


class ConfigError(ServiceError, ValueError):
    """The configuration cannot be used; the message names the file, the line and the reason."""


class UnknownBoard(ServiceError, LookupError):
    """This station has no board of that id; the message lists those it has."""


class BoardUnfit(ServiceError):
    """The board answers and this station cannot use it; the message says why."""


class UnknownRecording(ServiceError, LookupError):
    """There is no recording of that id."""


class UnknownPerson(ServiceError, LookupError):
    """There is nobody of that id."""


class UnknownSession(ServiceError, LookupError):
    """There is no session of that id."""


class UnknownRun(ServiceError, LookupError):
    """There is no run of that id."""


class UnknownTrial(ServiceError, LookupError):
    """There is no trial of that id."""


class TareRefused(ServiceError):
    """The zero was not taken; the message says what to change (step off, wait, connect)."""


class RecordingRefused(ServiceError):
    """A recording cannot be started or stopped now; the message says why."""


class ChallengeError(ServiceError, ValueError):
    """A challenge file cannot be used; names the file, the line and the reason."""


class UnknownChallenge(ServiceError, LookupError):
    """There is no challenge of that id; the message lists those there are."""


class ChallengeRefused(ServiceError):
    """The challenge cannot be run here and now; the message says why."""


class ProgramError(ServiceError, ValueError):
    """A program cannot be used; names the file or the place, and the reason."""


class UnknownProgram(ServiceError, LookupError):
    """There is no program of that id; the message lists those there are."""


class UnknownEnrolment(ServiceError, LookupError):
    """Nobody is on a program under that id."""


class ProgramRefused(ServiceError):
    """That cannot be done with a program now; the message says why."""


class NormError(ServiceError, ValueError):
    """A norm cannot be used, found or built; names the file or the place, and the reason."""


class TriggerRefused(ServiceError):
    """What was pressed means nothing now; the message says what does."""


class IdentifyRefused(ServiceError):
    """The board cannot show itself now, or has nothing to show itself with."""


class CalibrationRefused(ServiceError):
    """A calibration cannot go on now, or not this way; the message says why and what to do."""


class CalibrationError(ServiceError, ValueError):
    """A calibration file cannot be read or belongs to another board; names the file and the reason."""


class StoreError(ServiceError):
    """The records cannot be opened or written; names the place and the reason."""


class UnknownToken(ServiceError, LookupError):
    """There is no token of that id."""
