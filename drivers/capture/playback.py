"""A capture as a wire: the driver talks to the recorded board and must say the recorded words."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar

import otolith.drivers.errors
from otolith.drivers.capture.file import Capture, Transfer
from otolith.drivers.errors import BoardLost, DriverError, RecordingError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NoOverruns:
    """A capture waits for its consumer."""

    overruns: int = 0


class Playback:
    """Packets as fast as they are taken, with their recorded times; requests are answered as they once were.

    A request that differs from the recorded one by a bit raises RecordingError: the driver no longer says what it
    said. A stream ends where the recorded one did, at the next request or at the end of the capture.
    """

    def __init__(self, capture: Capture) -> None:
        self._transfers = capture.transfers
        self._at = 0

    async def control(
        self, request_type: int, request: int, value: int, index: int, data_or_length: bytes | int = b""
    ) -> bytes:
        """See ``Wire``; BoardLost after the end of the capture."""
        length = data_or_length if isinstance(data_or_length, int) else len(data_or_length)
        setup = struct.pack("<BBHHH", request_type, request, value, index, length)
        then = self._next_request()
        sent = b"" if isinstance(data_or_length, int) else data_or_length
        if (then.setup, then.data if sent else b"") != (setup, sent):
            raise RecordingError(
                f"the capture's request {(then.setup or b'').hex()} {then.data.hex()} is now {setup.hex()} {sent.hex()}"
            )
        if then.error:
            raise _error(then.error)
        return then.data if request_type & 0x80 else b""

    async def ask(self, out: int, question: bytes, into: int, length: int = 64) -> bytes:
        """See ``UsbWire``; BoardLost after the end of the capture."""
        del out, length
        then = self._next_request()
        if (then.endpoint, then.asked) != (into, question):
            recorded = f"{then.endpoint:#04x} {(then.asked or then.setup or b'').hex()}"
            raise RecordingError(f"the capture's question {recorded} is now {into:#04x} {question.hex()}")
        if then.error:
            raise _error(then.error)
        return then.data

    async def write(self, endpoint: int, data: bytes) -> int:
        """See ``UsbWire``; BoardLost after the end of the capture."""
        await self.ask(endpoint, data, endpoint)
        return len(data)

    async def drain(self, endpoint: int) -> int:
        """See ``UsbWire``; a capture holds nothing that was thrown away."""
        del endpoint
        return 0

    async def packets(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncIterator[T]:
        """See ``Wire``."""
        del silence  # the recorded times tell nothing about now
        while self._at < len(self._transfers) and _is_packet(self._transfers[self._at]):
            transfer = self._transfers[self._at]
            self._at += 1
            item = transform(transfer.data, transfer.t)
            if item is not None:
                yield item
            await asyncio.sleep(0)

    def statistics(self) -> NoOverruns:
        """See ``Wire``."""
        return NoOverruns()

    async def aclose(self) -> None:
        """See ``Wire``."""

    def _next_request(self) -> Transfer:
        """The next recorded request; packets that nobody took are passed over."""
        while self._at < len(self._transfers):
            transfer = self._transfers[self._at]
            self._at += 1
            if not _is_packet(transfer):
                return transfer
        raise BoardLost("the capture ends here")


def _is_packet(transfer: Transfer) -> bool:
    return transfer.setup is None and transfer.asked is None


def _error(name: str) -> DriverError:
    kind = getattr(otolith.drivers.errors, name, DriverError)
    return (
        kind(f"the board answered so when it was captured: {name}")
        if issubclass(kind, DriverError)
        else DriverError(name)
    )
