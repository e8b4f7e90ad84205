"""The kernel's events, as it sends them."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from otolith.drivers.uevents import Bell, is_ours

# As Linux sends it (Documentation/core-api/kobject.rst): a summary, then the environment, closed by zeros.
UEVENT = b"\0".join(
    [
        b"add@/devices/pci0000:00/0000:00:14.0/usb1/1-1",
        b"ACTION=add",
        b"SUBSYSTEM=usb",
        b"DEVTYPE=usb_device",
        b"PRODUCT=1209/1/123",
        b"SEQNUM=4711",
        b"",
    ]
)
HIDRAW = UEVENT.replace(b"SUBSYSTEM=usb", b"SUBSYSTEM=hidraw").replace(b"DEVTYPE=usb_device\0", b"")
OTHERS = [UEVENT.replace(b"usb_device", b"usb_interface"), UEVENT.replace(b"SUBSYSTEM=usb", b"SUBSYSTEM=net")]


@pytest.fixture
async def wire() -> AsyncIterator[tuple[Bell, socket.socket]]:
    ours, kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    kernel.setblocking(False)
    with kernel:
        bell = Bell(ours, settle=0.0)
        yield bell, kernel
        bell.close()


@pytest.mark.parametrize("event", [UEVENT, HIDRAW])
async def test_a_device_of_ours_rings(wire: tuple[Bell, socket.socket], event: bytes) -> None:
    bell, kernel = wire
    for other in (*OTHERS, event):
        await asyncio.get_running_loop().sock_sendall(kernel, other)
    async with asyncio.timeout(10):
        await bell.wait(3600)


async def test_nothing_rings_for_others_and_the_wait_ends_all_the_same(wire: tuple[Bell, socket.socket]) -> None:
    bell, kernel = wire
    for other in OTHERS:
        await asyncio.get_running_loop().sock_sendall(kernel, other)
    ringing = asyncio.create_task(bell.wait(3600))
    done, _ = await asyncio.wait([ringing], timeout=0.05)
    assert not done
    ringing.cancel()
    async with asyncio.timeout(10):
        await bell.wait(0.01)


@pytest.mark.parametrize(
    ("event", "ours"), [(UEVENT, True), (HIDRAW, True), *((other, False) for other in OTHERS), (b"", False)]
)
def test_only_what_could_be_a_board_concerns_us(event: bytes, ours: bool) -> None:
    assert is_ours(event.split(b"\0")) is ours


async def test_the_kernels_own_events_can_be_listened_to() -> None:
    bell = Bell.hung()
    if bell is None:
        pytest.skip("this system has no kernel events to listen to")
    await bell.wait(0.0)
    bell.close()
