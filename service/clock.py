"""Time, handed to everything that needs it, so that an hour of protocol runs in a second of test."""

import asyncio
import heapq
import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock for intervals, a wall clock for records, and a way to wait."""

    def monotonic_ns(self) -> int:
        """Nanoseconds that never step back; comparable with ``Batch.t_host``."""
        ...

    def now(self) -> datetime:
        """UTC, aware; for display and records only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; a negative duration is none."""
        ...


class SystemClock:
    """The clock of the machine: ``CLOCK_MONOTONIC`` and UTC."""

    def monotonic_ns(self) -> int:
        """Nanoseconds of ``CLOCK_MONOTONIC``."""
        return time.monotonic_ns()

    def now(self) -> datetime:
        """UTC by the system."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock that stands still until somebody calls :meth:`advance`; belongs to one event loop."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC), monotonic_ns: int = 0) -> None:
        self._start = start
        self._origin_ns = self._now_ns = monotonic_ns
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def monotonic_ns(self) -> int:
        """Nanoseconds, as far as the clock was advanced."""
        return self._now_ns

    def now(self) -> datetime:
        """The start plus what the clock was advanced."""
        return self._start + timedelta(microseconds=(self._now_ns - self._origin_ns) / 1000)

    @property
    def sleepers(self) -> int:
        """How many callers of :meth:`sleep` are waiting."""
        return sum(not future.done() for _, _, future in self._sleepers)

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced past the duration; zero still yields to the loop once."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self._now_ns + round(seconds * 1e9)
        heapq.heappush(self._sleepers, (due, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let the time pass, waking sleepers at their own moment, and let them run in between."""
        end = self._now_ns + round(seconds * 1e9)
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            due, _, future = heapq.heappop(self._sleepers)
            self._now_ns = max(self._now_ns, due)
            if not future.done():
                future.set_result(None)
                await _settle()
        self._now_ns = end


async def _settle(turns: int = 20) -> None:
    """Give every ready task a few turns of the loop, so that what wakes can go back to sleep."""
    for _ in range(turns):
        await asyncio.sleep(0)


def rfc3339(moment: datetime) -> str:
    """``2026-01-01T00:00:00.000000Z``: UTC with microseconds; sorts as text in order of time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
