"""The host's end of one imported device: transfers in flight, and how they end."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from struct import pack

from otolith.drivers.usb.usbip.wire import (
    NO_SETUP,
    Buffer,
    Status,
    Submit,
    Submitted,
    Unlink,
    Unlinked,
    WireError,
    decode_reply,
)

CANCEL_PATIENCE = 2.0  # seconds for a server to answer an UNLINK before the link counts as broken
STRAGGLE = 0.05  # seconds an end may come after the UNLINK's answer: Linux can swap the two, others never send it
SEND_PATIENCE = 5.0  # seconds for a server to read what we send
RELEASE_PATIENCE = 1.0  # seconds for a server to confirm, by hanging up, that the device is free again
_IN = 0x80
_URB_DIR_IN = 0x200  # transfer flag, include/uapi/linux/usbip.h
_CHUNK = 1 << 16
_LEAST = 1e-4  # seconds worth waiting for; what rounds to no microseconds is for ever to the kernel


@dataclass(slots=True, eq=False)
class Urb:
    """One transfer; ``status``, ``actual`` and ``data`` are valid once it has ``ended``."""

    seqnum: int
    room: int
    """How many bytes may come back; 0 for OUT."""
    status: int = Status.OK
    actual: int = 0
    data: bytes = b""
    ended: bool = False

    def end(self, status: int, actual: int = 0, data: bytes = b"") -> None:
        """Say how it ended; called once, by the link."""
        self.status, self.actual, self.data = status, actual, data
        self.ended = True


@dataclass(slots=True, eq=False)
class _Unlink:
    victim: Urb
    answered: bool = False


class Link:
    """Transfers to one device; every method may be called from any thread.

    There is no thread of its own: one of those who wait for the end of a transfer receives, for itself and for the
    others, because a thread between would cost more than the transfer does.

    When the link is lost, or the peer sends garbage, every transfer in flight and every later one ends with
    ``Status.NO_DEVICE``, and ``fault`` says why.
    """

    def __init__(self, connection: socket.socket, devid: int) -> None:
        self.fault: str | None = None
        self._socket = connection
        self._socket.setblocking(True)  # the kernel keeps the time: one call a message instead of two
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SEND_PATIENCE))
        self._patience: float | None = None
        self._devid = devid
        self._buffer = Buffer()
        self._hung_up = False
        # Re-entrant, because pyusb's finalizers close links wherever the garbage collector happens to run; the state
        # is never locked while sending or receiving, because the others must go on when the peer is slow.
        self._sending = threading.RLock()
        self._state = threading.RLock()
        self._changed = threading.Condition(self._state)
        self._waiting = 0
        """Threads that wait for the change."""
        self._receiver: int | None = None
        """Thread that receives."""
        self._seqnum = 0
        self._flying: dict[int, Urb] = {}
        self._unlinks: dict[int, _Unlink] = {}

    def submit(self, endpoint: int, length: int, data: bytes = b"", setup: bytes = NO_SETUP, interval: int = 0) -> Urb:
        """Start a transfer of ``length`` bytes: OUT sends ``data``, IN leaves room."""
        flags = _URB_DIR_IN if endpoint & _IN else 0
        with self._sending:
            urb = Urb(self._next(), length if endpoint & _IN else 0)
            with self._state:
                if self.fault:
                    urb.end(Status.NO_DEVICE)
                    return urb
                self._flying[urb.seqnum] = urb
            self._send(Submit(urb.seqnum, self._devid, endpoint, length, data, setup, flags, interval))
        return urb

    def cancel(self, urb: Urb) -> None:
        """Unlink a transfer and wait for its end, whichever it is: cancelled, or completed in the meantime."""
        unlink = _Unlink(urb)
        with self._sending:
            number = self._next()
            with self._state:
                if urb.seqnum not in self._flying:
                    return
                self._unlinks[number] = unlink
            self._send(Unlink(number, self._devid, urb.seqnum))
        if not self._until(lambda: unlink.answered, CANCEL_PATIENCE):
            self._lose("the server does not answer")
            self._shutdown(socket.SHUT_RDWR)
        elif not self.wait(urb, STRAGGLE):
            self._withdraw(urb)

    def wait(self, urb: Urb, timeout: float | None) -> bool:
        """Wait for a transfer's end, ``timeout`` seconds or for ever (None); whether it has ended."""
        return self._until(lambda: urb.ended, timeout)

    def look(self) -> bool:
        """Take what has come, without waiting; whether the link still holds."""
        with self._state:
            if self._receiver is None and not self.fault:
                while self._receive(0.0):
                    pass
        return self.fault is None

    def close(self) -> None:
        """Give the device back; on return the server has released it, or did not say so in time."""
        self._lose("closed")
        self._shutdown(socket.SHUT_WR)
        if self._receiver != threading.get_ident():
            self._until(lambda: self._hung_up, RELEASE_PATIENCE)
            self._shutdown(socket.SHUT_RDWR)
            self._until_nobody_receives()
        self._socket.close()

    def _next(self) -> int:
        self._seqnum = self._seqnum % 0xFFFFFFFF + 1
        return self._seqnum

    def _send(self, message: Submit | Unlink) -> None:
        try:
            self._socket.sendall(message.encode())
        except OSError as error:
            self._lose(f"cannot send: {error}")
            self._shutdown(socket.SHUT_RDWR)

    def _until_nobody_receives(self) -> None:
        with self._changed:
            self._waiting += 1
            self._changed.wait_for(lambda: self._receiver is None, RELEASE_PATIENCE)
            self._waiting -= 1

    def _until(self, over: Callable[[], bool], timeout: float | None) -> bool:
        """Receive until it is over, or wait while another thread receives; False when time ran out before."""
        ends = None if timeout is None else time.monotonic() + timeout
        left = timeout
        while True:
            if not self._turn(over, left):
                return over()
            try:
                while not over() and self._receive(left):
                    self._tell_others()
                    left = _left(ends)
            finally:
                self._receiver = None
                self._tell_others()
            left = _left(ends)
            if over() or self._hung_up or left == 0.0:
                return over()

    def _turn(self, over: Callable[[], bool], timeout: float | None) -> bool:
        """Become the one that receives; False where it is over before, or time is."""
        with self._changed:
            self._waiting += 1  # before the question whether it is over: see _tell_others
            self._changed.wait_for(lambda: over() or self._receiver is None, timeout)
            self._waiting -= 1
            if over() or self._receiver is not None:
                return False
            self._receiver = threading.get_ident()
            return True

    def _tell_others(self) -> None:
        """Something has changed; who begins to wait after the question here sees the change."""
        if self._waiting:
            with self._changed:
                self._changed.notify_all()

    def _receive(self, timeout: float | None) -> bool:
        """Take what comes within so many seconds; False where nothing did, or nothing will any more."""
        try:
            data = self._hear(timeout)
            self._hung_up = not data
            if self._hung_up:
                self._lose("the server hung up")
            elif not self.fault:  # else we are closing, and only wait for the server to hang up
                self._deliver(self._buffer, data)
        except BlockingIOError:
            return False
        except (OSError, WireError) as error:
            self._hung_up = True
            self._lose(str(error))
            self._shutdown(socket.SHUT_RDWR)
        return not self._hung_up

    def _hear(self, timeout: float | None) -> bytes:
        if timeout is not None and timeout < _LEAST:
            return self._socket.recv(_CHUNK, socket.MSG_DONTWAIT)
        if timeout != self._patience:
            self._patience = timeout
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(timeout or 0.0))
        return self._socket.recv(_CHUNK)

    def _deliver(self, buffer: Buffer, data: bytes) -> None:
        buffer.feed(data)
        while (reply := buffer.take(self._decode)) is not None:
            if isinstance(reply, Submitted):
                with self._state:
                    urb = self._flying.pop(reply.seqnum, None)
                if urb:
                    urb.end(reply.status, reply.actual, reply.data)
            else:
                self._unlinked(reply)

    def _unlinked(self, reply: Unlinked) -> None:
        with self._state:
            unlink = self._unlinks.pop(reply.seqnum, None)
        if unlink is None:
            return
        if reply.status:
            self._withdraw(unlink.victim)
        unlink.answered = True

    def _withdraw(self, urb: Urb) -> None:
        with self._state:
            flying = self._flying.pop(urb.seqnum, None)
        if flying:
            flying.end(Status.UNLINKED)

    def _decode(self, raw: bytearray) -> tuple[Submitted | Unlinked, int] | None:
        return decode_reply(raw, self._room)

    def _room(self, seqnum: int) -> int:
        urb = self._flying.get(seqnum)
        if urb is None:
            raise WireError(self.fault or f"the server ended transfer {seqnum}, which is not in flight")
        return urb.room

    def _lose(self, reason: str) -> None:
        with self._state:
            self.fault = self.fault or reason
            flying, self._flying = self._flying, {}
            unlinks, self._unlinks = self._unlinks, {}
        for urb in flying.values():
            urb.end(Status.NO_DEVICE)
        for unlink in unlinks.values():
            unlink.answered = True
        self._tell_others()

    def _shutdown(self, how: int) -> None:
        with suppress(OSError):  # the peer was faster
            self._socket.shutdown(how)


def _left(ends: float | None) -> float | None:
    return None if ends is None else max(0.0, ends - time.monotonic())


def _timeval(seconds: float) -> bytes:
    return pack("ll", *divmod(round(seconds * 1_000_000), 1_000_000))
