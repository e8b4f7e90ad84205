"""What can go wrong between a board and its samples; each error has the builtin a stranger would catch."""


class DriverError(Exception):
    """Root of everything this room raises."""


class MonikerError(DriverError, ValueError):
    """A board's name cannot be read; the message shows the part at fault and a correct example."""


class BoardNotFound(DriverError, LookupError):
    """No such board is plugged in; the message lists what is."""


class BoardBusy(DriverError):
    """Another program, or another part of this one, holds the board."""


class BoardForbidden(DriverError, PermissionError):
    """The system does not let this user open the board; the message says how to allow it."""


class BoardLost(DriverError, ConnectionError):
    """The board went away: unplugged, switched off, or out of range."""


class BoardTimeout(DriverError, TimeoutError):
    """The board is there but did not answer in time."""


class BoardRefused(DriverError):
    """The board answered, and what it said makes it unusable (foreign calibration, unknown firmware)."""


class ReportError(DriverError, ValueError):
    """A malformed report: counted, resynchronised over, never the end of a stream."""


class RecordingError(DriverError, ValueError):
    """A recording cannot be read; the message says which file, where in it, and what was expected."""


class PlateError(DriverError, ValueError):
    """The description of an analogue plate cannot be used; the message says which file, which line, and why."""
