"""Live feedback on the bus and on the WebSocket's wire: the moment as it was made, without whose it is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from otolith.api.messages import GuidanceMessage, ServerMessage
from otolith.api.mqtt.bridge import Bridge
from otolith.api.mqtt.payloads import GuidancePayload
from otolith.api.mqtt.topics import Kind
from otolith.service.clock import VirtualClock
from otolith.service.guidance.guidance import Guidance

Until = Callable[[Callable[[], bool]], Awaitable[None]]


def moment(seq: int = 0, **changes: Any) -> Guidance:
    values: dict[str, Any] = {
        "session": "s1",
        "run": "r1",
        "trial": "c1-1",
        "board": "phidget-bridge-1",
        "seq": seq,
        "t_ns": 1_500_000_000,
        "elapsed_s": 0.5,
        "quantity": "place",
        "target": (10.0, 20.0),
        "band": 15.0,
        "shape": "circle",
        "cursor": None,
        "error": 3.5,
        "on_target": True,
        "ahead": ((11.0, 20.0),),
        "ahead_s": 0.05,
        "beat_s": None,
        "rate_hz": 125.0,
        "latency_ms": 26.5,
    }
    return Guidance(**(values | changes))


async def test_every_moment_is_said_at_once_under_its_session(
    make_station: Callable[..., Any], outlet: Any, until: Until
) -> None:
    station = make_station(VirtualClock(monotonic_ns=2_000_000_000))
    task = asyncio.create_task(Bridge(station, outlet).run())
    await until(lambda: bool(outlet.of(Kind.BOARD_STATUS)))
    for seq in range(3):
        await station.guidance.publish(moment(seq))
    await until(lambda: len(outlet.of(Kind.GUIDANCE)) == 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    said = outlet.of(Kind.GUIDANCE)
    assert [(one.topic.name, one.quality, one.retain) for one in said] == [("s1", 0, False)] * 3
    payloads = [msgspec.json.decode(one.payload, type=GuidancePayload) for one in said]
    assert [payload.seq for payload in payloads] == [0, 1, 2]
    assert (payloads[0].target, payloads[0].cursor, payloads[0].error) == ((10.0, 20.0), None, 3.5)


def test_a_socket_s_message_reads_back_as_it_was() -> None:
    made = GuidanceMessage(moment(cursor=(1.0, 2.0), beat_s=0.25))
    assert msgspec.json.decode(msgspec.json.encode(made), type=ServerMessage) == made
