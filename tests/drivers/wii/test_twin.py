"""The twin at the far end of a Bluetooth link, and what can befall it alone."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from otolith.drivers.errors import MonikerError
from otolith.drivers.monikers import Sim
from otolith.drivers.opening import open_board
from otolith.drivers.twins import make_twin
from otolith.drivers.wii.twin import DolphinBar, serve_l2cap


@pytest.fixture
async def link() -> AsyncIterator[tuple[DolphinBar, socket.socket, socket.socket]]:
    twin = make_twin(Sim("wii", "constant:700"))
    assert isinstance(twin, DolphinBar)
    (control, far_control), (interrupt, far_interrupt) = (
        socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(2)
    )
    serving = asyncio.create_task(serve_l2cap(twin, far_control, far_interrupt))
    for channel in (control, interrupt):
        channel.setblocking(False)
    yield twin, control, interrupt
    for channel in (control, interrupt):
        with suppress(OSError):
            channel.close()
    async with asyncio.timeout(30):
        await serving


async def heard(channel: socket.socket) -> bytes:
    async with asyncio.timeout(30):
        return await asyncio.get_running_loop().sock_recv(channel, 64)


async def test_frames_both_ways(link: tuple[DolphinBar, socket.socket, socket.socket]) -> None:
    _, control, interrupt = link
    interrupt.send(b"\xa2\x15\x00")
    assert await heard(interrupt) == bytes.fromhex("a1 20 00 00 02 00 00 c6")
    control.send(b"\x52\x15\x00")
    assert await heard(control) == b"\x00"
    assert (await heard(interrupt))[:2] == b"\xa1\x20"


async def test_what_is_no_frame_is_not_heard(link: tuple[DolphinBar, socket.socket, socket.socket]) -> None:
    twin, control, interrupt = link
    for channel, frame in [(interrupt, b"\x15\x00"), (interrupt, b"\xa2"), (control, b"\xa2\x15\x00")]:
        channel.send(frame)
    interrupt.send(b"\xa2\x11\x10")
    interrupt.send(b"\xa2\x15\x00")
    assert await heard(interrupt) == bytes.fromhex("a1 20 00 00 12 00 00 c6")
    assert twin.body.leds == 0x10


async def test_a_board_that_saves_power_hangs_up(link: tuple[DolphinBar, socket.socket, socket.socket]) -> None:
    twin, control, interrupt = link
    interrupt.send(b"\xa2\x15\x00")
    assert await heard(interrupt)
    twin.inject("power-save")
    assert [await heard(channel) for channel in (interrupt, control)] == [b"", b""]


async def test_only_a_wii_board_saves_power() -> None:
    with pytest.raises(MonikerError, match="power-save@1: that cannot befall the board btracks"):
        await open_board("sim:btracks?load=constant:700&fault=power-save@1")
    with pytest.raises(ValueError, match="battery-low cannot befall a board of this kind"):
        make_twin(Sim("btracks", "constant:700")).inject("battery-low")
