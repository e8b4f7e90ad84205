"""The thread behind a pipe: the only user of its handle, reading packets and running requests between them."""

import array
import asyncio
import errno
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from usb.core import USBError, USBTimeoutError

from otolith.drivers.errors import BoardLost, BoardTimeout
from otolith.drivers.usb.claim import Claim, Device
from otolith.drivers.usb.faults import GONE, translate
from otolith.drivers.usb.outbox import Outbox
from otolith.drivers.usb.seen import Seen

READ = 50  # ms; bounds how long a silent board keeps a request or a close waiting
MAX_FAULTS = 8  # failed reads in a row before the board counts as lost
_PAUSE = 0.01  # seconds between them, so that a lasting fault is no busy loop and yet is settled within 100 ms

T = TypeVar("T")


@dataclass(slots=True)
class Counters:
    """What the thread has met; written by it alone; the meanings are PipeStatistics'."""

    packets: int = 0
    bytes: int = 0
    controls: int = 0
    timeouts: int = 0
    stalls: int = 0
    errors: int = 0
    overruns: int = 0


@dataclass(slots=True, eq=False)
class Request(Generic[T]):
    """Something to do with the device; ``future`` belongs to the event loop."""

    action: Callable[[Device], T]
    future: "asyncio.Future[T]"


@dataclass(slots=True, eq=False)
class Stream:
    """Where packets go: through ``transform`` into ``outbox``."""

    transform: Callable[[bytes, int], Any]
    outbox: Outbox[Any]
    silence: float | None
    length: int = 0
    """Bytes that one read asks for, in whole packets; one packet at least."""
    heard: int = field(default_factory=time.monotonic_ns)


