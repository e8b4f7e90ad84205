import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from otolith.drivers.usb import backends, hotplug
from otolith.drivers.usb.hotplug import Change, changes
from otolith.drivers.usb.loopback import Loopback

pytestmark = pytest.mark.usefixtures("watchful_loop")
PATIENCE = 10.0
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
OTHERS = [UEVENT.replace(b"usb_device", b"usb_interface"), UEVENT.replace(b"SUBSYSTEM=usb", b"SUBSYSTEM=net")]


def come(path: str) -> Change:
    return Change(True, 0x1209, 1, path)


def gone(path: str) -> Change:
    return Change(False, 0x1209, 1, path)


@pytest.fixture
def watched(bus: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(hotplug, "POLL", 0.01)
    return bus


async def test_plugging_and_unplugging_are_told(watched: Any) -> None:
    async with asyncio.timeout(PATIENCE), aclosing(changes(backends.usbip(port=watched.port))) as heard:
        assert await anext(heard) == come("1-1")
        await asyncio.to_thread(watched.do, watched.server.plug, "1-2", Loopback())
        assert await anext(heard) == come("1-2")
        await asyncio.to_thread(watched.run, watched.server.unplug("1-1"))
        assert await anext(heard) == gone("1-1")


async def test_a_server_that_goes_away_takes_its_boards_with_it(watched: Any) -> None:
    async with asyncio.timeout(PATIENCE), aclosing(changes(backends.usbip(port=watched.port))) as heard:
        assert await anext(heard) == come("1-1")
        await asyncio.to_thread(watched.run, watched._stack.aclose())
        assert await anext(heard) == gone("1-1")


@pytest.fixture
async def bell() -> AsyncIterator[tuple[socket.socket, socket.socket]]:
    ours, kernel = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ours.setblocking(False)
    kernel.setblocking(False)
    with ours, kernel:
        yield ours, kernel


async def test_the_kernels_word_makes_us_look(
    bus: Any, bell: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hotplug, "_SETTLE", 0.0)
    ours, kernel = bell
    watching = hotplug._watch(backends.usbip(port=bus.port), ours, 3600)
    async with asyncio.timeout(PATIENCE), aclosing(watching) as heard:
        assert await anext(heard) == come("1-1")
        await asyncio.to_thread(bus.do, bus.server.plug, "1-2", Loopback())
        for event in (*OTHERS, UEVENT):
            await asyncio.get_running_loop().sock_sendall(kernel, event)
        assert await anext(heard) == come("1-2")


@pytest.mark.parametrize(("event", "ours"), [(UEVENT, True), *((other, False) for other in OTHERS), (b"", False)])
def test_only_devices_of_usb_concern_us(event: bytes, ours: bool) -> None:
    assert hotplug._is_device(event) is ours


async def test_watching_this_machines_ports_can_be_cancelled() -> None:
    libusb = await asyncio.to_thread(backends.libusb)
    async with aclosing(changes(libusb)) as heard:
        listening = asyncio.ensure_future(anext(heard))
        await asyncio.wait([listening], timeout=0.05)
        listening.cancel()
        await asyncio.wait([listening])
