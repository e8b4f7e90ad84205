import asyncio
import threading

import pytest

from otolith.drivers.usb.outbox import Outbox


async def _take(outbox: Outbox[int]) -> list[int]:
    return [item async for item in outbox]


async def test_everything_put_arrives_in_order_across_threads() -> None:
    outbox: Outbox[int] = Outbox(asyncio.get_running_loop(), 100_000)

    def produce() -> None:
        for number in range(20_000):
            outbox.put(number)
        outbox.end()

    producer = threading.Thread(target=produce)
    producer.start()
    assert await _take(outbox) == list(range(20_000))
    producer.join()


async def test_the_oldest_is_dropped_when_full() -> None:
    outbox: Outbox[int] = Outbox(asyncio.get_running_loop(), 3)
    dropped = sum(outbox.put(number) for number in range(10))
    outbox.end()
    assert await _take(outbox) == [7, 8, 9]
    assert dropped == 7


async def test_an_error_comes_after_what_was_put_before_it() -> None:
    outbox: Outbox[int] = Outbox(asyncio.get_running_loop(), 3)
    outbox.put(1)
    outbox.end(ZeroDivisionError())
    assert await anext(outbox) == 1
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            await anext(outbox)


async def test_one_wake_up_serves_all_that_has_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    wake_ups = 0
    original = loop.call_soon_threadsafe

    def counted(*args: object) -> object:
        nonlocal wake_ups
        wake_ups += 1
        return original(*args)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
    one: Outbox[int] = Outbox(loop, 1000)
    other: Outbox[int] = Outbox(loop, 1000)
    for number in range(500):
        one.put(number)
        other.put(number)
    one.end()
    other.end()
    assert len(await _take(one)) == len(await _take(other)) == 500
    assert wake_ups == 1, "the loop had not heard the first one yet"
    await asyncio.sleep(0)
    third: Outbox[int] = Outbox(loop, 1000)
    third.put(1)
    third.end()
    assert await _take(third) == [1]
    assert wake_ups == 2


async def test_a_waiting_consumer_is_cancelled_at_once() -> None:
    outbox: Outbox[int] = Outbox(asyncio.get_running_loop(), 3)
    consumer = asyncio.create_task(_take(outbox))
    await asyncio.sleep(0)
    consumer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await consumer


def test_a_closed_loop_is_no_error_for_the_producer() -> None:
    loop = asyncio.new_event_loop()
    outbox: Outbox[int] = Outbox(loop, 3)
    loop.close()
    assert outbox.put(1) == 0
    outbox.end()
