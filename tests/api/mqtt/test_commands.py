"""The life of an order, from its bytes to its answer; no broker needed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from otolith.api.mqtt.commands import MAX_REMEMBERED, MAX_RUNNING, Commands
from otolith.api.mqtt.outlet import Order
from otolith.api.mqtt.payloads import Code, Reply
from otolith.api.mqtt.topics import Kind
from otolith.service.clock import VirtualClock, rfc3339
from otolith.service.conductor import Conductor
from otolith.service.training import Training

Until = Callable[[Callable[[], bool]], Awaitable[None]]
BOARD = "phidget-bridge-1"


class Desk:
    """Gives orders to a station and reads its answers."""

    def __init__(self, station: Any, outlet: Any, until: Until) -> None:
        self.station = station
        self.outlet = outlet
        conductor = Conductor(station)
        self.commands = Commands(station, conductor, Training(station, conductor))
        self._until = until
        self._given = 0

    def payload(self, **fields: Any) -> bytes:
        self._given += 1
        order = {"id": f"order-{self._given}", "client": "desk", "board": BOARD, "v": 1}
        return msgspec.json.encode({"t": rfc3339(self.station.clock.now())} | order | fields)

    def give(self, verb: str = "tare", *, retained: bool = False, by: str = "op", **fields: Any) -> None:
        self.commands.take(Order(verb, self.payload(**fields), retained, by))

    def answers(self) -> list[Reply]:
        return [msgspec.json.decode(said.payload, type=Reply) for said in self.outlet.of(Kind.REPLY)]

    async def answer(self, count: int = 1) -> Reply:
        await self._until(lambda: len(self.outlet.of(Kind.REPLY)) >= count)
        assert len(self.answers()) == count
        return self.answers()[-1]


@pytest.fixture
async def desk(make_station: Callable[..., Any], outlet: Any, until: Until) -> AsyncIterator[Desk]:
    desk = Desk(make_station(VirtualClock()), outlet, until)
    task = asyncio.create_task(desk.commands.run(outlet))
    await asyncio.sleep(0)
    yield desk
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("tare", ("tare", BOARD, "op")),
        ("identify", ("identify", BOARD)),
        ("start_recording", ("start_recording", BOARD, "op")),
    ],
)
async def test_an_order_is_done_in_the_name_of_who_gave_it_and_answered(
    desk: Desk, verb: str, asked: tuple[str, ...]
) -> None:
    desk.give(verb)
    reply = await desk.answer()
    assert (reply.code, reply.reason, reply.id, reply.verb, reply.board) == (Code.DONE, "", "order-1", verb, BOARD)
    assert desk.station.asked == [asked]
    said = desk.outlet.of(Kind.REPLY)[0]
    assert (said.topic.name, said.quality, said.retain) == ("desk", 1, False)


async def test_behind_a_foreign_broker_the_order_is_in_the_name_of_the_reply_address(desk: Desk) -> None:
    desk.give(by="")
    await desk.answer()
    assert desk.station.asked == [("tare", BOARD, "mqtt:desk")]


async def test_a_recording_is_started_and_stopped_by_its_board(desk: Desk) -> None:
    desk.give("start_recording")
    assert (await desk.answer()).recording == "rec-1"
    desk.give("stop_recording")
    assert (await desk.answer(2)).recording == "rec-1"
    assert desk.station.asked[-1] == ("stop_recording", "rec-1", "op")
    desk.give("stop_recording")
    refused = await desk.answer(3)
    assert (refused.code, refused.reason) == (Code.REFUSED, f"nothing is being recorded on {BOARD}")


@pytest.mark.parametrize(
    ("seconds", "code"), [(4.9, Code.DONE), (5.1, Code.EXPIRED), (-4.9, Code.DONE), (-5.1, Code.EXPIRED)]
)
async def test_an_order_is_void_five_seconds_from_its_time(desk: Desk, seconds: float, code: Code) -> None:
    old = desk.payload()
    if seconds < 0:
        future = VirtualClock()
        await future.advance(-seconds)
        old = desk.payload(t=rfc3339(future.now()))
    else:
        await desk.station.clock.advance(seconds)
    desk.commands.take(Order("tare", old, retained=False, by="op"))
    reply = await desk.answer()
    assert reply.code is code
    assert ("5.1 s" in reply.reason) == (code is Code.EXPIRED)
    assert bool(desk.station.asked) == (code is Code.DONE)


async def test_a_retained_order_is_refused_and_cleared(desk: Desk) -> None:
    desk.give(retained=True)
    assert (await desk.answer()).code is Code.RETAINED
    assert [str(topic) for topic in desk.outlet.cleared] == ["otolith/v1/bench/cmd/tare"]
    assert desk.station.asked == []


async def test_clearing_is_not_an_order(desk: Desk) -> None:
    desk.commands.take(Order("tare", b"", retained=False, by="op"))
    desk.commands.take(Order("tare", b"", retained=True, by="op"))
    desk.give()
    await desk.answer()
    assert desk.outlet.cleared == []
    assert desk.commands.counters.malformed == 0


async def test_a_repeated_order_is_done_once_and_answered_alike(desk: Desk) -> None:
    desk.give(id="same")
    first = await desk.answer()
    await desk.station.clock.advance(60)
    desk.give(id="same", t="2026-01-01T00:00:00.000Z")
    assert await desk.answer(2) == first
    assert len(desk.station.asked) == 1
    assert desk.commands.counters.repeated == 1


async def test_a_repeated_order_under_way_gets_the_one_answer(desk: Desk, until: Until) -> None:
    desk.station.gate.clear()
    desk.give(id="same")
    await until(lambda: bool(desk.station.asked))
    desk.give(id="same")
    desk.station.gate.set()
    assert (await desk.answer()).code is Code.DONE
    assert len(desk.station.asked) == 1


async def test_the_same_id_of_somebody_else_is_another_order(desk: Desk) -> None:
    desk.give(id="same")
    desk.give(id="same", client="other desk")
    desk.give(id="same", by="other op")
    await desk.answer(3)
    assert len(desk.station.asked) == 3


async def test_only_so_many_answers_are_remembered(desk: Desk) -> None:
    for number in range(MAX_REMEMBERED + 1):
        desk.give("identify", id=f"n{number}")
        await desk.answer(number + 1)
    desk.give("identify", id="n1")
    await desk.answer(MAX_REMEMBERED + 2)
    assert len(desk.station.asked) == MAX_REMEMBERED + 1
    desk.give("identify", id="n0")
    await desk.answer(MAX_REMEMBERED + 3)
    assert len(desk.station.asked) == MAX_REMEMBERED + 2, "forgotten, so done again"


async def test_too_many_orders_at_a_time_are_told_to_wait(desk: Desk, until: Until) -> None:
    desk.station.gate.clear()
    for _ in range(MAX_RUNNING + 2):
        desk.give()
    await until(lambda: len(desk.station.asked) == MAX_RUNNING)
    assert [reply.code for reply in desk.answers()] == [Code.BUSY, Code.BUSY]
    desk.station.gate.set()
    await desk.answer(MAX_RUNNING + 2)
    desk.give()
    assert (await desk.answer(MAX_RUNNING + 3)).code is Code.DONE


@pytest.mark.parametrize(
    ("fields", "verb", "code", "words"),
    [
        ({"board": "nowhere"}, "tare", Code.UNKNOWN_BOARD, BOARD),
        ({}, "dance", Code.UNKNOWN_VERB, "tare, start_recording"),
        ({"t": "yesterday"}, "tare", Code.MALFORMED, "RFC 3339"),
        ({"t": "2026-01-01T00:00:00"}, "tare", Code.MALFORMED, "offset"),
        ({"surprise": 1}, "tare", Code.MALFORMED, "surprise"),
        ({"board": 3}, "tare", Code.MALFORMED, "board"),
        ({"v": 2}, "tare", Code.MALFORMED, "v"),
    ],
)
async def test_refusals_say_why(desk: Desk, fields: dict[str, Any], verb: str, code: Code, words: str) -> None:
    desk.give(verb, **fields)
    reply = await desk.answer()
    assert reply.code is code
    assert words in reply.reason
    assert desk.station.asked == []


async def test_a_station_s_refusal_is_passed_on_in_its_words(desk: Desk) -> None:
    desk.station.noisy = True
    desk.give()
    reply = await desk.answer()
    assert (reply.code, reply.reason) == (Code.REFUSED, "somebody is moving on the board: step off and try again")


async def test_a_fault_is_answered_without_its_inside_and_ends_nothing(desk: Desk) -> None:
    desk.station.crash = True
    desk.give()
    reply = await desk.answer()
    assert reply.code is Code.REFUSED
    assert "nobody foresaw" not in reply.reason
    desk.station.crash = False
    desk.give()
    assert (await desk.answer(2)).code is Code.DONE


@pytest.mark.parametrize(
    "payload", [b"\xff\xfe", b"{}", b"[]", b"null", b"{", b'{"id": "1"}', b"[" * 100_000, b'{"id":"1","client":"a/#"}']
)
async def test_what_cannot_be_answered_is_counted(desk: Desk, payload: bytes) -> None:
    desk.commands.take(Order("tare", payload, retained=False, by="op"))
    assert desk.commands.counters.malformed == 1
    assert desk.answers() == []
    desk.give()
    assert (await desk.answer()).code is Code.DONE


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.binary(max_size=200), verb=st.text(min_size=1, max_size=20), retained=st.booleans())
async def test_no_bytes_upset_the_desk(
    make_station: Callable[..., Any], payload: bytes, verb: str, *, retained: bool
) -> None:
    station = make_station(VirtualClock())
    conductor = Conductor(station)
    commands = Commands(station, conductor, Training(station, conductor))
    commands.take(Order(verb, payload, retained, by="op"))
    assert commands.counters.executed == 0
    assert commands.counters.malformed <= 1


@pytest.mark.parametrize("verb", ["press", "stop_challenge"])
async def test_a_button_of_a_challenge_that_does_not_run_is_refused(desk: Desk, verb: str) -> None:
    desk.give(verb, button="ready")
    reply = await desk.answer()
    assert (reply.code, reply.reason) == (Code.REFUSED, f"no challenge runs on {BOARD}")
