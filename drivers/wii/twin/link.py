"""The twin as Bluetooth has it: at the far end of a hidraw node, or of the two channels of L2CAP.

Any sockets that keep messages apart will do: ``socketpair(AF_UNIX, SOCK_SEQPACKET)`` on a machine without Bluetooth.
"""

import asyncio
import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from otolith.drivers.hid.l2cap import INPUT, OUTPUT, SET_OUTPUT
from otolith.drivers.usb.gadget import Stall
from otolith.drivers.wii.slot import OUTPUT as OUTPUT_REPORT
from otolith.drivers.wii.slot import endpoint
from otolith.drivers.wii.twin.dolphinbar import DolphinBar

LARGEST: Final = 64
"""Bytes of a frame."""
SUCCESSFUL: Final = b"\x00"
"""HANDSHAKE: the answer on the control channel to what came by it."""


async def serve_hidraw(twin: DolphinBar, far: socket.socket) -> None:
    """Be a board behind a hidraw node until the other end hangs up; closes ``far``."""
    await _serve(twin, {far: b""}, far, b"")


async def serve_l2cap(twin: DolphinBar, control: socket.socket, interrupt: socket.socket) -> None:
    """Be a board behind both channels until the other end hangs up; closes them."""
    await _serve(twin, {control: SET_OUTPUT, interrupt: OUTPUT}, interrupt, INPUT)


async def _serve(twin: DolphinBar, heard: Mapping[socket.socket, bytes], out: socket.socket, mark: bytes) -> None:
    def hang_up() -> None:
        for channel in heard:
            with suppress(OSError):  # the other end was faster
                channel.shutdown(socket.SHUT_RDWR)

    for channel in heard:
        channel.setblocking(False)
    await twin.attach()
    twin.on_unplug = twin.on_sleep = hang_up
    listening = [asyncio.create_task(_listen(twin, *one, out), name="wii twin hears") for one in heard.items()]
    sending = asyncio.create_task(_send(twin, out, mark), name="wii twin says")
    try:
        await asyncio.wait([*listening, sending], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*listening, sending):
            task.cancel()
        await asyncio.gather(*listening, sending, return_exceptions=True)
        for channel in heard:
            channel.close()
        await twin.detach()


async def _listen(twin: DolphinBar, channel: socket.socket, mark: bytes, out: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):  # hung up
        while frame := await loop.sock_recv(channel, LARGEST):
            report = frame.removeprefix(mark) if frame.startswith(mark) else b""
            with suppress(Stall):  # a link has nothing to refuse a report with
                twin.hear(OUTPUT_REPORT | int.from_bytes(report[:1], "big"), report)
            if channel is not out:
                await loop.sock_sendall(channel, SUCCESSFUL)


async def _send(twin: DolphinBar, out: socket.socket, mark: bytes) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):  # hung up
        while True:
            try:
                packet = await twin.read(endpoint(twin.slot), LARGEST)
            except Stall:
                continue  # a link has no endpoint to halt
            await loop.sock_sendall(out, mark + packet)
