"""What is plugged in, told again when it changes."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from otolith.drivers.usb import backends
from otolith.drivers.usb.hotplug import exported, looks
from otolith.drivers.usb.loopback import Loopback

pytestmark = pytest.mark.usefixtures("watchful_loop")
PATIENCE = 10.0


async def test_plugging_and_unplugging_are_told(bus: Any) -> None:
    backend = backends.usbip(port=bus.port)
    async with asyncio.timeout(PATIENCE), aclosing(looks(lambda: exported(backend), 0.01)) as heard:
        assert [record.busid for record in await anext(heard)] == ["1-1"]
        await asyncio.to_thread(bus.do, bus.server.plug, "1-2", Loopback())
        assert [record.busid for record in await anext(heard)] == ["1-1", "1-2"]
        await asyncio.to_thread(bus.run, bus.server.unplug("1-1"))
        assert [record.busid for record in await anext(heard)] == ["1-2"]


async def test_a_board_that_was_out_between_two_looks_has_come_again(bus: Any) -> None:
    backend = backends.usbip(port=bus.port)
    async with asyncio.timeout(PATIENCE), aclosing(looks(lambda: exported(backend), 0.01)) as heard:
        [before] = await anext(heard)
        await asyncio.to_thread(bus.run, bus.server.unplug("1-1"))
        await asyncio.to_thread(bus.do, bus.server.plug, "1-1", Loopback())
        after = await anext(heard) or await anext(heard)
        assert (after[0].busid, after[0].devnum != before.devnum) == ("1-1", True)


async def test_a_server_that_goes_away_takes_its_boards_with_it(bus: Any) -> None:
    backend = backends.usbip(port=bus.port)
    async with asyncio.timeout(PATIENCE), aclosing(looks(lambda: exported(backend), 0.01)) as heard:
        assert len(await anext(heard)) == 1
        await asyncio.to_thread(bus.run, bus._stack.aclose())
        assert await anext(heard) == ()


async def test_what_has_not_changed_is_not_told_again() -> None:
    views = iter("aaab")
    async with asyncio.timeout(PATIENCE), aclosing(looks(lambda: next(views), 0.0)) as heard:
        assert [await anext(heard), await anext(heard)] == ["a", "b"]
