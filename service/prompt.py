"""A process that answers in time: its threads on one processor, what stays out of the garbage collector's sight."""

import asyncio
import gc
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def prompt(*, one_cpu: bool = True) -> Iterator[None]:
    """While it lasts; for the thread of the running loop, before the threads that read boards begin.

    The interpreter runs one thread at a time. On several processors each hand-over from one thread to the next wakes
    another processor, and with a dozen boards the threads do little else; on one, they take turns. Work that is handed
    to the loop's default executor may run on any processor still.

    ``one_cpu=False`` leaves the threads where the system puts them; so does a system that cannot hold them in place.
    """
    allowed = _allowed()
    if one_cpu:
        _stay_on({_chosen(allowed)} if allowed else set())
    executor = ThreadPoolExecutor(thread_name_prefix="work", initializer=_stay_on, initargs=(allowed,))
    asyncio.get_running_loop().set_default_executor(executor)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        _stay_on(allowed)


def _allowed() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def _chosen(allowed: set[int]) -> int:
    """Any of them, but not the same one for every station of a machine."""
    return sorted(allowed)[os.getpid() % len(allowed)]


def _stay_on(processors: set[int]) -> None:
    if processors:
        os.sched_setaffinity(0, processors)  # of the calling thread, and of those that it starts
