"""From a reader thread into the event loop: one wake-up for all that has gathered, and a bound on it."""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import Final, Generic, Self, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class Doorbell:
    """One for all threads that have something for a loop: a ring that it has not heard yet is not rung again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._doors: list[asyncio.Event] = []

    def ring(self, loop: asyncio.AbstractEventLoop, door: asyncio.Event) -> None:
        """Have the loop, always the same, set ``door``, from any thread. RuntimeError where the loop is closed."""
        with self._lock:
            self._doors.append(door)
            heard = len(self._doors) > 1
        if not heard:
            loop.call_soon_threadsafe(self._answer)

    def _answer(self) -> None:
        with self._lock:
            doors, self._doors = self._doors, []
        for door in doors:
            door.set()


_bells: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Doorbell]] = WeakKeyDictionary()
"""Of each loop; filled by the loops' own threads."""


class Outbox(Generic[T]):
    """A bounded queue; when it is full the oldest item is dropped.

    One consumer iterates over it, on ``loop``; what was put before ``end`` is still delivered.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, limit: int) -> None:
        self._loop = loop
        self._bell = _bells.setdefault(loop, Doorbell())
        self._limit = limit
        self._items: deque[T] = deque()
        self._lock = threading.Lock()
        self._ready = asyncio.Event()
        self._woken = False
        self._ended = False
        self._error: BaseException | None = None

    def put(self, item: T) -> int:
        """Add an item, from any thread, without waiting; returns how many were dropped for it, 0 or 1."""
        with self._lock:
            dropped = len(self._items) >= self._limit
            if dropped:
                self._items.popleft()
            self._items.append(item)
            asleep, self._woken = not self._woken, True
        if asleep:
            self._ring()
        return int(dropped)

    def end(self, error: BaseException | None = None) -> None:
        """No more items; the consumer gets ``error`` after the last one, or simply ends."""
        with self._lock:
            self._ended, self._error = True, self._error or error
            asleep, self._woken = not self._woken, True
        if asleep:
            self._ring()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while True:
            with self._lock:
                if self._items:
                    return self._items.popleft()
                if self._ended:
                    break
                self._woken = False
                self._ready.clear()
            await self._ready.wait()
        if self._error:
            raise self._error
        raise StopAsyncIteration

    def _ring(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody is left to be woken
            self._bell.ring(self._loop, self._ready)
