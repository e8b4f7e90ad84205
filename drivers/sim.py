"""Simulated boards: a twin in this program, exported over USB/IP and opened like any other board."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Self, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, Cell, StreamStatistics
from otolith.drivers.errors import BoardNotFound, MonikerError
from otolith.drivers.loading import load_source
from otolith.drivers.monikers import Sim, form
from otolith.drivers.phidget_bridge.board import PhidgetBridge, open_bridge
from otolith.drivers.phidget_bridge.codec import ZERO
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE, SPAN, btracks_cells, nominal
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.phidget_bridge.twin import Bridge, HidBridge, VendorBridge
from otolith.drivers.usb.backends import usbip
from otolith.drivers.usb.seen import find
from otolith.drivers.usb.usbip.server import UsbipServer

BUSID: Final = "1-1"

T = TypeVar("T")


def make_twin(moniker: Sim) -> Bridge:
    """The twin that a moniker describes, not yet on any port; MonikerError where its load cannot be."""
    kind = (HidBridge, VendorBridge)[moniker.rev]
    if moniker.board != "btracks":
        raise MonikerError(f"no twin of a board {moniker.board!r}; there is btracks")
    return kind(
        load_source(moniker.load, twin_cells(moniker)),
        nominal(NOMINAL_SLOPE / ZERO / GAIN, float(ZERO)),
        serial=moniker.serial,
        seed=moniker.seed,
        skew=moniker.skew,
        faults=moniker.fault,
    )


def twin_cells(moniker: Sim) -> tuple[Cell, ...]:
    """Where the twin's cells stand; the driver will be told the same."""
    return btracks_cells(moniker.cells or SPAN, moniker.turn)


class SimBoard:
    """A board whose other end is at hand: ``twin`` takes faults, ``unplug`` and ``plug`` move its cable.

    After ``plug`` the twin can be opened again at ``usbip://127.0.0.1:{port}/1-1``; this board stays lost.
    """

    def __init__(
        self, board: PhidgetBridge, twin: Bridge, server: UsbipServer, port: int, stack: AsyncExitStack
    ) -> None:
        self.twin = twin
        self.port = port
        self._board = board
        self._server = server
        self._stack = stack
        self._unplugging: asyncio.Task[None] | None = None
        twin.on_unplug = self._pull

    @property
    def info(self) -> BoardInfo:
        """Who it is."""
        return self._board.info

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        return self._board.statistics()

    def batches(self) -> AsyncIterator[Batch]:
        """See ``Board``."""
        return self._board.batches()

    def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """See ``Board``."""
        return self._board.stream(transform)

    async def identify(self) -> None:
        """See ``Board``."""
        await self._board.identify()

    async def unplug(self) -> None:
        """Pull the cable."""
        self._pull()
        if self._unplugging:
            await self._unplugging

    def plug(self) -> None:
        """Put the cable back in."""
        self._server.plug(BUSID, self.twin)
        self._unplugging = None

    def _pull(self) -> None:
        if self._unplugging is None:
            self._unplugging = asyncio.create_task(self._server.unplug(BUSID), name="unplug the twin")

    async def aclose(self) -> None:
        """Close the board, then its twin; safe to call twice."""
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def open_sim(moniker: Sim) -> SimBoard:
    """Make the twin, export it on a free port of the loopback interface, and open it; raises DriverError."""
    twin = make_twin(moniker)
    async with AsyncExitStack() as stack:
        server = UsbipServer({BUSID: twin})
        port = await stack.enter_async_context(server.serving())
        found = await asyncio.to_thread(find, usbip(port=port))
        if not found:
            raise BoardNotFound("the twin did not come up")
        board = await stack.enter_async_context(await open_bridge(found[0], form(moniker), moniker, simulated=True))
        return SimBoard(board, twin, server, port, stack.pop_all())
    raise AssertionError("unreachable")
