"""A Wii Balance Board's twin as a Bluetooth device of this machine's own HID stack, by ``/dev/uhid`` (root).

Source: Linux ``include/uapi/linux/uhid.h``; the module is ``uhid``.
"""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from otolith.drivers.wii.codec import REPORT_DESCRIPTOR
from otolith.drivers.wii.slot import PRODUCT, VENDOR
from otolith.drivers.wii.twin import DolphinBar, serve_hidraw

UHID: Final = Path("/dev/uhid")
BLUETOOTH: Final = 5
"""BUS_BLUETOOTH."""
OUTPUT, GET_REPORT, GET_REPLY, CREATE, INPUT, SET_REPORT, SET_REPLY = 6, 9, 10, 11, 12, 13, 14
_CREATE: Final = struct.Struct("<I128s64s64sHHIIII4096s")
_INPUT: Final = struct.Struct("<IH4096s")
_OUTPUT: Final = struct.Struct("<I4096sHB")
_ASKED: Final = struct.Struct("<II")
_GOT: Final = struct.Struct("<IIHH")
_SET: Final = struct.Struct("<IIH")
_EVENT: Final = _CREATE.size
"""Bytes of ``struct uhid_event``."""
_EIO: Final = 5


@asynccontextmanager
async def on_uhid(twin: DolphinBar, name: str, address: str, uhid: Path = UHID) -> AsyncIterator[asyncio.Task[None]]:
    """The twin connected as ``name``; the task ends when the twin hangs up, and the kernel sees it go then.

    Raises OSError where there is no such module, or we are not root.
    """
    fd = os.open(uhid, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.setblocking(False)
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(serve_hidraw(twin, far), name="twin behind uhid")
    carrying = asyncio.create_task(_carry(fd, near), name="uhid")
    os.write(fd, encode_create(name, address))
    loop.add_reader(fd, _heard, fd, near)
    try:
        yield carrying
    finally:
        carrying.cancel()
        await asyncio.gather(carrying, return_exceptions=True)
        near.close()
        await serving


def encode_create(name: str, address: str) -> bytes:
    """UHID_CREATE2 of a Bluetooth Wii device."""
    identity = (BLUETOOTH, VENDOR, PRODUCT, 0, 0)
    texts = (name.encode(), b"otolith", address.encode())
    return _CREATE.pack(CREATE, *texts, len(REPORT_DESCRIPTOR), *identity, REPORT_DESCRIPTOR)


def encode_input(report: bytes) -> bytes:
    """UHID_INPUT2."""
    return _INPUT.pack(INPUT, len(report), report)


def decode_output(event: bytes) -> bytes | None:
    """The report of an UHID_OUTPUT; None of any other event."""
    kind, data, size, _ = _OUTPUT.unpack_from(event)
    return data[:size] if kind == OUTPUT else None


def refuse(event: bytes) -> bytes | None:
    """The answer to GET_REPORT and SET_REPORT, which the board does not have; None of any other event."""
    kind, number = _ASKED.unpack_from(event)
    if kind == GET_REPORT:
        return _GOT.pack(GET_REPLY, number, _EIO, 0)
    return _SET.pack(SET_REPLY, number, _EIO) if kind == SET_REPORT else None


def _heard(fd: int, near: socket.socket) -> None:
    event = os.read(fd, _EVENT)
    if (report := decode_output(event)) is not None:
        near.send(report)
    elif (answer := refuse(event)) is not None:
        os.write(fd, answer)


async def _carry(fd: int, near: socket.socket) -> None:
    """The twin's reports to the kernel until the twin hangs up; closing the node is what takes the device away."""
    loop = asyncio.get_running_loop()
    try:
        while report := await loop.sock_recv(near, _EVENT):
            os.write(fd, encode_input(report))
    finally:
        loop.remove_reader(fd)
        os.close(fd)
