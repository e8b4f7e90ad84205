"""Reading one IN endpoint: transfers in order, some of them in flight ahead of the reader."""

import threading
from collections import deque

from otolith.drivers.usb.usbip.link import Link, Urb
from otolith.drivers.usb.usbip.wire import Status


class Intake:
    """Keeps ``ahead`` transfers in flight while it is read, so that the device is never left without one.

    Transfers are as long as what is asked for: a longer one would keep back what came first until it is full. A read
    that times out takes back the one transfer it waited for, with what had come until then; the others stay
    for the next read. Nothing that the device sent is lost, and everything comes in the order in which it was sent.
    """

    def __init__(self, link: Link, endpoint: int, interval: int, ahead: int) -> None:
        self._link = link
        self._endpoint = endpoint
        self._interval = interval
        self._ahead = ahead
        self._reading = threading.Lock()
        self._flying: deque[Urb] = deque()
        self._rest = b""
        self._length = 0
        """Of the transfers in flight."""
        self._stopped = False
        self._halted = False
        """What a transfer brought before it stalled was read; that it stalled is still to be told."""

    def read(self, length: int, timeout: float | None) -> tuple[int, bytes]:
        """Next transfer: its status (``UNLINKED`` for a timeout) and at most ``length`` bytes, the rest kept."""
        with self._reading:
            if self._rest:
                return Status.OK, self._keep(self._rest, length)
            if self._halted:
                self._halted = False
                return Status.STALL, b""
            if length != self._length:
                self._settle()
                self._length = length
            while len(self._flying) < self._ahead:
                self._flying.append(self._link.submit(self._endpoint, length, interval=self._interval))
            if self._stopped:
                self._take_back()  # stop has not seen what was just submitted
            urb = self._flying[0]
            if not self._link.wait(urb, timeout):
                self._link.cancel(urb)
            self._flying.popleft()
            if urb.status == Status.STALL:
                self._settle()
                self._halted = bool(urb.data)
            return Status.OK if self._halted else urb.status, self._keep(urb.data, length)

    def stop(self) -> None:
        """Take back what is in flight and forget what was not read; a reader in ``read`` wakes up."""
        self._stopped = True
        self._take_back()
        with self._reading:
            self._flying.clear()
            self._rest = b""

    def _take_back(self) -> None:
        for urb in tuple(self._flying):
            self._link.cancel(urb)

    def _settle(self) -> None:
        self._take_back()
        self._flying = deque(urb for urb in self._flying if urb.data)

    def _keep(self, data: bytes, length: int) -> bytes:
        self._rest = data[length:]
        return data[:length]
