import asyncio
import threading
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest

from otolith.service.scribe import Scribe

PATIENCE = 10.0


@pytest.fixture
async def scribe() -> AsyncIterator[Scribe]:
    scribe = Scribe()
    yield scribe
    scribe.close()


async def test_what_comes_in_one_turn_of_the_loop_crosses_in_one_hop(
    scribe: Scribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    returns, original = [], loop.call_soon_threadsafe

    def counted(*args: Any) -> Any:
        returns.append(args)
        return original(*args)

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    order: list[int] = []

    def job(number: int) -> int:
        order.append(number)
        return number

    assert await asyncio.gather(*(scribe.write(partial(job, number)) for number in range(20))) == list(range(20))
    assert order == list(range(20))
    assert len(returns) == 1


async def test_a_job_that_fails_fails_alone(scribe: Scribe) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    outcomes = await asyncio.gather(
        scribe.write(lambda: 1), scribe.write(full), scribe.write(lambda: 3), return_exceptions=True
    )
    assert [outcomes[0], outcomes[2]] == [1, 3]
    assert isinstance(outcomes[1], OSError)


async def test_a_job_is_done_even_if_nobody_waits_for_it_any_more(scribe: Scribe) -> None:
    done = threading.Event()
    waiting = asyncio.create_task(scribe.write(done.set))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await scribe.write(lambda: done.wait(PATIENCE))


async def test_writing_does_not_wait_for_the_disk(scribe: Scribe) -> None:
    written = threading.Event()
    syncing = asyncio.create_task(scribe.sync(lambda: written.wait(PATIENCE)))
    await scribe.write(written.set)
    assert await syncing


async def test_all_who_wait_for_the_beat_go_on_together(scribe: Scribe) -> None:
    turns: list[list[int]] = []

    async def writer(number: int) -> None:
        await scribe.beat()
        if not turns or not turns[-1]:
            turns.append([])
            asyncio.get_running_loop().call_soon(turns.append, [])
        turns[-1].append(number)

    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(writer(number) for number in range(12)))
    assert [sorted(turn) for turn in turns if turn] == [list(range(12))]
