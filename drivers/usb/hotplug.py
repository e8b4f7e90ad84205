"""What is plugged in, told again whenever that changes: at the kernel's word where it speaks, else by looking."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final, TypeVar

from usb.core import USBError

from otolith.drivers.uevents import Bell
from otolith.drivers.usb.usbip.backend import UsbipBackend
from otolith.drivers.usb.usbip.handshake import Record

SAFETY: Final = 30.0
"""Seconds between looks where the kernel tells us."""
POLL: Final = 2.0
"""Seconds between looks at this machine's ports where nobody tells us ..."""
ASKING: Final = 0.5
"""... and between two lists of a USB/IP server, which tells nobody."""

T = TypeVar("T")


async def looks(look: Callable[[], T], period: float, bell: Bell | None = None) -> AsyncGenerator[T, None]:
    """What ``look`` sees, at once and then each time that it sees something else; never ends by itself.

    ``look`` may block: a thread calls it, when the bell rings, and every ``period`` seconds. What it raises ends this.
    """
    seen = await asyncio.to_thread(look)
    while True:
        yield seen
        before = seen
        while seen == before:
            await (bell.wait(period) if bell else asyncio.sleep(period))
            seen = await asyncio.to_thread(look)


def exported(backend: UsbipBackend) -> tuple[Record, ...]:
    """What a USB/IP server lists, nothing of it imported; one that does not answer has nothing: it may come back."""
    try:
        return backend.enumerate_devices()
    except USBError:
        return ()
