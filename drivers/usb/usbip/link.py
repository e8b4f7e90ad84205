"""The host's end of one imported device: transfers in flight, and the thread that brings their ends."""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
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


@dataclass(slots=True, eq=False)
class Urb:
    """One transfer; ``status``, ``actual`` and ``data`` are valid once ``wait`` returned True."""

    seqnum: int
    room: int
    """How many bytes may come back; 0 for OUT."""
    status: int = Status.OK
    actual: int = 0
    data: bytes = b""
    _flight: threading.Lock = field(default_factory=threading.Lock)
    """Held while it is under way: a lock is a tenth of what an Event costs, and there is one for each packet."""

    def __post_init__(self) -> None:
        """Take off."""
        self._flight.acquire()

    def wait(self, timeout: float | None) -> bool:
        """Wait for the end, ``timeout`` seconds or for ever (None)."""
        ended = self._flight.acquire(timeout=-1 if timeout is None else timeout)
        if ended:
            self._flight.release()
        return ended

    def end(self, status: int, actual: int = 0, data: bytes = b"") -> None:
        """Say how it ended; called once, by the link."""
        self.status, self.actual, self.data = status, actual, data
        self._flight.release()


@dataclass(slots=True, eq=False)
class _Unlink:
    victim: Urb
    answered: threading.Event = field(default_factory=threading.Event)


class Link:
    """Transfers to one device; every method may be called from any thread.

    When the link is lost, or the peer sends garbage, every transfer in flight and every later one ends with
    ``Status.NO_DEVICE``, and ``fault`` says why.
    """

    def __init__(self, connection: socket.socket, devid: int, name: str) -> None:
        self.fault: str | None = None
        self._socket = connection
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SEND_PATIENCE))
        self._devid = devid
        # Re-entrant, because pyusb's finalizers close links wherever the garbage collector happens to run; the state
        # is never locked while sending, because the receiver must go on when the peer is slow.
        self._sending = threading.RLock()
        self._state = threading.RLock()
        self._seqnum = 0
        self._flying: dict[int, Urb] = {}
        self._unlinks: dict[int, _Unlink] = {}
        self._receiver = threading.Thread(target=self._receive, name=f"usbip {name}", daemon=True)
        self._receiver.start()

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
        if not unlink.answered.wait(CANCEL_PATIENCE):
            self._lose("the server does not answer")
            self._shutdown(socket.SHUT_RDWR)
        elif not urb.wait(STRAGGLE):
            self._withdraw(urb)

    def close(self) -> None:
        """Give the device back; on return the server has released it, or did not say so in time."""
        self._lose("closed")
        self._shutdown(socket.SHUT_WR)
        if threading.current_thread() is not self._receiver:
            self._receiver.join(RELEASE_PATIENCE)
            self._shutdown(socket.SHUT_RDWR)
            self._receiver.join()
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

    def _receive(self) -> None:
        buffer = Buffer()
        reason = "the server hung up"
        try:
            while data := self._socket.recv(_CHUNK):
                if not self.fault:  # else we are closing, and only wait for the server to hang up
                    self._deliver(buffer, data)
        except (OSError, WireError) as error:
            reason = str(error)
        self._lose(reason)
        self._shutdown(socket.SHUT_RDWR)

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
        unlink.answered.set()

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
            unlink.answered.set()

    def _shutdown(self, how: int) -> None:
        with suppress(OSError):  # the peer was faster
            self._socket.shutdown(how)


def _timeval(seconds: float) -> bytes:
    return pack("ll", *divmod(round(seconds * 1_000_000), 1_000_000))
