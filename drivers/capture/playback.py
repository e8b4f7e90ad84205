"""A capture as a way to a board: the driver talks to the recorded board and must say the recorded words."""

import asyncio
import math
import struct
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import otolith.drivers.errors
from otolith.drivers.capture.file import OUT, Capture, Transfer
from otolith.drivers.errors import BoardLost, DriverError, RecordingError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NoOverruns:
    """A capture waits for its consumer."""

    overruns: int = 0


class Playback:
    """Meets ``Wire``, ``UsbWire`` and ``Way``. Requests are answered as they once were.

    A request that differs from the recorded one by a bit raises RecordingError: the driver no longer says what it
    said. Each listener hears what the recorded one heard, and its stream ends where that one's did. With an infinite
    ``speed`` packets come as fast as they are taken, at their recorded times; else that many times as fast as once,
    at times of now.
    """

    def __init__(self, capture: Capture, speed: float = math.inf) -> None:
        self._speed = speed
        self._said = (transfer for transfer in capture.transfers if not (transfer.heard or transfer.listen))
        self._heard = _heard(capture)

    async def control(
        self, request_type: int, request: int, value: int, index: int, data_or_length: bytes | int = b""
    ) -> bytes:
        """See ``Wire``; BoardLost after the end of the capture."""
        length = data_or_length if isinstance(data_or_length, int) else len(data_or_length)
        setup = struct.pack("<BBHHH", request_type, request, value, index, length)
        sent = b"" if isinstance(data_or_length, int) else data_or_length
        then = self._next()
        if (then.setup, then.data if sent else b"") != (setup, sent):
            raise RecordingError(
                f"the capture's request {(then.setup or b'').hex()} {then.data.hex()} is now {setup.hex()} {sent.hex()}"
            )
        return _answer(then) if request_type & 0x80 else _answer(then)[:0]

    async def ask(self, out: int, question: bytes, into: int, length: int = 64) -> bytes:
        """See ``UsbWire``; BoardLost after the end of the capture."""
        del out, length
        then = self._next()
        if (then.endpoint, then.asked) != (into, question):
            recorded = f"{then.endpoint:#04x} {(then.asked or then.setup or b'').hex()}"
            raise RecordingError(f"the capture's question {recorded} is now {into:#04x} {question.hex()}")
        return _answer(then)

    async def write(self, endpoint: int, data: bytes) -> int:
        """See ``UsbWire``; BoardLost after the end of the capture."""
        self._told(endpoint, data)
        return len(data)

    async def drain(self, endpoint: int) -> int:
        """See ``UsbWire``; a capture holds nothing that was thrown away."""
        del endpoint
        return 0

    async def send(self, report: bytes) -> None:
        """See ``Way``; BoardLost after the end of the capture."""
        self._told(OUT, report)

    async def packets(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None, length: int = 0
    ) -> AsyncGenerator[T, None]:
        """See ``Wire``."""
        del silence, length  # the recorded times tell nothing about now, and packets come as they were recorded
        left = iter(next(self._heard, []))
        pace = _Pace(self._speed)
        try:
            for transfer in left:
                item = transform(transfer.data, await pace.due(transfer.t))
                if item is not None:
                    yield item
        except GeneratorExit:  # what the recorded driver heard while it turned away, this one hears too
            for transfer in left:
                transform(transfer.data, pace.at(transfer.t))
            raise

    def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """See ``Way``."""
        return self.packets(transform, silence=silence)

    def statistics(self) -> NoOverruns:
        """See ``Wire``."""
        return NoOverruns()

    async def aclose(self) -> None:
        """See ``Wire``."""

    def _told(self, endpoint: int, data: bytes) -> None:
        then = self._next()
        if (then.endpoint, then.data) != (endpoint, data):
            raise RecordingError(f"the capture's report {then.data.hex()} is now {data.hex()}")
        _answer(then)

    def _next(self) -> Transfer:
        """What the recorded driver said next."""
        try:
            return next(self._said)
        except StopIteration:
            raise BoardLost("the capture ends here") from None


class _Pace:
    """When packets of one stream are due, and what time that is."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._began: tuple[int, int] | None = None
        """The first packet's time, then and now."""

    def at(self, t: int) -> int:
        """The time that a packet bears."""
        if math.isinf(self._speed):
            return t
        if self._began is None:
            self._began = t, time.monotonic_ns()
        return self._began[1] + round((t - self._began[0]) / self._speed)

    async def due(self, t: int) -> int:
        """Wait for it."""
        at = self.at(t)
        pause = 0.0 if math.isinf(self._speed) else (at - time.monotonic_ns()) / 1e9
        await asyncio.sleep(max(pause, 0.0))
        return at


def _heard(capture: Capture) -> Iterator[list[Transfer]]:
    """What each listener heard."""
    sections: list[list[Transfer]] = []
    for transfer in capture.transfers:
        if transfer.listen:
            sections.append([])
        elif transfer.heard:
            if not sections:
                raise RecordingError("the capture has a packet that nobody listened for")
            sections[-1].append(transfer)
    return iter(sections)


def _answer(then: Transfer) -> bytes:
    if not then.error:
        return then.data
    kind = getattr(otolith.drivers.errors, then.error, DriverError)
    if not (isinstance(kind, type) and issubclass(kind, DriverError)):
        raise DriverError(then.error)
    raise kind(f"the board answered so when it was captured: {then.error}")
