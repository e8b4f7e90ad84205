"""Whoever listens between a driver and its board, whatever the way."""

import struct
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

from otolith.drivers.capture.file import IN, OUT, Transfer
from otolith.drivers.errors import DriverError
from otolith.drivers.hid.way import Way
from otolith.drivers.wire import Overruns, UsbWire, Wire

T = TypeVar("T")
Source = Callable[[Callable[[bytes, int], T | None]], AsyncGenerator[T, None]]


class Snoop:
    """Keeps in ``transfers`` what crosses the way that it was last put into, in the order of completion.

    ``wire``, ``usb`` and ``way`` put it in; a driver that tries several ways asks several times, and the last counts.
    """

    def __init__(self) -> None:
        self.transfers: list[Transfer] = []
        self.began = time.monotonic_ns()

    def wire(self, wire: Wire) -> Wire:
        """Between a driver and a wire."""
        self.transfers = []
        return _Wire(wire, self)

    def usb(self, wire: UsbWire, endpoint: int = IN) -> UsbWire:
        """Between a driver and a USB board whose packets come from ``endpoint``."""
        self.transfers = []
        return _UsbWire(wire, self, endpoint)

    def way(self, way: Way) -> Way:
        """Between a driver and reports."""
        self.transfers = []
        return _Way(way, self)

    def now(self) -> int:
        """Nanoseconds since it began."""
        return time.monotonic_ns() - self.began

    async def listening(
        self, source: Source[T], transform: Callable[[bytes, int], T | None], endpoint: int
    ) -> AsyncGenerator[T, None]:
        """Everything that ``source`` hears, kept on the way to ``transform``."""

        def listen(packet: bytes, t_host: int) -> T | None:
            self.transfers.append(Transfer(t_host - self.began, packet, endpoint=endpoint))
            return transform(packet, t_host)

        self.transfers.append(Transfer(self.now(), listen=True))
        async with aclosing(source(listen)) as news:
            async for item in news:
                yield item


class _Wire:
    """See ``Wire``."""

    def __init__(self, wire: Wire, snoop: Snoop, endpoint: int = IN) -> None:
        self._wire = wire
        self._snoop = snoop
        self._endpoint = endpoint

    async def control(
        self, request_type: int, request: int, value: int, index: int, data_or_length: bytes | int = b""
    ) -> bytes:
        """See ``Wire``."""
        length = data_or_length if isinstance(data_or_length, int) else len(data_or_length)
        setup = struct.pack("<BBHHH", request_type, request, value, index, length)
        sent = b"" if isinstance(data_or_length, int) else data_or_length
        try:
            answer = await self._wire.control(request_type, request, value, index, data_or_length)
        except DriverError as error:
            self._snoop.transfers.append(Transfer(self._snoop.now(), sent, setup, error=type(error).__name__))
            raise
        self._snoop.transfers.append(Transfer(self._snoop.now(), answer or sent, setup))
        return answer

    def packets(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None, length: int = 0
    ) -> AsyncGenerator[T, None]:
        """See ``Wire``."""
        return self._snoop.listening(
            lambda listen: self._wire.packets(listen, silence=silence, length=length), transform, self._endpoint
        )

    def statistics(self) -> Overruns:
        """See ``Wire``."""
        return self._wire.statistics()

    async def aclose(self) -> None:
        """See ``Wire``."""
        await self._wire.aclose()


class _UsbWire(_Wire):
    """See ``UsbWire``."""

    def __init__(self, wire: UsbWire, snoop: Snoop, endpoint: int) -> None:
        super().__init__(wire, snoop, endpoint)
        self._usb = wire

    async def ask(self, out: int, question: bytes, into: int, length: int = 64) -> bytes:
        """See ``UsbWire``."""
        keep, now = self._snoop.transfers.append, self._snoop.now
        try:
            answer = await self._usb.ask(out, question, into, length)
        except DriverError as error:
            keep(Transfer(now(), b"", endpoint=into, error=type(error).__name__, asked=question))
            raise
        keep(Transfer(now(), answer, endpoint=into, asked=question))
        return answer

    async def write(self, endpoint: int, data: bytes) -> int:
        """See ``UsbWire``."""
        keep, now = self._snoop.transfers.append, self._snoop.now
        try:
            taken = await self._usb.write(endpoint, data)
        except DriverError as error:
            keep(Transfer(now(), data, endpoint=endpoint, error=type(error).__name__))
            raise
        keep(Transfer(now(), data, endpoint=endpoint))
        return taken

    async def drain(self, endpoint: int) -> int:
        """See ``UsbWire``; what is thrown away is not kept either."""
        return await self._usb.drain(endpoint)


class _Way:
    """See ``hid.way.Way``."""

    def __init__(self, way: Way, snoop: Snoop) -> None:
        self._way = way
        self._snoop = snoop

    async def send(self, report: bytes) -> None:
        """See ``Way``."""
        # Kept before it is sent: its answer may be here before the sender goes on.
        self._snoop.transfers.append(Transfer(self._snoop.now(), report, endpoint=OUT))
        await self._way.send(report)

    def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """See ``Way``."""
        return self._snoop.listening(lambda listen: self._way.reports(listen, silence=silence), transform, IN)

    def statistics(self) -> Overruns:
        """See ``Way``."""
        return self._way.statistics()

    async def aclose(self) -> None:
        """See ``Way``."""
        await self._way.aclose()
