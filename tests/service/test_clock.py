"""Virtual time: nothing passes unless told, and sleepers wake at their own moment."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.service.backoff import Backoff
from otolith.service.clock import SystemClock, VirtualClock, rfc3339
from otolith.service.ids import Ids


async def test_sleepers_wake_in_order_of_their_time(clock: VirtualClock) -> None:
    woken: list[tuple[float, int]] = []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((seconds, clock.monotonic_ns()))

    async with asyncio.TaskGroup() as group:
        for seconds in (0.3, 0.1, 0.2, 5.0):
            group.create_task(sleeper(seconds))
        await clock.advance(0.25)
        assert woken == [(0.1, 100_000_000), (0.2, 200_000_000)]
        assert clock.monotonic_ns() == 250_000_000
        assert clock.sleepers == 2
        await clock.advance(5.0)
    assert [seconds for seconds, _ in woken] == [0.1, 0.2, 0.3, 5.0]


async def test_a_sleeper_that_sleeps_again_is_woken_again(clock: VirtualClock) -> None:
    ticks: list[int] = []

    async def ticker() -> None:
        while True:
            await clock.sleep(1)
            ticks.append(clock.monotonic_ns())

    task = asyncio.create_task(ticker())
    await clock.advance(3600)
    assert len(ticks) == 3600
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert clock.sleepers == 0


async def test_the_walls_follow(clock: VirtualClock) -> None:
    assert rfc3339(clock.now()) == "2026-01-01T00:00:00.000000Z"
    await clock.advance(61.5)
    assert rfc3339(clock.now()) == "2026-01-01T00:01:01.500000Z"


async def test_the_system_clock_moves_on() -> None:
    clock = SystemClock()
    before = clock.monotonic_ns()
    await clock.sleep(0.001)
    assert clock.monotonic_ns() > before
    assert rfc3339(clock.now()).endswith("Z")


@given(seed=st.integers(), cap=st.floats(0.1, 60))
def test_backoff_doubles_with_jitter_up_to_its_cap(seed: int, cap: float) -> None:
    backoff = Backoff(0.1, seed=seed)
    for attempt in range(40):
        whole = min(cap, 0.1 * 2.0**attempt)
        assert whole / 2 <= backoff.next(cap) <= whole
    backoff.reset()
    assert backoff.next(cap) <= 0.1


@given(st.lists(st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1000 <= at.year < 9999), min_size=2))
def test_ids_grow_whatever_the_clock_does(moments: list[datetime]) -> None:
    ids = Ids()
    made = [ids.make(moment) for moment in moments]
    assert made == sorted(set(made))
    assert made[0].startswith(f"{moments[0]:%Y%m%dt%H%M%S%f}-")


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1000 <= at.year < 9999), st.text())
def test_ids_follow_those_of_an_earlier_process(moment: datetime, text: str) -> None:
    before = Ids().make(moment)
    ids = Ids()
    ids.follow(before)
    ids.follow(text)
    ids.follow("20010101t000000000000-aaaaaa")
    after = ids.make(datetime(1970, 1, 1, tzinfo=UTC))
    assert before.partition("-")[0] < after.partition("-")[0]
