"""How a transfer ended, as the errors pyusb's callers know: worded and numbered like libusb's."""

import errno

from usb.core import USBError, USBTimeoutError

from otolith.drivers.usb.usbip.wire import Status

_GONE = ("No such device (it may have been disconnected)", -4, errno.ENODEV)
_FAULTS = {
    Status.STALL: ("Pipe error", -9, errno.EPIPE),
    Status.OVERFLOW: ("Overflow", -8, errno.EOVERFLOW),
    Status.NO_DEVICE: _GONE,
    Status.SHUTDOWN: _GONE,
    Status.NO_ENTRY: _GONE,
}


def check(status: int) -> None:
    """Return for ``Status.OK``; raise USBTimeoutError for a transfer that was taken back, else USBError."""
    if status == Status.UNLINKED:
        raise USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
    if status != Status.OK:
        fault = _FAULTS[Status(status)] if status in _FAULTS else ("Input/Output Error", -1, errno.EIO)
        raise USBError(*fault)


def busy(what: str) -> USBError:
    """Somebody else holds it."""
    return USBError(f"Resource busy: {what}", -6, errno.EBUSY)


def unreachable(server: str, error: Exception) -> USBError:
    """Nobody answers, or not in USB/IP."""
    number = error.errno if isinstance(error, OSError) and error.errno else errno.EPROTO
    return USBError(f"no USB/IP server at {server}: {error}", -1, number)
