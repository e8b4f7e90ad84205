"""pyusb's errors as errors of a board, in plain language."""

import errno

from usb.core import USBError

from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardLost,
    BoardRefused,
    BoardTimeout,
    DriverError,
)

GONE = frozenset({errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.ESHUTDOWN})
_RULE = 'SUBSYSTEM=="usb", ATTR{{idVendor}}=="{:04x}", ATTR{{idProduct}}=="{:04x}", MODE="0660", TAG+="uaccess"'


def translate(error: USBError, vendor: int, product: int) -> DriverError:
    """What happened to board ``vendor:product``, and what to do about it."""
    number = error.errno or 0
    gone = BoardLost, "is gone: unplugged, switched off or reset"
    forbidden = BoardForbidden, f"may not be opened by this user. {permission_remedy(vendor, product)}"
    kinds: dict[int, tuple[type[DriverError], str]] = {
        **dict.fromkeys(GONE, gone),
        errno.EACCES: forbidden,
        errno.EPERM: forbidden,
        errno.EBUSY: (BoardBusy, f"is held by another program or host ({error.strerror}); close that one first"),
        errno.ETIMEDOUT: (BoardTimeout, "did not answer in time"),
        errno.EPIPE: (BoardRefused, "refused the request (stall)"),
        errno.EIO: (BoardLost, f"does not transfer ({error.strerror}); check its cable and plug it in again"),
    }
    kind, what = kinds.get(number, (DriverError, f"failed: {error.strerror}"))
    return kind(f"USB board {vendor:04x}:{product:04x} {what}")


def permission_remedy(vendor: int, product: int) -> str:
    """How to allow a user of a Linux desktop to open the board."""
    return (
        "As root, write this line into /etc/udev/rules.d/70-otolith.rules, run 'udevadm control --reload' and plug "
        f"the board in again: {_RULE.format(vendor, product)}"
    )
