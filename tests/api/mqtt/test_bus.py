"""The contract of the bus, kept on the embedded broker and on mosquitto alike; the client is aiomqtt."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import jsonschema_rs
import msgspec
import numpy as np
import pytest

from otolith.api.mqtt import asyncapi
from otolith.api.mqtt.payloads import BoardStatus, Code, Cop, Reply, StationStatus, SwayFigures, TraceBlock
from otolith.api.mqtt.topics import Kind, Topic
from otolith.dsp.sway import Sway
from otolith.service.clock import rfc3339
from otolith.service.frame import Frame
from otolith.service.state import BoardPhase, Grid

Until = Callable[[Callable[[], bool]], Awaitable[None]]
MakeFrame = Callable[..., Frame]
BOARD = "phidget-bridge-1"
TREE = "otolith/v1/bench/#"


def is_online(payload: bytes) -> bool:
    return msgspec.json.decode(payload, type=StationStatus).online


def order(bus: Any, **fields: Any) -> bytes:
    now = rfc3339(bus.station.clock.now())
    return msgspec.json.encode({"v": 1, "t": now, "id": "1", "client": "desk", "board": BOARD} | fields)


async def test_every_topic_arrives_as_the_reference_says(bus: Any, make_frame: MakeFrame, sway: Sway) -> None:
    document = asyncapi.document()
    schemas = {
        channel.kind: jsonschema_rs.validator_for(
            {"$ref": f"#/components/schemas/{channel.payload.__name__}", "components": document["components"]}
        )
        for channel in asyncapi.CHANNELS
    }
    async with bus.connect("operator") as client:
        await client.subscribe(TREE)
        await client.next(Kind.STATUS, is_online)
        await client.raw.publish(bus.topic(Kind.COMMAND, "identify"), order(bus), qos=1)
        await client.next(Kind.REPLY)
        await bus.station.frames.publish(make_frame(sway=sway, grid=Grid(125.0, "samples", 0.0, 0.0)))
        seen: set[Kind] = set()
        while not {Kind.TRACE, Kind.COP, Kind.SWAY} <= seen:
            message = await client.next()
            topic = Topic.parse(str(message.topic), "bench")
            read = msgspec.msgpack.decode if topic.kind is Kind.TRACE else msgspec.json.decode
            schemas[topic.kind].validate(read(message.payload))
            seen.add(topic.kind)


async def test_a_late_reader_gets_the_state_at_once(bus: Any) -> None:
    async with bus.connect() as client:
        await client.subscribe(bus.topic(Kind.STATUS), bus.topic(Kind.BOARD_STATUS, BOARD))
        status = await client.next(Kind.STATUS)
        board = await client.next(Kind.BOARD_STATUS)
    assert is_online(status.payload)
    assert msgspec.json.decode(board.payload, type=BoardStatus).phase is BoardPhase.STREAMING
    await bus.station.change(phase=BoardPhase.LOST, reason="unplugged")
    async with bus.connect() as client:
        await client.subscribe(bus.topic(Kind.BOARD_STATUS, BOARD))
        board = await client.next(where=lambda payload: b"unplugged" in payload)
        assert msgspec.json.decode(board.payload, type=BoardStatus).phase is BoardPhase.LOST


async def test_every_sample_arrives_once_and_in_order(bus: Any, make_frame: MakeFrame) -> None:
    async with bus.connect() as client:
        await client.subscribe(bus.topic(Kind.TRACE, BOARD), qos=0)
        await client.subscribe(bus.topic(Kind.STATUS))
        await client.next(Kind.STATUS, is_online)
        for index in range(200):
            await bus.station.frames.publish(make_frame(seq=index * 4, t0_ns=index * 4_000_000))
            if index % 50 == 0:
                await asyncio.sleep(0.01)
        blocks = [msgspec.msgpack.decode((await client.next(Kind.TRACE)).payload, type=TraceBlock) for _ in range(200)]
    assert [block.seq for block in blocks] == [4 * index for index in range(200)]
    assert [x for block in blocks for x in block.ml] == [seq / 4 for seq in range(800)]


async def test_nan_arrives_as_null_and_as_nan(bus: Any, make_frame: MakeFrame) -> None:
    nobody = make_frame(
        n=1, cop=np.full((1, 2), np.nan), smooth=np.full((1, 2), np.nan), flags=np.array([8], np.uint32)
    )
    async with bus.connect() as client:
        await client.subscribe(f"otolith/v1/bench/board/{BOARD}/#", bus.topic(Kind.STATUS))
        await client.next(Kind.STATUS, is_online)
        await bus.station.frames.publish(nobody)
        block = msgspec.msgpack.decode((await client.next(Kind.TRACE)).payload, type=TraceBlock)
        cop = msgspec.json.decode((await client.next(Kind.COP)).payload, type=Cop)
    assert np.isnan(block.ml[0])
    assert (cop.ml, cop.valid) == (None, False)


async def test_sway_arrives(bus: Any, make_frame: MakeFrame, sway: Sway) -> None:
    async with bus.connect() as client:
        await client.subscribe(bus.topic(Kind.SWAY, BOARD), bus.topic(Kind.STATUS))
        await client.next(Kind.STATUS, is_online)
        await bus.station.frames.publish(make_frame(sway=sway, grid=Grid(125.0, "samples", 0.0, 0.0)))
        figures = msgspec.json.decode((await client.next(Kind.SWAY)).payload, type=SwayFigures)
    assert figures.mean_frequency == sway.mean_frequency


async def test_an_order_is_done_and_answered(bus: Any) -> None:
    async with bus.connect("operator") as client:
        await client.subscribe(bus.topic(Kind.REPLY, "desk"), bus.topic(Kind.STATUS))
        await client.next(Kind.STATUS, is_online)
        await client.raw.publish(bus.topic(Kind.COMMAND, "tare"), order(bus), qos=1)
        reply = msgspec.json.decode((await client.next(Kind.REPLY)).payload, type=Reply)
    assert (reply.code, reply.id) == (Code.DONE, "1")
    by = "operator desk" if bus.embedded else "mqtt:desk"
    assert bus.station.asked == [("tare", BOARD, by)]


async def test_the_life_of_orders_that_are_not_done(bus: Any) -> None:
    async with bus.connect("operator") as client:
        await client.subscribe(bus.topic(Kind.REPLY, "desk"), bus.topic(Kind.STATUS))
        await client.next(Kind.STATUS, is_online)

        async def answer(verb: str, payload: bytes) -> Reply:
            await client.raw.publish(bus.topic(Kind.COMMAND, verb), payload, qos=1)
            return msgspec.json.decode((await client.next(Kind.REPLY)).payload, type=Reply)

        assert (await answer("tare", order(bus, t="2020-01-01T00:00:00Z"))).code is Code.EXPIRED
        assert (await answer("dance", order(bus))).code is Code.UNKNOWN_VERB
        assert (await answer("tare", order(bus, board="nowhere", id="2"))).code is Code.UNKNOWN_BOARD
        assert (await answer("tare", order(bus, surprise=1))).code is Code.MALFORMED
        await client.raw.publish(bus.topic(Kind.COMMAND, "tare"), b"\x00garbage", qos=1)
        assert (await answer("tare", order(bus, id="3"))).code is Code.DONE
        assert (await answer("tare", order(bus, id="3"))).code is Code.DONE
    assert len(bus.station.asked) == 1
    assert (bus.endpoint.orders.malformed, bus.endpoint.orders.repeated) == (2, 1)


async def test_a_wrong_password_is_refused(bus: Any) -> None:
    for password in ("wrong", ""):
        with pytest.raises(aiomqtt.MqttError):
            async with bus.connect("admin", password=password):
                pass
    with pytest.raises(aiomqtt.MqttError):
        async with bus.connect(username=None, password=None):
            pass


async def test_a_viewer_gives_no_orders_and_nobody_speaks_for_the_station(bus: Any) -> None:
    """Refused silently, as MQTT 3.1.1 has it; what is published after it shows that it was passed over."""
    forged = [
        bus.topic(Kind.STATUS),
        bus.topic(Kind.COP, BOARD),
        bus.topic(Kind.REPLY, "x"),
        "otolith/v1/other/cmd/tare",
    ]
    async with bus.connect("operator") as operator, bus.connect("viewer") as viewer, bus.connect("viewer") as reader:
        await reader.subscribe(TREE)
        await reader.next(Kind.STATUS, is_online)
        await viewer.raw.publish(bus.topic(Kind.COMMAND, "tare"), order(bus, id="viewer"), qos=1)
        for topic in forged:
            for client in (viewer, operator):
                await client.raw.publish(topic, b"forged", qos=1, retain=True)
        await operator.raw.publish(bus.topic(Kind.COMMAND, "tare"), order(bus, id="operator"), qos=1)
        await reader.next(Kind.REPLY, lambda payload: b'"operator"' in payload)
    assert len(bus.station.asked) == 1
    async with bus.connect() as late:
        await late.subscribe(TREE)
        message = await late.next(Kind.STATUS)
        assert message.payload != b"forged"


async def test_a_viewer_reads_nothing_but_the_station_s_tree(bus: Any) -> None:
    async with bus.connect() as client:
        for topic in ("#", "$SYS/#", "otolith/#", "otolith/v1/+/status", "+/v1/bench/status", "otolith/v1/bench2/#"):
            await client.subscribe(topic)
        await client.subscribe(bus.topic(Kind.BOARD_STATUS, BOARD))
        seen = [str((await client.next()).topic)]
        seen += [str(message.topic) for message in await _rest(client)]
    assert all(topic.startswith("otolith/v1/bench/") for topic in seen)


async def _rest(client: Any) -> list[aiomqtt.Message]:
    """What the broker has sent by the time it answered something sent after."""
    await client.raw.unsubscribe("otolith/v1/bench/nothing")
    return [await client.next() for _ in range(client.waiting())]


async def test_a_board_s_first_id_is_gone_for_readers_and_late_readers(bus: Any) -> None:
    async with bus.connect() as client:
        await client.subscribe(bus.topic(Kind.BOARD_STATUS, BOARD))
        await client.next(Kind.BOARD_STATUS)
        await bus.station.change(id="other")
        assert (await client.next(Kind.BOARD_STATUS)).payload == b""
    async with bus.connect() as late:
        await late.subscribe("otolith/v1/bench/board/+/status")
        topics = {str((await late.next()).topic)} | {str(message.topic) for message in await _rest(late)}
    assert topics == {bus.topic(Kind.BOARD_STATUS, "other")}


async def test_the_station_says_goodbye_before_it_goes(bus: Any) -> None:
    async with bus.connect() as client:
        await client.subscribe(bus.topic(Kind.STATUS))
        await client.next(Kind.STATUS, is_online)
        await bus.end()
        await client.next(Kind.STATUS, lambda payload: not is_online(payload))


async def test_traffic_is_counted(bus: Any, make_frame: MakeFrame, until: Until) -> None:
    async with bus.connect() as client:
        await client.subscribe(bus.topic(Kind.STATUS))
        await client.next(Kind.STATUS, is_online)
        before = bus.endpoint.traffic.published
        await bus.station.frames.publish(make_frame())
        await until(lambda: bus.endpoint.traffic.published == before + 2)


def test_the_access_list_for_a_site_s_own_broker_is_the_one_tested_here() -> None:
    record = (Path(__file__).parents[3] / "docs" / "decisions" / "0004-broker.md").read_text()
    rules = "topic write otolith/v1/{station}/cmd/#", "topic readwrite otolith/v1/{station}/#"
    assert all(rule in record for rule in rules)
