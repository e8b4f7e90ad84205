"""MQTT through the API's own port, as a browser speaks it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from otolith.api.mqtt import websocket as websocket_module
from otolith.api.mqtt.payloads import Code, Reply
from otolith.api.mqtt.serve import MqttEndpoint, mqtt_service
from otolith.api.mqtt.topics import Kind
from otolith.api.mqtt.websocket import websocket_route
from otolith.service.clock import rfc3339
from otolith.service.frame import Frame

Until = Callable[[Callable[[], bool]], Awaitable[None]]
BOARD = "phidget-bridge-1"
CONNECT = b"\x10\x1f\x00\x04MQTT\x04\xc2\x00\x00\x00\x01c\x00\x01u\x00\x0dviewer-secret"
MQTT = [Subprotocol("mqtt")]


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


async def test_the_broker_decides_who_comes_in(port: int, connect: Any) -> None:
    with pytest.raises(aiomqtt.MqttError):
        async with connect(port, password="wrong", **WS):  # noqa: S106 - wrong on purpose
            pass


@asynccontextmanager
async def page(port: int, **options: Any) -> AsyncIterator[ClientConnection]:
    async with open_socket(f"ws://127.0.0.1:{port}/mqtt", **({"subprotocols": MQTT} | options)) as browser:
        yield browser


@pytest.fixture
async def embedded(make_station: Callable[..., Any], until: Until) -> AsyncIterator[int]:
    async with mqtt_service(make_station()) as endpoint, serving(endpoint, until) as port:
        yield port


async def test_the_subprotocol_is_agreed_and_packets_may_be_cut_anywhere(embedded: int) -> None:
    async with page(embedded) as browser:
        assert browser.subprotocol == "mqtt"
        for byte in CONNECT:
            await browser.send(bytes([byte]))
        assert await browser.recv() == b"\x20\x02\x00\x00"
        await browser.send(b"\xc0\x00\xc0")
        await browser.send(b"\x00")
        answers = b""
        while len(answers) < 4:
            answers += bytes(await browser.recv(decode=False))
        assert answers == b"\xd0\x00\xd0\x00"


@pytest.mark.parametrize("origin", ["http://evil.example", "null"])
async def test_a_page_of_another_origin_is_refused(embedded: int, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with page(embedded, additional_headers={"Origin": origin}):
            pass
    assert refused.value.response.status_code == 403


async def test_a_page_of_this_origin_is_let_in(embedded: int) -> None:
    async with page(embedded, additional_headers={"Origin": f"http://127.0.0.1:{embedded}"}) as browser:
        await browser.send(CONNECT)
        assert await browser.recv() == b"\x20\x02\x00\x00"


async def test_without_the_subprotocol_it_is_refused(embedded: int) -> None:
    with pytest.raises(InvalidStatus):
        async with page(embedded, subprotocols=None):
            pass


async def last_word(browser: ClientConnection) -> None:
    while True:
        await browser.recv()


@pytest.mark.parametrize(("said", "code"), [("text", 1003), (b"\xff" * 4000, 1001), (CONNECT + b"\x00" * 99, 1001)])
async def test_what_is_not_mqtt_ends_the_socket_alone(embedded: int, said: str | bytes, code: int) -> None:
    async with page(embedded) as other, page(embedded) as browser:
        await browser.send(said)
        with pytest.raises(ConnectionClosed) as closed:
            await last_word(browser)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
        await other.send(CONNECT)
        assert await other.recv() == b"\x20\x02\x00\x00"


async def test_a_socket_without_a_broker_is_refused(make_station: Callable[..., Any], until: Until) -> None:
    async with mqtt_service(make_station()) as endpoint:
        gone = endpoint
    async with serving(gone, until) as port:
        with pytest.raises(InvalidStatus):
            async with page(port):
                pass


async def test_too_many_sockets_are_refused_and_a_closed_one_makes_room(
    embedded: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket_module, "MAX_SOCKETS", 1)
    async with page(embedded):
        with pytest.raises(InvalidStatus):
            async with page(embedded):
                pass

    async def again() -> None:
        async with page(embedded) as browser:
            await browser.send(CONNECT)
            assert await browser.recv() == b"\x20\x02\x00\x00"

    async with asyncio.timeout(10):
        while True:
            try:
                return await again()
            except InvalidStatus:
                continue


async def test_a_page_that_does_not_read_slows_nobody(
    make_station: Callable[..., Any], until: Until, connect: Any, make_frame: Callable[..., Frame]
) -> None:
    station = make_station()
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    async with mqtt_service(station) as endpoint, serving(endpoint, until) as port:
        narrow.connect(("127.0.0.1", port))
        async with page(port, max_queue=1, sock=narrow) as slow, connect(endpoint.port) as client:
            await slow.send(CONNECT + b"\x82\x17\x00\x01\x00\x12otolith/v1/bench/#\x00")
            assert await slow.recv() == b"\x20\x02\x00\x00"
            await client.subscribe("otolith/v1/bench/board/+/trace/bin")
            big = make_frame(n=1000)
            async with asyncio.timeout(60):
                while not endpoint.traffic.dropped:
                    await station.frames.publish(big)
                    await client.next(Kind.TRACE)
            slow.transport.abort()
        assert endpoint.traffic.published < 500
