"""A plate on a byte stream as a wire: a serial port, a CDC device, or any socket. Linux and other POSIX systems."""

import asyncio
import errno
import fcntl
import os
import termios
import time
import tty
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Final, Protocol, Self, TypeVar

from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardLost,
    BoardNotFound,
    BoardRefused,
    BoardTimeout,
    ReportError,
)
from otolith.drivers.holders import holders
from otolith.drivers.monikers import Serial, form
from otolith.drivers.ofp.board import OfpBoard, ofp_over
from otolith.drivers.ofp.codec.frames import Answer, Ask, Framer, decode_answer, encode_ask, frame
from otolith.drivers.ofp.codec.numbers import ANSWER_MARK, DATA_MARK, Refusal
from otolith.drivers.permission import remedy
from otolith.drivers.usb.outbox import Outbox
from otolith.drivers.wire import Wire

ROOM: Final = 1024
"""Transformed packets waiting for their consumer, as in a USB pipe."""
EARLY: Final = 64
"""Packets kept while nobody listens: a stream may begin before the answer to START is read."""
ANSWERS: Final = 1.0
"""Seconds that a plate has to answer."""
CHUNK: Final = 4096
SPEED: Final = termios.B921600
"""Baud of a real UART: 1 kHz of four channels takes 330 kBd. CDC ignores it."""

T = TypeVar("T")
ListenSerial = Callable[[Wire], Wire]
"""What may put itself between a driver and its plate."""


