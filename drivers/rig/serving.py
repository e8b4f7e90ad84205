"""A twin for other programs and machines, and the orders it takes: ``otolith rig serve`` and ``otolith rig fault``."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final
from urllib.parse import quote

from otolith.drivers.errors import BoardLost, BoardRefused, MonikerError
from otolith.drivers.monikers import USBIP_PORT, Sim, parse
from otolith.drivers.rig.ports import LOOPBACK, Rig
from otolith.drivers.twins import make_twin

_LINE: Final = 4096
"""Longest order in bytes; real ones have thirty."""


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
