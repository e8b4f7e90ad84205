"""A hidraw node, an L2CAP socket or an evdev node as a stream of reports: one read, one report."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from otolith.drivers.errors import BoardLost, BoardTimeout
from otolith.drivers.usb.outbox import Outbox

LARGEST: Final = 4096
"""Bytes of a report, at most (HID_MAX_BUFFER_SIZE is 16 kB; boards stay below 64)."""
ROOM: Final = 1024
"""Transformed reports waiting for the loop."""
WRITING: Final = 1.0
"""Seconds that a write may take."""

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Counted:
    """What was lost on this side."""

    overruns: int = 0


class Channel:
    """Owns ``fd``, a hidraw node or anything that keeps reports apart; reads on the event loop."""

    def __init__(self, fd: int, name: str) -> None:
        os.set_blocking(fd, False)
        self._fd = fd
        self._name = name
        self._counted = Counted()
        self._outbox: Outbox[Any] | None = None
        self._writing = asyncio.Lock()
        self._heard = 0
        self._closed = False

    async def send(self, report: bytes) -> None:
        """Write a report; raises BoardLost, BoardTimeout."""
        async with self._writing:
            self._check()
            try:
                await asyncio.wait_for(asyncio.to_thread(os.write, self._fd, report), WRITING)
            except (TimeoutError, BlockingIOError) as error:
                raise BoardTimeout(f"{self._name} did not take a report in {WRITING:g} s") from error
            except OSError as error:
                raise self._lost(error) from error

    async def reports(
        self, transform: Callable[[bytes, int], T | None], *, silence: float | None = None
    ) -> AsyncGenerator[T, None]:
        """Every report from now on through ``transform(report, t_host)``; see ``Pipe.packets``.

        Raises BoardLost, and BoardTimeout after ``silence`` seconds without any report.
        """
        self._check()
        loop = asyncio.get_running_loop()
        outbox: Outbox[T] = Outbox(loop, ROOM)
        self._outbox = outbox
        self._heard = time.monotonic_ns()
        loop.add_reader(self._fd, self._readable, transform, outbox)
        try:
            while (item := await self._next(outbox, silence)) is not None:
                yield item
        finally:
            outbox.end()
            if self._outbox is outbox:
                self._outbox = None
                if not self._closed:
                    loop.remove_reader(self._fd)

    def statistics(self) -> Counted:
        """What was lost on this side."""
        return self._counted

    async def aclose(self) -> None:
        """Let go; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        asyncio.get_running_loop().remove_reader(self._fd)
        if self._outbox:
            self._outbox.end()
        async with self._writing:
            os.close(self._fd)

    async def _next(self, outbox: Outbox[T], silence: float | None) -> T | None:
        while True:
            try:
                async with asyncio.timeout(self._patience(silence)):
                    return await anext(outbox)
            except BoardTimeout:  # also a TimeoutError, but not the one of this wait
                raise
            except TimeoutError:
                continue
            except StopAsyncIteration:
                return None

    def _patience(self, silence: float | None) -> float | None:
        """Seconds that may still be silent; BoardTimeout where none are left."""
        if silence is None:
            return None
        quiet = (time.monotonic_ns() - self._heard) / 1e9
        if quiet >= silence:
            raise BoardTimeout(f"{self._name} has sent nothing for {quiet:.1f} s")
        return silence - quiet

    def _readable(self, transform: Callable[[bytes, int], T | None], outbox: Outbox[T]) -> None:
        try:
            report = os.read(self._fd, LARGEST)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(outbox, self._lost(error))
            return
        if not report:
            self._end(outbox, BoardLost(f"{self._name} is gone: switched off, or out of range"))
            return
        self._heard = time.monotonic_ns()
        try:
            item = transform(report, self._heard)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever gave us the transform
            self._end(outbox, error)
        else:
            if item is not None:
                self._counted.overruns += outbox.put(item)

    def _end(self, outbox: Outbox[T], error: Exception) -> None:
        asyncio.get_running_loop().remove_reader(self._fd)
        outbox.end(error)

    def _check(self) -> None:
        if self._closed:
            raise BoardLost(f"{self._name} is closed")

    def _lost(self, error: OSError) -> BoardLost:
        return BoardLost(f"{self._name} is gone: switched off, or out of range ({error.strerror or error})")
