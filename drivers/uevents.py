"""The kernel's own word that something was plugged in or pulled out, over netlink (Linux); no udev needed."""

import asyncio
import errno
import socket
from collections.abc import Iterable
from typing import Final, Self

_KOBJECT_UEVENT: Final = 15
"""Netlink protocol; group 1 is the kernel's own voice (Linux, ``lib/kobject_uevent.c``)."""
_MESSAGE: Final = 8192
"""Bytes; the kernel's limit is 2048."""
_OURS: Final = (
    frozenset({b"SUBSYSTEM=usb", b"DEVTYPE=usb_device"}),
    frozenset({b"SUBSYSTEM=hidraw"}),
    frozenset({b"SUBSYSTEM=tty"}),
)
"""What a board can come as."""
SETTLE: Final = 0.3
"""Seconds for udev to set permissions, and for the other devices of a hub."""


class Bell:
    """Rings when a device of ours comes or goes. Belongs to one event loop; close it."""

    def __init__(self, listening: socket.socket, settle: float = SETTLE) -> None:
        listening.setblocking(False)
        self._socket = listening
        self._settle = settle

    @classmethod
    def hung(cls) -> Self | None:
        """A bell on the kernel's events; None where there are none: another system, a closed container."""
        family = getattr(socket, "AF_NETLINK", None)
        if family is None:
            return None
        listening = socket.socket(family, socket.SOCK_RAW, _KOBJECT_UEVENT)
        try:
            listening.bind((0, 1))
        except OSError:
            listening.close()
            return None
        return cls(listening)

    async def wait(self, longest: float) -> None:
        """Until it has rung and things have settled, or for ``longest`` seconds."""
        try:
            async with asyncio.timeout(longest):
                while not is_ours(await self._listen()):
                    pass
        except TimeoutError:
            return
        await asyncio.sleep(self._settle)

    def close(self) -> None:
        """Take it down."""
        self._socket.close()

    async def _listen(self) -> Iterable[bytes]:
        try:
            return (await asyncio.get_running_loop().sock_recv(self._socket, _MESSAGE)).split(b"\0")
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            return _OURS[0]  # too many events at once: one of them may have been ours


def is_ours(event: Iterable[bytes]) -> bool:
    """Whether the lines of an event tell of a device that could be a board."""
    lines = frozenset(event)
    return any(kind <= lines for kind in _OURS)
