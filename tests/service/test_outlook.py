"""A station that is told what is plugged in: boards are back at once, and strangers are shown."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from otolith.drivers.board import BoardInfo
from otolith.drivers.errors import BoardForbidden, DriverError
from otolith.drivers.lookout import HERE, Place
from otolith.drivers.opening import Sighting
from otolith.service.clock import VirtualClock
from otolith.service.config import Config
from otolith.service.state import BoardPhase, SeenBoard
from otolith.service.station import Station

Until = Callable[..., Awaitable[None]]
MONIKER = "usb:06c2:003b?serial=1001"
REMOTE = "usbip://127.0.0.1:3240/1-1"


@dataclass
class Windows:
    """A lookout at which the test stands."""

    views: dict[Place, "asyncio.Queue[list[Sighting] | Exception]"] = field(default_factory=dict)

    async def __call__(self, place: Place) -> AsyncGenerator[list[Sighting], None]:
        while True:
            view = await self.at(place).get()
            if isinstance(view, Exception):
                raise view
            yield view

    def at(self, place: Place) -> "asyncio.Queue[list[Sighting] | Exception]":
        return self.views.setdefault(place, asyncio.Queue())


def sighting(moniker: str = MONIKER, problem: DriverError | None = None) -> Sighting:
    return Sighting(moniker, "BTrackS", "1001", "1.02", "1-1", problem)


@pytest.fixture
def windows() -> Windows:
    return Windows()


@pytest.fixture
def running(clock: VirtualClock, bench: Any, config: Callable[..., Config], windows: Windows) -> Callable[..., Any]:
    @asynccontextmanager
    async def run(*monikers: str) -> AsyncIterator[Station]:
        async with Station(config(*monikers), clock, opener=bench.open, lookout=windows) as station:
            yield station

    return run


@pytest.mark.parametrize(("moniker", "place"), [(MONIKER, HERE), (REMOTE, Place("127.0.0.1", 3240))])
async def test_a_board_that_is_back_is_opened_without_any_time_passing(
    running: Any, bench: Any, windows: Windows, until: Until, *, moniker: str, place: Place
) -> None:
    async with running(moniker) as station:
        await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
        await bench.clock.advance(3600)
        attempts = bench.attempts
        bench.plug(moniker)
        windows.at(place).put_nowait([sighting(moniker)])
        await until(lambda: bench.opened)
        bench.newest().feed()
        await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING)
        assert bench.attempts == attempts + 1
        bench.unplug(moniker)
        windows.at(place).put_nowait([])
        await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
        bench.plug(moniker)
        windows.at(place).put_nowait([sighting(moniker)])
        await until(lambda: not bench.newest().closed)
        assert station.boards()[0].id == "twin-1001"


async def test_an_absent_board_is_seldom_looked_for_where_its_return_is_told(
    running: Any, bench: Any, until: Until
) -> None:
    async with running(MONIKER, "twin:unwatched") as station:
        await until(lambda: all(board.phase is not BoardPhase.CONNECTING for board in station.boards()))
        await bench.clock.advance(60)
        first = bench.attempts
        for _ in range(60):
            await bench.clock.advance(1)
        unwatched = 60 / 0.5
        assert unwatched + 60 / 10 <= bench.attempts - first <= 2 * (unwatched + 60 / 10)


async def test_boards_that_nobody_configured_are_told_with_their_moniker(
    running: Any, windows: Windows, until: Until
) -> None:
    forbidden = BoardForbidden("run sudo otolith udev --install")
    async with running(MONIKER) as station:
        assert station.state().seen == ()
        stranger = "usb:057e:0306?port=1-2"
        windows.at(HERE).put_nowait([sighting(), sighting(stranger, forbidden)])
        await until(lambda: station.state().seen)
        assert station.state().seen == (SeenBoard(stranger, "BTrackS", "1001", str(forbidden)),)
        windows.at(HERE).put_nowait([sighting()])
        await until(lambda: not station.state().seen)


async def test_a_board_that_could_be_opened_at_last_is(
    running: Any, bench: Any, windows: Windows, until: Until, info: Callable[..., BoardInfo]
) -> None:
    """The rule was installed: nothing was plugged in or out, but the problem is gone."""
    bench.plug(MONIKER, BoardForbidden("may not be opened by this user"))
    async with running(MONIKER) as station:
        await until(lambda: station.boards()[0].phase is BoardPhase.REFUSED)
        await bench.clock.advance(60)
        bench.plug(MONIKER, info())
        windows.at(HERE).put_nowait([sighting()])
        await until(lambda: bench.opened)


async def test_a_lookout_that_fails_is_a_fault_and_no_end(
    running: Any, bench: Any, windows: Windows, until: Until
) -> None:
    bench.plug(MONIKER)
    async with running(MONIKER) as station:
        windows.at(HERE).put_nowait(DriverError("USB needs the package libusb-package"))
        await until(lambda: station.state().faults)
        assert "lookout at this machine has stopped" in station.state().faults[0]
        await until(lambda: bench.opened)
