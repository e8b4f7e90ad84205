"""Simulated boards: a twin in this program, exported over USB/IP and opened like any other board."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import Board, StreamStatistics
from otolith.drivers.errors import BoardNotFound, BoardRefused
from otolith.drivers.families import open_usb
from otolith.drivers.loads import DOWN, Push, by_hand
from otolith.drivers.monikers import Sim, form
from otolith.drivers.patient.asked import Asked
from otolith.drivers.proving import Proof, Provable
from otolith.drivers.reading import OneReader
from otolith.drivers.rig import Rig
from otolith.drivers.twins import Twin, make_twin
from otolith.drivers.usb.backends import usbip
from otolith.drivers.usb.seen import Seen, find
from otolith.drivers.wire import Listen

T = TypeVar("T")


class SimBoard(OneReader):
    """A board whose other end is at hand: ``twin`` takes faults, ``rig`` moves its cable."""

    def __init__(self, board: Board, rig: Rig, busid: str, seen: Seen, stack: AsyncExitStack) -> None:
        super().__init__(board.info)
        self.seen = seen
        """What it is on its port."""
        self.rig = rig
        self.busid = busid
        self._board = board
        self._stack = stack

    @property
    def twin(self) -> Twin:
        """The board's other end."""
        return self.rig.twins[self.busid]

    def put(self, newtons: float, x: float, y: float, height: float = 0.0, push: Push = DOWN) -> None:
        """Put a weight there, mm from the centre, in place of any other; see ``ByHand``.

        BoardRefused unless loaded by ``weights:``.
        """
        source = by_hand(self.twin.source)
        if source is None:
            raise BoardRefused(f"{self.info.moniker} is not loaded with weights: name it with load=weights:true")
        source.put(newtons, x, y, height, push)
        self.twin.refresh()

    def ask(self, asked: Asked) -> None:
        """Tell whoever stands on it what to do; who is a recording does not listen."""
        self.twin.ask(asked)

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        return self._board.statistics()

    def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """See ``Board``."""
        return self._board.stream(transform)

    async def identify(self) -> None:
        """See ``Board``."""
        await self._board.identify()

    async def prove(self, seconds: float) -> Proof:
        """See ``Provable``; BoardRefused where this family has no test pattern."""
        if not isinstance(self._board, Provable):
            raise BoardRefused(f"{self.info.model} has no test pattern")
        return await self._board.prove(seconds)

    async def aclose(self) -> None:
        """Close the board, then its twin; safe to call twice."""
        await self._stack.aclose()


async def open_sim(moniker: Sim, listen: Listen | None = None) -> SimBoard:
    """Make the twin, export it on a free port of the loopback interface, and open it; raises DriverError.

    ``listen`` may put itself between the driver and the twin.
    """
    twin = await asyncio.to_thread(make_twin, moniker)  # it may read a recording
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(Rig())
        busid = rig.add(twin)
        found = await asyncio.to_thread(find, usbip(rig.host, rig.port))
        if not found:
            raise BoardNotFound(f"{form(moniker)} did not come up")
        board = await stack.enter_async_context(await open_usb(found[0], form(moniker), moniker, listen))
        closing = stack.pop_all()
    return SimBoard(board, rig, busid, found[0], closing)
