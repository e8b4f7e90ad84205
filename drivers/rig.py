"""Twins on the ports of a USB/IP server: what a test plugs in, and what ``otolith rig serve`` exports."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final, Self
from urllib.parse import quote

from otolith.drivers.errors import BoardLost, BoardRefused, MonikerError
from otolith.drivers.monikers import USBIP_PORT, Sim, Stance, Usbip, form, parse
from otolith.drivers.twins import Twin, make_twin
from otolith.drivers.usb.usbip.server import UsbipServer

CLEAR: Final = "clear"
PLUG: Final = "plug"
LOOPBACK: Final = "127.0.0.1"
_LINE: Final = 4096
"""Longest order in bytes; real ones have thirty."""


class Rig:
    """A server with as many twins as are plugged in; ``async with Rig() as rig``."""

    def __init__(self, host: str = LOOPBACK, port: int = 0) -> None:
        self.host = host
        self.port = port
        self.twins: dict[str, Twin] = {}
        """By bus id; a twin keeps its port when it is unplugged."""
        self.orders: int | None = None
        """Port of the loopback interface that takes orders, where one does."""
        self._server = UsbipServer({})
        self._serving = self._server.serving(host, port)
        self._pulling: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        self.port = await self._serving.__aenter__()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await asyncio.gather(*self._pulling.values(), return_exceptions=True)
        await self._serving.__aexit__(None, None, None)

    def add(self, twin: Twin) -> str:
        """Plug a twin into the next free port; returns its bus id."""
        busid = f"1-{len(self.twins) + 1}"
        self.twins[busid] = twin
        twin.on_unplug = lambda: self._pull(busid)
        self._server.plug(busid, twin)
        return busid

    def moniker(self, busid: str, stance: Stance | None = None) -> str:
        """What ``open_board`` opens it by; ``stance`` as the twin's own."""
        stance = stance or Stance()
        remote = Usbip(self.host, busid, self.port, turn=stance.turn, cells=stance.cells, interval=stance.interval)
        return form(remote)

    async def unplug(self, busid: str) -> None:
        """Pull the cable; returns when the link is broken."""
        self._pull(busid)
        await self._pulling[busid]

    async def plug(self, busid: str) -> None:
        """Put the cable back in; nothing happens where it is in."""
        pulling = self._pulling.pop(busid, None)
        if pulling:
            await pulling
            self._server.plug(busid, self.twins[busid])

    async def order(self, busid: str, what: str) -> None:
        """A fault by name (see ``monikers.FAULTS``), ``clear`` or ``plug``; ValueError names what there is."""
        if busid not in self.twins:
            raise ValueError(f"no twin on port {busid}; there is {', '.join(self.twins) or 'none'}")
        if what == CLEAR:
            self.twins[busid].clear()
        elif what == PLUG:
            await self.plug(busid)
        else:
            self.twins[busid].inject(what)

    def _pull(self, busid: str) -> None:
        if busid not in self._pulling:
            self._pulling[busid] = asyncio.create_task(self._server.unplug(busid), name=f"unplug {busid}")


@asynccontextmanager
async def serve_twin(
    board: str,
    load: str,
    host: str = LOOPBACK,
    port: int = USBIP_PORT,
    *,
    options: str = "",
    orders: int | None = None,
) -> AsyncIterator[Rig]:
    """Export one twin over USB/IP while the context lasts: ``serve_twin("btracks", "recording:BDS00001")``.

    ``options`` are those of a ``sim:`` moniker (``rev=1&seed=7``). ``orders`` opens a port of the loopback interface
    for :func:`send_order` (0: any free one, then read it from the rig). Raises MonikerError, and OSError where a port
    is taken.
    """
    text = f"sim:{board}?load={quote(load, safe=':@,')}" + (f"&{options}" if options else "")
    moniker = parse(text)
    if not isinstance(moniker, Sim):
        raise MonikerError(f"{text!r} is no twin. Right is: {Sim.example}")
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(Rig(host, port))
        rig.add(make_twin(moniker))
        if orders is not None:
            rig.orders = await stack.enter_async_context(_taking_orders(rig, orders))
        yield rig


async def send_order(what: str, port: int, busid: str = "1-1") -> None:
    """Tell a rig of this machine to do something to a twin; BoardRefused with its words, BoardLost if none listens."""
    try:
        reader, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.write(json.dumps({"busid": busid, "order": what}).encode() + b"\n")
        answer = json.loads(await reader.readline() or b'{"error": "the rig hung up"}')
        writer.close()
        await writer.wait_closed()
    except (OSError, ValueError) as error:
        raise BoardLost(f"no rig takes orders on port {port} of this machine: {error}") from error
    if answer.get("error"):
        raise BoardRefused(str(answer["error"]))


@asynccontextmanager
async def _taking_orders(rig: Rig, port: int) -> AsyncIterator[int]:
    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError):  # the peer hung up, or sent a line without end
            while line := await reader.readline():
                writer.write(json.dumps(await _obey(rig, line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(attend, LOOPBACK, port, limit=_LINE)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _obey(rig: Rig, line: bytes) -> dict[str, str]:
    try:
        order = json.loads(line)
        await rig.order(str(order["busid"]), str(order["order"]))
    except (ValueError, KeyError, TypeError) as error:
        return {"error": f"{error}"}
    return {"done": str(order["order"])}
