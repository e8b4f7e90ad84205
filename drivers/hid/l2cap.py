"""A HID device over raw L2CAP: a control and an interrupt channel, without the system's HID driver (Linux).

Frames (Bluetooth HID profile 1.1, chapter 3): ``A1 rr …`` an input report and ``A2 rr …`` an output report on the
interrupt channel; ``52 rr …`` SET_REPORT(output) on the control channel, which older devices want instead.
"""

import asyncio
import errno
import os
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Final, TypeVar

from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardNotFound,
    BoardRefused,
    BoardTimeout,
    DriverError,
    MonikerError,
)
from otolith.drivers.hid.channel import Channel, Counted

CONTROL, INTERRUPT = 0x11, 0x13
"""PSM of the two channels."""
INPUT, OUTPUT, SET_OUTPUT = b"\xa1", b"\xa2", b"\x52"
"""First bytes of frames."""
CONNECTING: Final = 15.0
"""Seconds that a device may take; the radio itself gives up after five to ten."""
SMALLEST: Final = 64
"""Bytes read at once from the control channel, whose answers have one."""

T = TypeVar("T")
Dial = Callable[[str, int], Awaitable[socket.socket]]
"""Connects to a PSM of an address; raises DriverError."""


class L2cap:
    """Both channels of a device, as a stream of reports; owns ``control`` and ``interrupt``.

    ``by_control`` sends on the control channel. Closing it is what switches a device off.
    """

    def __init__(
        self, control: socket.socket, interrupt: socket.socket, name: str, *, by_control: bool = False
    ) -> None:
        self._control_fd = control.fileno()
        self._interrupt = Channel(interrupt.detach(), name)
        self._control = Channel(control.detach(), name)
        self._by_control = by_control
        asyncio.get_running_loop().add_reader(self._control_fd, self._answered)

    async def send(self, report: bytes) -> None:
        """Send an output report; raises BoardLost, BoardTimeout."""
        if self._by_control:
            await self._control.send(SET_OUTPUT + report)
        else:
            await self._interrupt.send(OUTPUT + report)

    async def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """See ``Channel.reports``; ``transform`` gets no bytes at all of a frame that carries no input report."""

        def unpack(frame: bytes, t_host: int) -> T | None:
            return transform(frame[1:] if frame[:1] == INPUT else b"", t_host)

        async with aclosing(self._interrupt.reports(unpack, silence=silence)) as news:
            async for item in news:
                yield item

    def statistics(self) -> Counted:
        """What was lost on this side."""
        return self._interrupt.statistics()

    async def aclose(self) -> None:
        """Let go, interrupt channel first, as the profile asks; safe to call twice."""
        await self._interrupt.aclose()
        await self._control.aclose()

    def _answered(self) -> None:
        """Each SET_REPORT is answered with a handshake; nothing hangs on it, and it may not pile up."""
        try:
            heard = os.read(self._control_fd, SMALLEST)
        except BlockingIOError:
            return
        except OSError:
            heard = b""
        if not heard:  # the interrupt channel ends too, and says so
            asyncio.get_running_loop().remove_reader(self._control_fd)


async def connect(address: str, name: str, *, by_control: bool = False, dial: Dial | None = None) -> L2cap:
    """Both channels of the device at ``address``, control first; raises DriverError in plain words."""
    dial = dial or dial_bluetooth
    control = await dial(address, CONTROL)
    try:
        interrupt = await dial(address, INTERRUPT)
    except BaseException:
        control.close()
        raise
    return L2cap(control, interrupt, name, by_control=by_control)


async def dial_bluetooth(address: str, psm: int) -> socket.socket:
    """A connected L2CAP socket; raises DriverError."""
    family, protocol = (getattr(socket, name, None) for name in ("AF_BLUETOOTH", "BTPROTO_L2CAP"))
    if family is None or protocol is None:
        raise MonikerError(
            "via=l2cap: this Python was built without Bluetooth sockets, as those of uv, conda and other ready-made "
            "builds are; run otolith with the Python of a Linux distribution, or take via=hidraw"
        )
    try:
        plug = socket.socket(family, socket.SOCK_SEQPACKET, protocol)
    except OSError as error:
        raise explain(error, address) from error
    try:
        await connect_socket(plug, address, psm)
    except TimeoutError as error:
        plug.close()
        raise explain(OSError(errno.ETIMEDOUT, "timed out"), address) from error
    except OSError as error:
        plug.close()
        raise explain(error, address) from error
    except BaseException:
        plug.close()
        raise
    return plug


async def connect_socket(plug: socket.socket, address: str, psm: int) -> None:
    """Connect without blocking the loop, whatever kind of loop it is; OSError, or TimeoutError after a while."""
    plug.setblocking(False)
    number = plug.connect_ex((address, psm))
    if number == errno.EINPROGRESS:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        loop.add_writer(plug.fileno(), ready.set)
        try:
            async with asyncio.timeout(CONNECTING):
                await ready.wait()
        finally:
            loop.remove_writer(plug.fileno())
        number = plug.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if number:
        raise OSError(number, os.strerror(number))


_OFF: Final = (
    BoardNotFound,
    "no Bluetooth adapter is switched on: plug one in, run 'rfkill unblock bluetooth' and 'bluetoothctl power on'",
)
_SILENT: Final = (
    BoardNotFound,
    "{address} does not answer: press the red SYNC button in its battery case and try within 20 s",
)
_HELD: Final = (
    BoardBusy,
    "{address} is connected already: take via=hidraw, or 'bluetoothctl disconnect {address}' and press its red SYNC",
)
_STALE: Final = (
    BoardRefused,
    "{address} refuses the key that this machine has of it: 'bluetoothctl remove {address}' and press its red SYNC",
)
_MISSING: Final = (BoardNotFound, "this kernel has no Bluetooth: load its module with 'modprobe bluetooth'")
_REASONS: Final[dict[int, tuple[type[DriverError], str]]] = {
    **dict.fromkeys((errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT), _MISSING),
    **dict.fromkeys((errno.EHOSTUNREACH, errno.ENETDOWN, errno.ENODEV, errno.ENETUNREACH), _OFF),
    **dict.fromkeys((errno.EHOSTDOWN, errno.ETIMEDOUT, errno.ECONNRESET, errno.ECONNABORTED), _SILENT),
    **dict.fromkeys((errno.ECONNREFUSED, errno.EBUSY, errno.EALREADY, errno.EISCONN, errno.EMLINK), _HELD),
    **dict.fromkeys((errno.EACCES, errno.EBADE), _STALE),
    errno.EPERM: (
        BoardForbidden,
        "the system forbids Bluetooth sockets to this program: allow them to its container or sandbox",
    ),
}
"""By what the kernel makes of the radio's own reasons (net/bluetooth/lib.c): 04 is EHOSTDOWN, 05 EACCES, 06 EBADE."""


def explain(error: OSError, address: str) -> DriverError:
    """Why there is no connection, and what to do."""
    kind, words = _REASONS.get(error.errno or 0, (BoardTimeout, "{address} cannot be reached"))
    return kind(f"{words.format(address=address)} ({error.strerror or error})")
