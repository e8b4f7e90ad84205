"""Boards plugged in and pulled out: told by the kernel where it can, else found by looking once a second."""

import asyncio
import errno
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import usb.core
from usb.core import USBError

from otolith.drivers.usb.backends import Backend
from otolith.drivers.usb.seen import path
from otolith.drivers.usb.usbip.backend import UsbipBackend

POLL = 1.0  # seconds between looks where nobody tells us
SAFETY = 30.0  # seconds between looks where the kernel tells us
_SETTLE = 0.3  # seconds for udev to set permissions, and for the other devices of a hub
_KOBJECT_UEVENT = 15  # netlink protocol; group 1 is the kernel's own voice
_MESSAGE = 8192  # bytes; the kernel's limit is 2048


@dataclass(frozen=True, slots=True)
class Change:
    """A device came (``plugged``) or went; ``find`` tells the rest."""

    plugged: bool
    vendor: int
    product: int
    path: str
    """Its port, as ``Seen.path``."""


async def changes(backend: Backend) -> AsyncGenerator[Change, None]:
    """First every device that is there, then each that comes or goes; never ends by itself.

    A USB/IP server that does not answer has no devices; it may come back.
    """
    bell = None if isinstance(backend, UsbipBackend) else _bell()
    try:
        async for change in _watch(backend, bell, SAFETY if bell else POLL):
            yield change
    finally:
        if bell:
            bell.close()


async def _watch(backend: Backend, bell: socket.socket | None, period: float) -> AsyncGenerator[Change, None]:
    known: dict[tuple[int, int], Change] = {}
    while True:
        present = await asyncio.to_thread(_look, backend)
        for gone in known.keys() - present.keys():
            yield Change(False, known[gone].vendor, known[gone].product, known[gone].path)
        for come in present.keys() - known.keys():
            yield present[come]
        known = present
        await _wait(bell, period)


def _look(backend: Backend) -> dict[tuple[int, int], Change]:
    try:
        return _listed(backend) if isinstance(backend, UsbipBackend) else _present(backend)
    except USBError:
        return {}


def _listed(backend: UsbipBackend) -> dict[tuple[int, int], Change]:
    return {
        (record.busnum, record.devnum): Change(True, record.vendor, record.product, record.busid)
        for record in backend.enumerate_devices()  # the list alone: examining each device would import it
    }


def _present(backend: Backend) -> dict[tuple[int, int], Change]:
    return {
        (device.bus, device.address): Change(True, device.idVendor, device.idProduct, path(device))
        for device in usb.core.find(find_all=True, backend=backend)
    }


def _bell() -> socket.socket | None:
    family = getattr(socket, "AF_NETLINK", None)
    if family is None:  # not Linux
        return None
    bell = socket.socket(family, socket.SOCK_RAW, _KOBJECT_UEVENT)
    try:
        bell.bind((0, 1))
    except OSError:  # a container without the kernel's events
        bell.close()
        return None
    bell.setblocking(False)
    return bell


async def _wait(bell: socket.socket | None, period: float) -> None:
    if bell is None:
        await asyncio.sleep(period)
        return
    try:
        async with asyncio.timeout(period):
            while not _is_device(await _listen(bell)):
                pass
            await asyncio.sleep(_SETTLE)
    except TimeoutError:
        return


async def _listen(bell: socket.socket) -> bytes:
    try:
        return await asyncio.get_running_loop().sock_recv(bell, _MESSAGE)
    except OSError as error:
        if error.errno != errno.ENOBUFS:
            raise
        return b"SUBSYSTEM=usb\0DEVTYPE=usb_device\0"  # too many events at once: one of them may have been ours


def _is_device(event: bytes) -> bool:
    return {b"SUBSYSTEM=usb", b"DEVTYPE=usb_device"} <= set(event.split(b"\0"))
