"""A board by every way there is: the same twin behind a DolphinBar, a hidraw node, and both manners of L2CAP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.board import Board
from otolith.drivers.errors import BoardNotFound
from otolith.drivers.hid import l2cap
from otolith.drivers.monikers import Stance, Wii
from otolith.drivers.opening import open_board
from otolith.drivers.rig.bench import Bench
from otolith.drivers.wii.board import WiiBoard
from otolith.drivers.wii.hidraw import open_hidraw
from otolith.drivers.wii.l2cap import open_l2cap
from otolith.drivers.wii.twin import DolphinBar, serve_hidraw, serve_l2cap

ADDRESS = "00:1f:c5:12:34:56"
NAME = f"{ADDRESS} (twin)"
STANCE = ("turn", "cells", "crc", "temperature", "gravity")


def sockets() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


@dataclass
class Way:
    """A board and the way to it."""

    name: str
    twin: DolphinBar
    opener: Callable[[Stance], Awaitable[Board]]
    said: list[bytes] = field(default_factory=list)
    """Output reports as they reached the board."""

    async def open(self, **stance: object) -> WiiBoard:
        board = await self.opener(Stance(**stance))  # type: ignore[arg-type]  # the tests' own options
        assert isinstance(board, WiiBoard)
        return board

    @property
    def sent(self) -> NDArray[np.float64]:
        return np.array(self.twin.delivered(), dtype=float)


class Air:
    """Bluetooth between machine and board; a board that is off does not answer, one that comes back does."""

    def __init__(self, twin: DolphinBar, stack: AsyncExitStack) -> None:
        self._twin = twin
        self._stack = stack
        self._serving: list[asyncio.Task[None]] = []
        self._control: socket.socket | None = None
        stack.push_async_callback(self._end)

    def _check(self) -> None:
        if "power-save" in self._twin.faults.lasting:
            raise BoardNotFound(f"{ADDRESS} does not answer: press the red SYNC button")

    async def dial(self, address: str, psm: int) -> socket.socket:
        assert address == ADDRESS
        self._check()
        near, far = sockets()
        if psm == l2cap.CONTROL:
            self._control = far
        else:
            assert (psm, self._control is None) == (l2cap.INTERRUPT, False), "control comes first"
            assert self._control is not None
            self._serving.append(asyncio.create_task(serve_l2cap(self._twin, self._control, far)))
        return near

    def node(self) -> int:
        self._check()
        near, far = sockets()
        self._serving.append(asyncio.create_task(serve_hidraw(self._twin, far)))
        return near.detach()

    async def _end(self) -> None:
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)


def listened(way: Way) -> Way:
    hear = way.twin.body.hear

    def hearing(report: bytes) -> list[bytes]:
        way.said.append(report)
        return hear(report)

    way.twin.body.hear = hearing  # type: ignore[method-assign]  # only to look on
    return way


@pytest.fixture(params=["bar", "hidraw", "l2cap"])
async def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Way]:
    """Every way; answers are waited for less long, and samples come faster, so that the many tests cost little time."""
    monkeypatch.setattr("otolith.drivers.wii.board.WAIT", 0.05)
    monkeypatch.setattr("otolith.drivers.wii.board.PATIENCE", 0.5)
    monkeypatch.setattr("otolith.drivers.wii.twin.dolphinbar.PERIOD", 0.002)
    async with Bench() as bench, AsyncExitStack() as stack:
        plugged = bench.plug("wii")
        twin = plugged.twin
        assert isinstance(twin, DolphinBar)
        air = Air(twin, stack)

        async def over_bar(stance: Stance) -> Board:
            plugged.stance = stance
            return await open_board(plugged.moniker)

        async def over_hidraw(stance: Stance) -> Board:
            fd = air.node()
            monkeypatch.setattr("otolith.drivers.wii.hidraw._opened", lambda _: fd)
            return await open_hidraw(wii("hidraw", stance, node="/dev/hidraw99"))

        async def over_l2cap(stance: Stance) -> Board:
            return await open_l2cap(wii("l2cap", stance), dial=air.dial, name=NAME)

        async def over_control(stance: Stance) -> Board:
            return await open_l2cap(replace(wii("l2cap", stance), output="control"), dial=air.dial, name=NAME)

        openers = {"bar": over_bar, "hidraw": over_hidraw, "l2cap": over_l2cap, "l2cap-control": over_control}
        yield listened(Way(request.param, twin, openers[request.param]))


def wii(via: str, stance: Stance, node: str = ADDRESS) -> Wii:
    return Wii(node, via, **{name: getattr(stance, name) for name in STANCE})