class Reader(threading.Thread):
    """Opens the device, serves it until told to close, gives it back.

    ``opened`` and ``ended`` are futures of ``loop``; the first one carries the error when opening fails.
    """

    def __init__(self, seen: Seen, interface: int, endpoint: int) -> None:
        super().__init__(name=f"usb {seen.path} {endpoint:#04x}", daemon=True)
        self.loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = self.loop.create_future()
        self.opened.add_done_callback(asyncio.Future.exception)  # somebody who gave up opening does not ask for it
        self.ended: asyncio.Future[None] = self.loop.create_future()
        self.counters = Counters()
        self._seen = seen
        self._interface = interface
        self._endpoint = endpoint
        self._buffer = array.array("B")
        self._packet = 0
        """wMaxPacketSize, once it is open."""
        self._change = threading.Condition()
        self._inbox: deque[Request[Any]] = deque()
        self._stream: Stream | None = None
        self._closing = False
        self._fault: Exception | None = None
        self._faults = 0

    def post(self, request: Request[Any]) -> None:
        """Queue a request; it runs before the next read. Its future fails when the board is lost or closed."""
        with self._change:
            fault = self._fault or (BoardLost("this pipe is closed") if self._closing else None)
            if fault is None:
                self._inbox.append(request)
                self._change.notify()
        if fault:
            request.future.set_exception(fault)

    def connect(self, stream: Stream) -> None:
        """Read packets into ``stream``; one that was connected before ends."""
        with self._change:
            before, self._stream = self._stream, stream
            if self._fault or self._closing:
                stream.outbox.end(self._fault)
            self._change.notify()
        if before:
            before.outbox.end()

    def disconnect(self, stream: Stream) -> None:
        """Stop reading into ``stream``."""
        with self._change:
            if self._stream is stream:
                self._stream = None

    def close(self) -> None:
        """Ask the thread to end; ``ended`` tells when it has."""
        with self._change:
            self._closing = True
            self._change.notify()

    def run(self) -> None:
        """Thread's life."""
        claim = None
        try:
            claim = Claim(self._seen, self._interface, self._endpoint)
            self._packet = claim.packet
            self._tell(self.opened, None)
            while self._step(claim.device):
                pass
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            self._fault = self._named(error)
            self._tell(self.opened, self._fault)
        finally:
            self._finish(claim)

    def _step(self, device: Device) -> bool:
        with self._change:
            while not (self._closing or self._inbox or self._stream):
                self._change.wait()
            if self._closing or self.loop.is_closed():
                return False
            request, stream = self._inbox.popleft() if self._inbox else None, self._stream
        if request:
            self._serve(device, request)
        elif stream:
            self._read(device, self._buffer_for(stream))
        return True

    def _buffer_for(self, stream: Stream) -> "array.array[int]":
        length = -(-max(stream.length, 1) // self._packet) * self._packet
        if len(self._buffer) != length:
            self._buffer = array.array("B", bytes(length))
        return self._buffer

    def _serve(self, device: Device, request: Request[Any]) -> None:
        if request.future.cancelled():
            return
        self.counters.controls += 1
        try:
            result = request.action(device)
        except Exception as error:
            self._tell(request.future, self._named(error))
            if isinstance(error, USBError) and error.errno in GONE:
                raise
        else:
            self._tell(request.future, None, result)

    def _read(self, device: Device, buffer: "array.array[int]") -> None:
        try:
            count = device.read(self._endpoint, buffer, READ)
        except USBTimeoutError:
            self.counters.timeouts += 1
            self._listen()
        except USBError as error:
            self._recover(device, error)
        else:
            now = time.monotonic_ns()
            self._faults = 0
            self.counters.packets += 1
            self.counters.bytes += count
            self._deliver(buffer[:count].tobytes(), now)

    def _deliver(self, packet: bytes, now: int) -> None:
        stream = self._stream  # which may have changed since the read began
        if stream is None:
            return
        stream.heard = now
        try:
            item = stream.transform(packet, now)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever gave us the transform
            self.disconnect(stream)
            stream.outbox.end(error)
        else:
            if item is not None:
                self.counters.overruns += stream.outbox.put(item)

    def _listen(self) -> None:
        stream = self._stream
        if stream is None or stream.silence is None:
            return
        quiet = (time.monotonic_ns() - stream.heard) / 1e9
        if quiet >= stream.silence:
            self.disconnect(stream)
            stream.outbox.end(BoardTimeout(f"the board on port {self._seen.path} has sent nothing for {quiet:.1f} s"))

    def _recover(self, device: Device, error: USBError) -> None:
        if error.errno in GONE:
            raise error
        self._faults += 1
        if self._faults >= MAX_FAULTS:
            raise BoardLost(f"{MAX_FAULTS} reads in a row failed, the last with: {error.strerror}") from error
        if self._faults > 1:
            time.sleep(_PAUSE)
        if error.errno == errno.EPIPE:
            self.counters.stalls += 1
            self._clear(device)
        else:
            self.counters.errors += 1

    def _clear(self, device: Device) -> None:
        try:
            device.clear_halt(self._endpoint)
        except USBError as error:
            if error.errno in GONE:
                raise
            self.counters.errors += 1  # the next read tells whether it matters

    def _finish(self, claim: Claim | None) -> None:
        with self._change:
            self._closing = True
            waiting, stream = tuple(self._inbox), self._stream
            self._inbox.clear()
        for request in waiting:
            self._tell(request.future, self._fault or BoardLost("this pipe was closed"))
        if stream:
            stream.outbox.end(self._fault)
        if claim:
            claim.release()
        self._tell(self.ended, None)

    def _named(self, error: Exception) -> Exception:
        if not isinstance(error, USBError):
            return error
        return translate(error, self._seen.vendor, self._seen.product, lambda: self._seen.holder(self._interface))

    def _tell(self, future: "asyncio.Future[Any]", error: Exception | None, result: object = None) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be told
            self.loop.call_soon_threadsafe(_settle, future, error, result)


def _settle(future: "asyncio.Future[Any]", error: Exception | None, result: object) -> None:
    if future.done():
        return
    if error:
        future.set_exception(error)
    else:
        future.set_result(result)
