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
    board = f"USB board {vendor:04x}:{product:04x}"
    if error.errno in GONE:
        return BoardLost(f"{board} is gone: unplugged, switched off or reset")
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return BoardForbidden(f"{board}: this user may not open it. {permission_remedy(vendor, product)}")
        case errno.EBUSY:
            return BoardBusy(f"{board} is held by another program or host ({error.strerror}); close that one first")
        case errno.ETIMEDOUT:
            return BoardTimeout(f"{board} did not answer in time")
        case errno.EPIPE:
            return BoardRefused(f"{board} refused the request (stall)")
        case errno.EIO:
            return BoardLost(f"{board}: transfers fail ({error.strerror}); check its cable and plug it in again")
        case _:
            return DriverError(f"{board}: {error.strerror}")


def permission_remedy(vendor: int, product: int) -> str:
    """How to allow a user of a Linux desktop to open the board."""
    return (
        "As root, write this line into /etc/udev/rules.d/70-otolith.rules, run 'udevadm control --reload' and plug "
        f"the board in again: {_RULE.format(vendor, product)}"
    )
