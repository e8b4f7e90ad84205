"""Twins on the ports of a USB/IP server."""

import asyncio
from dataclasses import fields
from typing import Final, Self

from otolith.drivers.monikers import Stance, Usbip, form
from otolith.drivers.twins import Twin
from otolith.drivers.usb.usbip.server import UsbipServer

LOOPBACK: Final = "127.0.0.1"
CLEAR: Final = "clear"
PLUG: Final = "plug"


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
        return form(Usbip(self.host, busid, self.port, **{f.name: getattr(stance, f.name) for f in fields(Stance)}))

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
