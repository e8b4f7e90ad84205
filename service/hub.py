"""Fan-out with back-pressure: one hub, many taps, each with its own word for being too slow."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

T = TypeVar("T")


class Policy(StrEnum):
    """What happens to a tap that is full."""

    BLOCK = "block"
    """The publisher waits: nothing is lost."""
    OLDEST = "oldest"
    """The oldest item goes, and is counted."""
    LATEST = "latest"
    """Only the newest item is kept, whatever the capacity; the others are counted."""


@dataclass(frozen=True, slots=True)
class TapStatistics:
    """One subscription, since it began."""

    name: str
    policy: Policy
    capacity: int
    queued: int
    delivered: int
    dropped: int


@dataclass(frozen=True, slots=True)
class HubStatistics:
    """The hub and the taps that are open."""

    published: int
    taps: tuple[TapStatistics, ...]


class Tap(Generic[T]):
    """One subscription: iterate it. Ends when the hub was closed and the last item was taken.

    For one reader. Made by :meth:`Hub.tap`.
    """

    def __init__(self, name: str, policy: Policy, capacity: int, accept: Callable[[T], bool] | None) -> None:
        if capacity < 1:
            raise ValueError(f"the capacity of tap {name!r} is at least 1, not {capacity}")
        self.name = name
        self.policy = policy
        self.capacity = 1 if policy is Policy.LATEST else capacity
        self._accept = accept
        self._items: deque[T] = deque()
        self._waiting: deque[tuple[T, asyncio.Future[None]]] = deque()
        self._ready: asyncio.Future[None] | None = None
        self._closed = False
        self._delivered = 0
        self._dropped = 0
        self._taken = 0

    @property
    def dropped(self) -> int:
        """Items dropped since the last :meth:`take_dropped`."""
        return self._dropped - self._taken

    def take_dropped(self) -> int:
        """Read :attr:`dropped` and start it again from zero."""
        count, self._taken = self.dropped, self._dropped
        return count

    def statistics(self) -> TapStatistics:
        """The counters since the tap was opened."""
        return TapStatistics(self.name, self.policy, self.capacity, len(self._items), self._delivered, self._dropped)

    def take_ready(self) -> list[T]:
        """Take what is queued now, without waiting; may be empty."""
        items: list[T] = []
        while self._items:
            items.append(self._pop())
        return items

    def close(self, *, discard: bool = False) -> None:
        """Take no more items, and end when the queued ones were read; ``discard`` drops those too."""
        self._closed = True
        if discard:
            self._items.clear()
        while self._waiting:
            item, admitted = self._waiting.popleft()
            if not admitted.done():
                if not discard:
                    self._items.append(item)
                admitted.set_result(None)
        self._wake()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        while not self._items:
            if self._closed:
                raise StopAsyncIteration
            self._ready = asyncio.get_running_loop().create_future()
            try:
                await self._ready
            finally:
                self._ready = None
        return self._pop()

    def _pop(self) -> T:
        item = self._items.popleft()
        self._delivered += 1
        while self._waiting and len(self._items) < self.capacity:
            waiting, admitted = self._waiting.popleft()
            if not admitted.done():
                self._items.append(waiting)
                admitted.set_result(None)
        return item

    def _offer(self, item: T) -> asyncio.Future[None] | None:
        """Queue the item; a future, where the publisher has to wait until it was."""
        if self._closed or (self._accept is not None and not self._accept(item)):
            return None
        if self.policy is Policy.BLOCK and (self._waiting or len(self._items) >= self.capacity):
            admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((item, admitted))
            return admitted
        if len(self._items) >= self.capacity:
            self._items.popleft()
            self._dropped += 1
        self._items.append(item)
        self._wake()
        return None

    def _wake(self) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)


class Hub(Generic[T]):
    """Hands every published item to every open tap. Belongs to one event loop."""

    def __init__(self) -> None:
        self._taps: list[Tap[T]] = []
        self._published = 0
        self._closed = False

    @contextmanager
    def tap(
        self, name: str, policy: Policy, capacity: int, accept: Callable[[T], bool] | None = None
    ) -> Iterator[Tap[T]]:
        """Subscribe while the context lasts, to the items that ``accept`` says yes to (by default, all)."""
        tap: Tap[T] = Tap(name, policy, capacity, accept)
        if self._closed:
            tap.close(discard=True)
        self._taps.append(tap)
        try:
            yield tap
        finally:
            self._taps.remove(tap)
            tap.close(discard=True)

    async def publish(self, item: T) -> None:
        """Hand the item to every tap; returns when each BLOCK tap has taken it in.

        Taps with room have it before anybody waits. Cancelled while waiting, the item does not reach the full taps.
        """
        if self._closed:
            return
        self._published += 1
        offers = [tap._offer(item) for tap in self._taps]  # noqa: SLF001 - hub and tap are one thing in two classes
        waiting = [offer for offer in offers if offer is not None]
        try:
            for offer in waiting:
                await offer
        finally:
            for offer in waiting:
                offer.cancel()

    def close(self) -> None:
        """Take no more items; the taps end when they have been read to the end."""
        self._closed = True
        for tap in self._taps:
            tap.close()

    def statistics(self) -> HubStatistics:
        """Counters of the hub and of every open tap."""
        return HubStatistics(self._published, tuple(tap.statistics() for tap in self._taps))
