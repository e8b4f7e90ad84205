"""Writes the journals of all boards: what comes in one turn of the loop crosses to the disk's thread in one hop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

T = TypeVar("T")
Job = Callable[[], Any]
Outcome = tuple[Any, Exception | None]

BEAT: Final = 0.05
"""Seconds of frames that go to the disk at once: a hop there and back costs the loop more than a frame does."""


class Scribe:
    """Belongs to one event loop. Jobs of one kind run one after the other, in the order in which they came."""

    def __init__(self) -> None:
        self._writer = ThreadPoolExecutor(1, "journals")
        self._waiter = ThreadPoolExecutor(1, "disk")
        """Waits for the disk, which takes long: nobody's writing waits with it."""
        self._jobs: list[tuple[Job, asyncio.Future[Any]]] = []
        self._struck: asyncio.Future[None] | None = None

    async def beat(self) -> None:
        """Wait until all who wait for the beat go on together."""
        if self._struck is None:
            loop = asyncio.get_running_loop()
            self._struck = loop.create_future()
            loop.call_later(BEAT, self._strike)
        await asyncio.shield(self._struck)

    async def write(self, job: Callable[[], T]) -> T:
        """What ``job`` returns or raises, from the writing thread. It runs even if nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        if not self._jobs:
            loop.call_soon(self._send, loop)
        done: asyncio.Future[T] = loop.create_future()
        self._jobs.append((job, done))
        return await done

    async def sync(self, job: Callable[[], T]) -> T:
        """The same, from the thread that waits for the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._waiter, job)

    def close(self) -> None:
        """When nobody writes any more: whoever wrote has waited for it."""
        self._writer.shutdown(wait=False)
        self._waiter.shutdown(wait=False)

    def _strike(self) -> None:
        struck, self._struck = self._struck, None
        if struck is not None:
            struck.set_result(None)

    def _send(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs, self._jobs = self._jobs, []
        futures = [future for _, future in jobs]

        def back(done: Future[list[Outcome]]) -> None:
            loop.call_soon_threadsafe(_settle, futures, done.result())

        self._writer.submit(_run, [job for job, _ in jobs]).add_done_callback(back)


def _run(jobs: list[Job]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for job in jobs:
        try:
            outcomes.append((job(), None))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever gave us the job
            outcomes.append((None, error))
    return outcomes


def _settle(futures: list[asyncio.Future[Any]], outcomes: list[Outcome]) -> None:
    for future, (result, error) in zip(futures, outcomes, strict=True):
        if future.done():
            continue
        if error:
            future.set_exception(error)
        else:
            future.set_result(result)
