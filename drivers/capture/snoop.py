"""A wire that is listened to."""

import struct
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar

from otolith.drivers.capture.file import Transfer
from otolith.drivers.errors import DriverError
from otolith.drivers.wire import Overruns, UsbWire

T = TypeVar("T")


class Snoop:
    """Passes everything through to ``wire`` and keeps it in ``transfers``, in the order of completion."""

    def __init__(self, wire: UsbWire, endpoint: int = 0x81) -> None:
        self.transfers: list[Transfer] = []
        self._wire = wire
        self._endpoint = endpoint
        self._began = time.monotonic_ns()

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
            self._keep(Transfer(self._now(), sent, setup, error=type(error).__name__))
            raise
        self._keep(Transfer(self._now(), answer or sent, setup))
        return answer

    async def ask(self, out: int, question: bytes, into: int, length: int = 64) -> bytes:
        """See ``UsbWire``."""
        try:
            answer = await self._wire.ask(out, question, into, length)
        except DriverError as error:
            self._keep(Transfer(self._now(), b"", endpoint=into, asked=question, error=type(error).__name__))
            raise
        self._keep(Transfer(self._now(), answer, endpoint=into, asked=question))
        return answer

    async def write(self, endpoint: int, data: bytes) -> int:
        """See ``UsbWire``."""
        try:
            taken = await self._wire.write(endpoint, data)
        except DriverError as error:
            self._keep(Transfer(self._now(), b"", endpoint=endpoint, asked=data, error=type(error).__name__))
            raise
        self._keep(Transfer(self._now(), b"", endpoint=endpoint, asked=data))
        return taken

    async def drain(self, endpoint: int) -> int:
        """See ``UsbWire``; what is thrown away is not kept either."""
        return await self._wire.drain(endpoint)

    def packets(self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None) -> AsyncIterator[T]:
        """See ``Wire``."""

        def listen(packet: bytes, t_host: int) -> T | None:
            self._keep(Transfer(t_host - self._began, packet, endpoint=self._endpoint))
            return transform(packet, t_host)

        return self._wire.packets(listen, silence=silence)

    def statistics(self) -> Overruns:
        """See ``Wire``."""
        return self._wire.statistics()

    async def aclose(self) -> None:
        """See ``Wire``."""
        await self._wire.aclose()

    def _now(self) -> int:
        return time.monotonic_ns() - self._began

    def _keep(self, transfer: Transfer) -> None:
        self.transfers.append(transfer)
