"""pyusb's errors as errors of a board, in plain language."""

import errno
from collections.abc import Callable

from usb.core import USBError

from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardLost,
    BoardRefused,
    BoardTimeout,
    DriverError,
)
from otolith.drivers.permission import remedy

GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ESHUTDOWN})


def translate(error: USBError, vendor: int, product: int, holder: Callable[[], str] = str) -> DriverError:
    """What happened to board ``vendor:product``, and what to do about it; ``holder`` says who has it, where known."""
    number = error.errno or 0
    who = (holder() if number == errno.EBUSY else "") or "another program or host"
    gone = BoardLost, "is gone: unplugged, switched off or reset"
    forbidden = BoardForbidden, f"may not be opened by this user. {remedy()}"
    kinds: dict[int, tuple[type[DriverError], str]] = {
        **dict.fromkeys(GONE, gone),
        errno.EACCES: forbidden,
        errno.EPERM: forbidden,
        errno.EBUSY: (BoardBusy, f"is held by {who} ({error.strerror}); close that one first"),
        errno.ETIMEDOUT: (BoardTimeout, "did not answer in time"),
        errno.EPIPE: (BoardRefused, "refused the request (stall)"),
        errno.EIO: (BoardLost, f"does not transfer ({error.strerror}); check its cable and plug it in again"),
    }
    kind, what = kinds.get(number, (DriverError, f"failed: {error.strerror}"))
    return kind(f"USB board {vendor:04x}:{product:04x} {what}")