class Stream(Protocol):
    """What is read and written: a non-blocking descriptor by whatever owns it."""

    def fileno(self) -> int:
        """The descriptor."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


@dataclass(slots=True)
class SerialStatistics:
    """Counters since it was opened; they only grow."""

    overruns: int = 0
    noise: int = 0
    """Frames that were nothing: no COBS, too long, of an unknown kind, or answers that nobody waits for."""


@dataclass(slots=True, eq=False)
class _Listener:
    """Whoever reads packets; typed by ``packets``."""

    transform: Callable[[bytes, int], object]
    outbox: Outbox[object]


class SerialWire:
    """Meets ``Wire`` over a non-blocking descriptor, which it owns from now on; reads on the event loop.

    ``where`` names it in errors.
    """

    def __init__(self, stream: Stream, where: str) -> None:
        self._stream = stream
        self._where = where
        self._loop = asyncio.get_running_loop()
        self._framer = Framer()
        self._statistics = SerialStatistics()
        self._listener: _Listener | None = None
        self._early: deque[tuple[bytes, int]] = deque(maxlen=EARLY)
        self._lost: BoardLost | None = None
        self._open = True
        self._token = 0
        self._asking = asyncio.Lock()
        self._answer: tuple[int, asyncio.Future[Answer]] | None = None
        self._heard = self._loop.time()
        self._loop.add_reader(stream.fileno(), self._read)

    async def control(
        self, request_type: int, request: int, value: int, index: int, data_or_length: bytes | int = b""
    ) -> bytes:
        """See ``Wire``."""
        del request_type, index  # a request code says its own direction
        data = b"" if isinstance(data_or_length, int) else data_or_length
        async with self._asking:
            answer = await self._ask(request, value, data)
        if answer.refusal:
            reason = Refusal(answer.refusal).name if answer.refusal in list(Refusal) else answer.refusal
            raise BoardRefused(f"the plate on {self._where} refused request {request}: {reason}")
        return answer.data

    async def packets(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None, length: int = 0
    ) -> AsyncGenerator[T, None]:
        """See ``Wire``; ``transform`` runs on the event loop."""
        del length  # a frame comes when it is complete
        outbox: Outbox[T] = Outbox(self._loop, ROOM)
        listener = _Listener(transform, outbox)  # type: ignore[arg-type]  # what transform makes is what the outbox takes
        self._replace(listener)
        watch = self._loop.create_task(self._watch(outbox, silence), name=f"silence of {self._where}")
        try:
            async for item in outbox:
                yield item
        finally:
            watch.cancel()
            if self._listener is listener:
                self._listener = None

    def statistics(self) -> SerialStatistics:
        """See ``Wire``."""
        return self._statistics

    async def aclose(self) -> None:
        """Let go; safe to call twice."""
        if self._open:
            self._end(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def _ask(self, request: int, value: int, data: bytes) -> Answer:
        if not self._open:
            raise self._lost or BoardLost(f"the wire to {self._where} is closed")
        self._token = (self._token + 1) % 256
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._answer = self._token, answer
        try:
            async with asyncio.timeout(ANSWERS):
                await self._write(frame(encode_ask(Ask(request, self._token, value, data))))
                return await answer
        except TimeoutError:
            raise BoardTimeout(
                f"the plate on {self._where} did not answer request {request} in {ANSWERS:g} s"
            ) from None
        finally:
            self._answer = None

    async def _write(self, data: bytes) -> None:
        while data and self._open:
            try:
                data = data[os.write(self._stream.fileno(), data) :]
            except BlockingIOError:
                await asyncio.sleep(0.001)  # a port without room; bounded by the time for the answer
            except OSError as error:
                raise self._end(error) from error

    def _read(self) -> None:
        try:
            data = os.read(self._stream.fileno(), CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
            return
        if not data:
            self._end(OSError("it hung up"))
            return
        now = time.monotonic_ns()
        before = self._framer.refused
        for record in self._framer.feed(data):
            self._sort(record, now)
        self._statistics.noise += self._framer.refused - before

    def _sort(self, record: bytes, now: int) -> None:
        if record[0] == DATA_MARK:
            self._heard = self._loop.time()  # whatever else comes says no more of the plate than silence does
            self._deliver(record, now)
        elif record[0] == ANSWER_MARK:
            self._settle(record)
        else:
            self._statistics.noise += 1

    def _deliver(self, record: bytes, now: int) -> None:
        listener = self._listener
        if listener is None:
            self._early.append((record, now))
            return
        try:
            item = listener.transform(record, now)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever gave us the transform
            self._listener = None
            listener.outbox.end(error)
        else:
            if item is not None:
                self._statistics.overruns += listener.outbox.put(item)

    def _settle(self, record: bytes) -> None:
        try:
            answer = decode_answer(record)
        except ReportError:
            self._statistics.noise += 1
            return
        if self._answer and self._answer[0] == answer.token and not self._answer[1].done():
            self._answer[1].set_result(answer)
        else:
            self._statistics.noise += 1

    def _replace(self, listener: _Listener) -> None:
        before, self._listener = self._listener, listener
        self._heard = self._loop.time()
        if before:
            before.outbox.end()
        early = tuple(self._early)
        self._early.clear()
        for packet, now in early:
            self._deliver(packet, now)
        if not self._open:
            listener.outbox.end(self._lost)

    async def _watch(self, outbox: Outbox[T], silence: float | None) -> None:
        before = self._statistics.noise
        while silence is not None:
            quiet = self._loop.time() - self._heard
            if quiet >= silence:
                noise = self._statistics.noise - before
                other = f", but {noise} frames that are no packets" if noise else ""
                outbox.end(BoardTimeout(f"the plate on {self._where} has sent nothing for {quiet:.1f} s{other}"))
                return
            await asyncio.sleep(silence - quiet)

    def _end(self, error: OSError | None) -> BoardLost:
        lost = BoardLost(f"the wire to the plate on {self._where} is closed")
        if error:
            lost = BoardLost(f"the plate on {self._where} is gone: {error.strerror or error}")
        if error and not self._lost:
            self._lost = lost
        if self._open:
            self._open = False
            self._loop.remove_reader(self._stream.fileno())
            self._stream.close()
        if self._listener:
            self._listener.outbox.end(self._lost)
        if self._answer and not self._answer[1].done():
            self._answer[1].set_exception(lost)
        return lost


async def open_serial(place: Serial, listen: ListenSerial | None = None) -> OfpBoard:
    """The plate on a serial port; raises DriverError. ``listen`` may put itself between the driver and the plate."""
    port = await open_port(place.path)
    wire: Wire = listen(port) if listen else port
    try:
        return await ofp_over(wire, None, form(place), place)
    except BaseException:
        await wire.aclose()
        raise


async def open_port(path: str) -> SerialWire:
    """A serial port or CDC device by its path, in raw mode, for this program alone.

    Raises BoardNotFound, BoardForbidden, BoardBusy.
    """
    return SerialWire(await asyncio.to_thread(_open_raw, path), path)


def _open_raw(path: str) -> Stream:
    try:
        port = os.fdopen(os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK), "r+b", buffering=0)
    except PermissionError as error:
        advice = f"{remedy()}, or add the user to the group that owns it (dialout)"
        raise BoardForbidden(f"this user may not open {path}: {advice}") from error
    except OSError as error:
        if error.errno == errno.EBUSY:
            who = holders(path) or "another program"
            raise BoardBusy(f"the serial port {path} is held by {who}; close that one first") from error
        raise BoardNotFound(f"the serial port {path} cannot be opened: {error.strerror}") from error
    try:
        _make_raw(port.fileno())
    except (OSError, termios.error) as error:
        port.close()
        raise BoardNotFound(f"{path} is no serial port: {error}") from error
    return port


def _make_raw(port: int) -> None:
    tty.setraw(port, termios.TCSANOW)
    settings = termios.tcgetattr(port)
    settings[2] |= termios.CLOCAL | termios.CREAD
    settings[4] = settings[5] = SPEED
    termios.tcsetattr(port, termios.TCSANOW, settings)
    termios.tcflush(port, termios.TCIOFLUSH)

    fcntl.ioctl(port, termios.TIOCEXCL)
