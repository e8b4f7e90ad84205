"""The laws of taps: order, loss, and who waits for whom."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.service.hub import Hub, Policy, TapStatistics

STEPS = st.lists(st.integers(0, 4), max_size=40)
"""How many items the reader takes after each published one."""


async def _publish_and_read(policy: Policy, capacity: int, reads: list[int]) -> tuple[list[int], int, int]:
    """Publish 0, 1, 2 …, reading as told; what was read, dropped, and published without waiting for ever."""
    hub: Hub[int] = Hub()
    read: list[int] = []
    with hub.tap("reader", policy, capacity) as tap:
        for number, count in enumerate(reads):
            publishing = asyncio.create_task(hub.publish(number))
            await asyncio.sleep(0)
            read += [await anext(tap) for _ in range(count) if tap.statistics().queued]
            await asyncio.sleep(0)
            if policy is Policy.BLOCK:
                while not publishing.done():
                    read.append(await anext(tap))
                    await asyncio.sleep(0)
            await publishing
        hub.close()
        read += [item async for item in tap]
        return read, tap.statistics().dropped, tap.take_dropped()


@given(capacity=st.integers(1, 5), reads=STEPS)
def test_block_loses_nothing_and_keeps_order(capacity: int, reads: list[int]) -> None:
    read, dropped, _ = asyncio.run(_publish_and_read(Policy.BLOCK, capacity, reads))
    assert read == list(range(len(reads)))
    assert dropped == 0


@given(capacity=st.integers(1, 5), reads=STEPS)
def test_oldest_loses_exactly_what_it_counts_and_keeps_order(capacity: int, reads: list[int]) -> None:
    read, dropped, taken = asyncio.run(_publish_and_read(Policy.OLDEST, capacity, reads))
    assert read == sorted(set(read))
    assert len(read) + dropped == len(reads)
    assert taken == dropped


@given(reads=STEPS)
def test_latest_always_has_the_newest(reads: list[int]) -> None:
    read, dropped, _ = asyncio.run(_publish_and_read(Policy.LATEST, 7, reads))
    assert len(read) + dropped == len(reads)
    if reads and reads[-1] == 0:
        assert read[-1] == len(reads) - 1


@given(publishers=st.lists(st.integers(0, 12), min_size=1, max_size=4), capacity=st.integers(1, 3))
def test_each_publisher_keeps_its_own_order_through_a_blocked_tap(publishers: list[int], capacity: int) -> None:
    async def run() -> list[tuple[int, int]]:
        hub: Hub[tuple[int, int]] = Hub()

        async def publish(who: int, count: int) -> None:
            for number in range(count):
                await hub.publish((who, number))

        with hub.tap("reader", Policy.BLOCK, capacity) as tap:
            async with asyncio.TaskGroup() as group:
                for who, count in enumerate(publishers):
                    group.create_task(publish(who, count))
                return [await anext(tap) for _ in range(sum(publishers))]

    read = asyncio.run(run())
    for who, count in enumerate(publishers):
        assert [number for reader, number in read if reader == who] == list(range(count))


async def test_a_full_blocking_tap_makes_the_publisher_wait_and_nobody_else() -> None:
    hub: Hub[str] = Hub()
    with hub.tap("slow", Policy.BLOCK, 1) as slow, hub.tap("fast", Policy.OLDEST, 8) as fast:
        await hub.publish("a")
        publishing = asyncio.create_task(hub.publish("b"))
        assert [await anext(fast), await anext(fast)] == ["a", "b"]
        assert not publishing.done()
        assert await anext(slow) == "a"
        await publishing
        assert await anext(slow) == "b"


async def test_leaving_a_tap_frees_the_publisher_that_waits_for_it() -> None:
    hub: Hub[int] = Hub()
    with hub.tap("gone", Policy.BLOCK, 1):
        await hub.publish(1)
        publishing = asyncio.create_task(hub.publish(2))
        await asyncio.sleep(0)
        assert not publishing.done()
    await publishing
    assert hub.statistics().taps == ()


async def test_a_cancelled_publisher_leaves_no_trace_in_the_full_tap() -> None:
    hub: Hub[int] = Hub()
    with hub.tap("reader", Policy.BLOCK, 1) as tap:
        await hub.publish(1)
        publishing = asyncio.create_task(hub.publish(2))
        await asyncio.sleep(0)
        publishing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await publishing
        assert await anext(tap) == 1
        await hub.publish(3)
        assert await anext(tap) == 3


async def test_a_cancelled_reader_loses_nothing() -> None:
    hub: Hub[int] = Hub()
    with hub.tap("reader", Policy.BLOCK, 4) as tap:
        reading = asyncio.ensure_future(anext(tap))
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await hub.publish(1)
        assert await anext(tap) == 1


async def test_closing_a_tap_lets_the_queued_items_be_read_and_takes_no_more() -> None:
    hub: Hub[int] = Hub()
    with hub.tap("reader", Policy.BLOCK, 2) as tap:
        await hub.publish(1)
        await hub.publish(2)
        waiting = asyncio.create_task(hub.publish(3))
        await asyncio.sleep(0)
        tap.close()
        await waiting
        await hub.publish(4)
        assert [item async for item in tap] == [1, 2, 3]


async def test_a_tap_of_a_closed_hub_ends_at_once() -> None:
    hub: Hub[int] = Hub()
    hub.close()
    await hub.publish(1)
    with hub.tap("late", Policy.LATEST, 1) as tap:
        assert [item async for item in tap] == []
    assert hub.statistics().published == 0


async def test_a_tap_takes_only_what_it_accepts() -> None:
    hub: Hub[int] = Hub()
    with hub.tap("even", Policy.OLDEST, 8, accept=lambda item: item % 2 == 0) as tap:
        for number in range(5):
            await hub.publish(number)
        assert tap.take_ready() == [0, 2, 4]
        assert tap.statistics() == _statistics(delivered=3)


def _statistics(**counters: int) -> Any:
    values = {"queued": 0, "delivered": 0, "dropped": 0} | counters
    return TapStatistics("even", Policy.OLDEST, 8, **values)


def test_a_tap_needs_room() -> None:
    with pytest.raises(ValueError, match="capacity"), Hub[int]().tap("none", Policy.BLOCK, 0):
        pass
