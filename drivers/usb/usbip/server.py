"""A USB/IP device server: any host that can attach USB/IP sees our gadgets as boards on a port."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import TypeVar

from otolith.drivers.usb.descriptors import parse_configuration, parse_device
from otolith.drivers.usb.gadget import Gadget
from otolith.drivers.usb.usbip.chapter9 import Chapter9
from otolith.drivers.usb.usbip.handshake import (
    ImportReply,
    ImportRequest,
    Listed,
    ListReply,
    Record,
    decode_request,
)
from otolith.drivers.usb.usbip.session import Session
from otolith.drivers.usb.usbip.sockets import tune
from otolith.drivers.usb.usbip.wire import Buffer, WireError, decode_command

MAX_CONNECTIONS = 64  # a host needs one for each board it holds and one more while it asks for the list
HANDSHAKE = 10.0  # seconds a caller has to say what it wants
_ADDRESSES = range(2, 1 << 16)  # 1 is the root hub's; a device gets a new one each time it is plugged in
_CHUNK = 1 << 16

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class ServerStatistics:
    """Counters since the server was made; they only grow."""

    connections: int = 0
    crowded_out: int = 0
    """Connections closed at once, because there were MAX_CONNECTIONS."""
    imports: int = 0
    refused: int = 0
    """Imports of a device that is not there, or that another host holds."""
    malformed: int = 0
    """Links closed because the peer did not speak USB/IP, or too much of it."""


@dataclass(slots=True, eq=False)
class _Port:
    gadget: Gadget
    listed: Listed
    holder: "_Link | None" = None


@dataclass(slots=True, eq=False)
class _Link:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    buffer: Buffer = field(default_factory=Buffer)
    task: asyncio.Task[None] | None = None

    async def receive(self, decode: Callable[[bytearray], tuple[M, int] | None]) -> M:
        """Wait for a whole message. Raises WireError, and EOFError when the peer closes."""
        while (message := self.buffer.take(decode)) is None:
            data = await self.reader.read(_CHUNK)
            if not data:
                raise EOFError
            self.buffer.feed(data)
        return message


class UsbipServer:
    """Exports gadgets by bus id (``1-1``); each belongs to one host at a time.

    A peer that breaks the protocol loses its link, never the server. Raises DescriptorError for a gadget whose
    descriptors cannot be read.
    """

    def __init__(self, gadgets: Mapping[str, Gadget]) -> None:
        self._ports: dict[str, _Port] = {}
        self._links: set[_Link] = set()
        self._addresses = cycle(_ADDRESSES)
        self._statistics = ServerStatistics()
        for busid, gadget in gadgets.items():
            self.plug(busid, gadget)

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[int]:
        """Listen while the context lasts and yield the port bound; at its end every link is dropped."""
        server = await asyncio.start_server(self._welcome, host, port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            while self._links:
                await asyncio.gather(*map(self._drop, tuple(self._links)))
            await server.wait_closed()

    def plug(self, busid: str, gadget: Gadget) -> None:
        """Put a gadget on a free port. Raises ValueError when the port is taken."""
        if busid in self._ports:
            raise ValueError(f"port {busid} is taken; unplug it first")
        self._ports[busid] = _Port(gadget, _listed(busid, next(self._addresses), gadget))

    async def unplug(self, busid: str) -> None:
        """Pull a gadget out: the link of its host, if any, breaks at once. Raises KeyError for an empty port."""
        port = self._ports.pop(busid)
        if port.holder:
            await self._drop(port.holder)

    def statistics(self) -> ServerStatistics:
        """Read the counters."""
        return self._statistics

    def _count(self, name: str) -> None:
        self._statistics = replace(self._statistics, **{name: getattr(self._statistics, name) + 1})

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count("connections")
        if len(self._links) >= MAX_CONNECTIONS:
            self._count("crowded_out")
            writer.close()
            return
        tune(writer.get_extra_info("socket"))
        link = _Link(reader, writer)
        link.task = asyncio.create_task(self._attend(link), name="usbip link")
        self._links.add(link)
        link.task.add_done_callback(lambda _: self._links.discard(link))

    async def _drop(self, link: _Link) -> None:
        link.writer.transport.abort()
        if link.task:
            link.task.cancel()
            await asyncio.gather(link.task, return_exceptions=True)

    async def _attend(self, link: _Link) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE):
                request = await link.receive(decode_request)
            if isinstance(request, ImportRequest):
                await self._import(link, request.busid)
            else:
                link.writer.write(ListReply(tuple(port.listed for port in self._ports.values())).encode())
                await link.writer.drain()
        except WireError:
            self._count("malformed")
        except (EOFError, OSError):  # OSError: reset by the peer, or too slow to say what it wants
            pass
        except Exception as error:  # noqa: BLE001 - a gadget that fails costs its own link, not the server
            context = {"message": "a gadget failed", "exception": error, "task": link.task}
            asyncio.get_running_loop().call_exception_handler(context)
        finally:
            link.writer.close()
            with suppress(OSError):
                await link.writer.wait_closed()

    async def _import(self, link: _Link, busid: str) -> None:
        port = self._ports.get(busid)
        if port is None or port.holder:
            self._count("refused")
            link.writer.write(ImportReply(None).encode())
            return
        port.holder = link
        try:
            await self._lend(link, port)
        finally:
            port.holder = None

    async def _lend(self, link: _Link, port: _Port) -> None:
        record = port.listed.record
        session = Session(Chapter9(port.gadget), record.devid, link.writer.write)
        await port.gadget.attach()
        try:
            self._count("imports")
            link.writer.write(ImportReply(record).encode())
            while True:
                session.handle(await link.receive(decode_command))
                await link.writer.drain()
        finally:
            await session.aclose()
            await port.gadget.detach()


def _listed(busid: str, address: int, gadget: Gadget) -> Listed:
    device = parse_device(gadget.device_descriptor)
    configuration = parse_configuration(gadget.configuration_descriptor)
    first = [setting for setting in configuration.settings if setting.bAlternateSetting == 0]
    bus = busid.split("-", 1)[0]
    record = Record(
        path=f"/sys/devices/otolith/usb{bus}/{busid}",
        busid=busid,
        busnum=int(bus) if bus.isdecimal() else 1,
        devnum=address,
        speed=gadget.speed,
        vendor=device.idVendor,
        product=device.idProduct,
        release=device.bcdDevice,
        device_class=device.bDeviceClass,
        device_subclass=device.bDeviceSubClass,
        device_protocol=device.bDeviceProtocol,
        configuration=configuration.bConfigurationValue,
        configurations=device.bNumConfigurations,
        interfaces=len(first),
    )
    classes = tuple((one.bInterfaceClass, one.bInterfaceSubClass, one.bInterfaceProtocol) for one in first)
    return Listed(record, classes)
