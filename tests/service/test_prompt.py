import asyncio
import gc
import os

import pytest

from otolith.service.prompt import prompt

held = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system does not say where threads run")


@held
async def test_the_loop_stays_on_one_processor_and_heavy_work_may_go_anywhere() -> None:
    allowed = os.sched_getaffinity(0)
    with prompt():
        assert len(os.sched_getaffinity(0)) == 1
        assert os.sched_getaffinity(0) <= allowed
        assert await asyncio.to_thread(os.sched_getaffinity, 0) == allowed
    assert os.sched_getaffinity(0) == allowed


@held
async def test_the_system_places_the_threads_where_that_is_asked_for() -> None:
    allowed = os.sched_getaffinity(0)
    with prompt(one_cpu=False):
        assert os.sched_getaffinity(0) == allowed


async def test_a_system_that_cannot_hold_threads_in_place_goes_on_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with prompt():
        assert await asyncio.to_thread(lambda: 1) == 1


async def test_what_is_there_already_is_not_looked_at_by_the_garbage_collector_again() -> None:
    before = gc.get_freeze_count()
    with prompt(one_cpu=False):
        assert gc.get_freeze_count() > before
    assert gc.get_freeze_count() == 0
