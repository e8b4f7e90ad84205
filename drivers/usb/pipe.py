"""The host's side of a USB board: packets as an async stream, control transfers beside it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from typing import Self, TypeVar

from usb.core import USBTimeoutError

from otolith.drivers.usb.claim import Device
from otolith.drivers.usb.outbox import Outbox
from otolith.drivers.usb.reader import Reader, Request, Stream
from otolith.drivers.usb.seen import Seen

ROOM = 1024  # transformed packets waiting for the loop: one second at 1 kHz
_GIVE_UP = 0.5  # seconds that a cancelled opening waits for its thread; the thread then ends by itself
_IN = 0x80
_QUIET = 20  # ms without a packet after which an endpoint counts as drained
_GULP = 512  # bytes; a multiple of every wMaxPacketSize of a full-speed endpoint
_WASTE = 1000  # reads after which a board that never stops is drained no longer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PipeStatistics:
    """Counters since ``open_pipe``; they only grow."""

    packets: int
    bytes: int
    controls: int
    """Control transfers and writes."""
    timeouts: int
    """Reads that ended without a packet; a silent board has twenty a second."""
    stalls: int
    """Halts of the endpoint, cleared."""
    errors: int
    """Other failed reads that the next one made good."""
    overruns: int
    """Transformed packets dropped, oldest first, because the consumer was too slow."""


class Pipe:
    """One IN endpoint for the stream, the control endpoint and others for questions; made by ``open_pipe``.

    One thread does all transfers. A control transfer, or a question, runs before the next read: at once while nothing
    is streamed, else when the read in progress ends, which is the next packet or 50 ms.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def control(
        self,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data_or_length: bytes | int = b"",
        *,
        timeout: float = 1.0,  # noqa: ASYNC109 - the device's own limit; the wait for it is bounded by it
    ) -> bytes:
        """Control transfer; returns what was read (IN), else nothing. ``timeout`` in seconds.

        Raises BoardRefused when the device stalls it, BoardTimeout, BoardLost.
        """
        milliseconds = max(1, round(timeout * 1000))

        def transfer(device: Device) -> bytes:
            answer = device.ctrl_transfer(request_type, request, value, index, data_or_length, milliseconds)
            return bytes(answer) if request_type & _IN else b""

        return await self._call(transfer)

    async def write(self, endpoint: int, data: bytes, *, timeout: float = 1.0) -> int:  # noqa: ASYNC109 - as above
        """Send to an OUT endpoint of the board; returns how many bytes it took. Raises as ``control`` does."""
        milliseconds = max(1, round(timeout * 1000))
        return await self._call(lambda device: int(device.write(endpoint, data, milliseconds)))

    async def ask(
        self,
        out: int,
        question: bytes,
        into: int,
        length: int = 64,
        *,
        timeout: float = 1.0,  # noqa: ASYNC109 - as above
    ) -> bytes:
        """Send to an OUT endpoint, then read the answer (at most ``length`` bytes) from an IN endpoint.

        ``into`` is another endpoint than the stream's. Raises as ``control`` does.
        """
        milliseconds = max(1, round(timeout * 1000))

        def exchange(device: Device) -> bytes:
            device.write(out, question, milliseconds)
            return bytes(device.read(into, length, milliseconds))

        return await self._call(exchange)

    async def drain(self, endpoint: int) -> int:
        """Throw away what waits on an IN endpoint, until nothing comes for 20 ms; returns how many bytes."""
        return await self._call(lambda device: _drained(device, endpoint))

    async def packets(
        self,
        transform: Callable[[bytes, int], T | None],
        *,
        silence: float | None = None,
        length: int = 0,
        room: int = ROOM,
    ) -> AsyncGenerator[T, None]:
        """Every packet from now on, through ``transform(packet, t_host)``; what it makes None of is not delivered.

        ``transform`` runs in the reader thread right after completion, ``t_host`` is ``CLOCK_MONOTONIC`` in ns then;
        it must not block and not touch the loop; what it raises ends the stream. Silence is not an error unless
        ``silence`` seconds are given: then BoardTimeout. Raises BoardLost when the board goes away. Ends when the pipe
        closes, or when a newer ``packets`` takes over.

        A read takes one packet, or as many as it takes for ``length`` bytes: then it ends with the first that is not
        full, which suits a board that sends long reports, or many packets, and delays one whose packets are full and
        rare: the next is waited for, 50 ms at most.
        """
        outbox: Outbox[T] = Outbox(self._reader.loop, room)
        stream = Stream(transform, outbox, silence, length)
        self._reader.connect(stream)
        try:
            async for item in outbox:
                yield item
        finally:
            self._reader.disconnect(stream)

    def statistics(self) -> PipeStatistics:
        """Read the counters, from any thread."""
        return PipeStatistics(*astuple(self._reader.counters))

    async def aclose(self) -> None:
        """Stop, give the device back to the system's driver and wait until that is done; safe to call twice."""
        self._reader.close()
        await asyncio.shield(self._reader.ended)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def _call(self, action: Callable[[Device], T]) -> T:
        future: asyncio.Future[T] = self._reader.loop.create_future()
        self._reader.post(Request(action, future))
        return await future


def _drained(device: Device, endpoint: int) -> int:
    thrown = 0
    with suppress(USBTimeoutError):
        for _ in range(_WASTE):
            thrown += len(device.read(endpoint, _GULP, _QUIET))
    return thrown


async def open_pipe(seen: Seen, *, interface: int = 0, endpoint: int = 0x81) -> Pipe:
    """Open a board and claim its interface.

    Raises BoardForbidden, BoardBusy, BoardLost, or BoardRefused when the endpoint is not there.
    """
    reader = Reader(seen, interface, endpoint)
    reader.start()
    pipe = Pipe(reader)
    try:
        await asyncio.shield(reader.opened)
    except BaseException:
        reader.close()
        await asyncio.wait([reader.ended], timeout=_GIVE_UP)
        raise
    return pipe
