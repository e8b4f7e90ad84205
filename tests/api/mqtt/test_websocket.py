"""MQTT through the API's own port, as a browser speaks it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from otolith.api.mqtt.payloads import Code, Reply
from otolith.api.mqtt.serve import MqttEndpoint, mqtt_service
from otolith.api.mqtt.topics import Kind
from otolith.api.mqtt.websocket import websocket_route
from otolith.service.clock import rfc3339
from otolith.service.frame import Frame

Until = Callable[[Callable[[], bool]], Awaitable[None]]
BOARD = "phidget-bridge-1"
CONNECT = b"\x10\x1a\x00\x04MQTT\x04\xc2\x00\x00\x00\x01c\x00\x01u\x00\x04nope\x00\x00"[:0]


class Server(uvicorn.Server):
    """Leaves the signals of the test run alone."""

    def install_signal_handlers(self) -> None:
        return


@asynccontextmanager
async def serving(endpoint: MqttEndpoint, until: Until) -> AsyncIterator[int]:
    app = Starlette(routes=[websocket_route("127.0.0.1", endpoint.port)])
    server = Server(uvicorn.Config(app, port=0, log_config=None, ws="websockets-sansio", lifespan="off"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield int(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await task


@pytest.fixture
async def port(bus: Any, until: Until) -> AsyncIterator[int]:
    async with serving(bus.endpoint, until) as port:
        yield port


WS = {"transport": "websockets", "websocket_path": "/mqtt"}


async def test_a_browser_reads_and_gives_orders(
    bus: Any, port: int, connect: Any, make_frame: Callable[..., Frame]
) -> None:
    async with connect(port, "operator", **WS) as client:
        await client.subscribe("otolith/v1/bench/#")
        await client.next(Kind.STATUS, lambda payload: b'"online":true' in payload)
        for index in range(100):
            await bus.station.frames.publish(make_frame(seq=index * 4))
        seqs = [msgspec.msgpack.decode((await client.next(Kind.TRACE)).payload)["seq"] for _ in range(100)]
        assert seqs == [4 * index for index in range(100)]
        now = rfc3339(bus.station.clock.now())
        order = {"v": 1, "t": now, "id": "1", "client": "page", "board": BOARD}
        await client.raw.publish(bus.topic(Kind.COMMAND, "identify"), msgspec.json.encode(order), qos=1)
        reply = msgspec.json.decode((await client.next(Kind.REPLY)).payload, type=Reply)
    assert reply.code is Code.DONE


async def test_the_broker_decides_who_comes_in(bus: Any, port: int, connect: Any) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with connect(port, password="wrong", **WS):  # noqa: S106 - wrong on purpose
            pass
