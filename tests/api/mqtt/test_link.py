"""The connection to a site's own broker, through everything that can happen to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiomqtt
import msgspec
import pytest

from otolith.api.mqtt import link as link_module
from otolith.api.mqtt.bridge import last_will
from otolith.api.mqtt.link import Address, Link
from otolith.api.mqtt.outlet import Order
from otolith.api.mqtt.payloads import Code, Reply, StationStatus
from otolith.api.mqtt.serve import mqtt_service
from otolith.api.mqtt.topics import Kind, Topic
from otolith.service.clock import rfc3339

Until = Callable[[Callable[[], bool]], Awaitable[None]]
STATUS = Topic("bench", Kind.STATUS)
COP = Topic("bench", Kind.COP, "b")
ANSWER = Topic("bench", Kind.REPLY, "desk")
ORDER = "otolith/v1/bench/cmd/tare"
SITE = {"embedded": False, "username": "station", "password": "station-secret"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(link_module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(link_module, "LONGEST_PAUSE", 0.05)
    monkeypatch.setattr(link_module, "PATIENCE", 1.0)


@asynccontextmanager
async def linked(port: int, orders: list[Order] | None = None) -> AsyncIterator[Link]:
    address = Address("127.0.0.1", port, "station", "station-secret")
    async with Link("bench", address, b"gone", ([] if orders is None else orders).append) as link:
        yield link


def is_online(payload: bytes) -> bool:
    return msgspec.json.decode(payload, type=StationStatus).online


class Proxy:
    """A wire to a broker that can be cut without either end being told politely."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.refuse = False
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuse:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._open |= {writer, back}
        self._tasks |= {asyncio.create_task(self._copy(reader, back)), asyncio.create_task(self._copy(there, writer))}

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
        writer.close()

    def cut(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture
async def proxy(mosquitto: Any) -> AsyncIterator[Proxy]:
    await mosquitto.start()
    proxy = Proxy(mosquitto.port)
    yield proxy
    await proxy.stop()


@pytest.mark.broker
async def test_a_station_that_breaks_off_is_offline_by_its_last_will(
    mosquitto: Any, proxy: Proxy, connect: Any
) -> None:
    port = await proxy.start()
    async with connect(mosquitto.port) as reader:
        await reader.subscribe(str(STATUS))
        async with linked(port) as link:
            link.publish(STATUS, b"here", retain=True)
            assert (await reader.next()).payload == b"here"
            proxy.cut()
            assert (await reader.next()).payload == b"gone"
            assert (await reader.next()).payload == b"here", "said again to a broker that heard the will"


@pytest.mark.broker
async def test_a_station_that_ends_says_goodbye_and_leaves_it_behind(
    mosquitto: Any, connect: Any, make_station: Callable[..., Any]
) -> None:
    await mosquitto.start()
    station = make_station(port=mosquitto.port, **SITE)
    async with connect(mosquitto.port) as reader:
        await reader.subscribe(str(STATUS))
        async with mqtt_service(station):
            await reader.next(Kind.STATUS, is_online)
        offline = await reader.next(Kind.STATUS, lambda payload: not is_online(payload))
        assert msgspec.json.decode(offline.payload, type=StationStatus).seq > last_will(station).seq
    async with connect(mosquitto.port) as late:
        await late.subscribe(str(STATUS))
        assert not is_online((await late.next()).payload)


@pytest.mark.broker
async def test_a_broker_s_restart_loses_nothing_of_quality_one(
    mosquitto: Any, proxy: Proxy, connect: Any, until: Until
) -> None:
    """200 answers; the broker ends while the first half is on its way and comes back after the second was given."""
    heard: list[bytes] = []

    async def listen(listening: asyncio.Event) -> None:
        """Until the broker ends. Quality 0, so that nothing of ours is unread when it does."""
        with suppress(aiomqtt.MqttError):
            async with connect(mosquitto.port) as reader:
                await reader.subscribe(str(ANSWER), qos=0)
                listening.set()
                while True:
                    heard.append((await reader.next()).payload)

    async with linked(await proxy.start()) as link:
        first, second = asyncio.Event(), asyncio.Event()
        before = asyncio.create_task(listen(first))
        await first.wait()
        for number in range(100):
            link.publish(ANSWER, b"%d" % number, quality=1)
        await until(lambda: len(heard) >= 20)
        proxy.refuse = True
        mosquitto.stop()
        await before
        for number in range(100, 200):
            link.publish(ANSWER, b"%d" % number, quality=1)
        await mosquitto.start()
        after = asyncio.create_task(listen(second))
        await second.wait()
        proxy.refuse = False
        await until(lambda: b"199" in heard)
        after.cancel()
        await asyncio.gather(after, return_exceptions=True)
    assert list(dict.fromkeys(heard)) == [b"%d" % number for number in range(200)]
    assert (link.traffic.dropped, link.traffic.published >= 200) == (0, True)


@pytest.mark.broker
async def test_a_broker_that_forgot_is_told_the_state_again(mosquitto: Any, connect: Any) -> None:
    await mosquitto.start()
    async with linked(mosquitto.port) as link:
        for text in (b"old", b"newest"):
            link.publish(STATUS, text, retain=True)
        mosquitto.stop()
        await mosquitto.start()
        async with connect(mosquitto.port) as reader:
            await reader.subscribe(str(STATUS))
            assert (await reader.next()).payload == b"newest"


@pytest.mark.broker
async def test_an_order_retained_at_the_broker_is_refused_and_cleared(
    mosquitto: Any, connect: Any, make_station: Callable[..., Any]
) -> None:
    await mosquitto.start()
    station = make_station(port=mosquitto.port, **SITE)
    order = {"v": 1, "t": rfc3339(station.clock.now()), "id": "1", "client": "desk", "board": "phidget-bridge-1"}
    async with connect(mosquitto.port, "operator") as operator:
        await operator.subscribe(str(ANSWER))
        await operator.raw.publish(ORDER, msgspec.json.encode(order), qos=1, retain=True)
        async with mqtt_service(station):
            reply = msgspec.json.decode((await operator.next()).payload, type=Reply)
            assert reply.code is Code.RETAINED
    async with connect(mosquitto.port, "station") as late:
        await late.subscribe("otolith/v1/bench/#")
        assert str((await late.next()).topic) != ORDER
        await late.raw.unsubscribe("otolith/v1/bench/#")
        assert ORDER not in [str((await late.next()).topic) for _ in range(late.waiting())]
    assert station.asked == []


async def test_without_a_broker_samples_are_dropped_and_answers_wait(until: Until) -> None:
    nobody = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = nobody.sockets[0].getsockname()[1]
    nobody.close()
    async with linked(port) as link:
        await until(lambda: link.traffic.reconnects >= 2)
        link.publish(COP, b"x")
        assert link.traffic.dropped == 1
        for number in range(link_module.MAX_WAITING + 3):
            link.publish(ANSWER, b"%d" % number, quality=1)
            link.publish(STATUS, b"%d" % number, retain=True)
        assert link.traffic.dropped == 1 + 4
        assert len(link._waiting) == link_module.MAX_WAITING
        assert [message.payload for message in link._waiting.values() if message.retain] == [b"1002"]
    assert link.traffic.published == 0


@pytest.mark.broker
async def test_a_wrong_password_is_tried_again_and_never_ends_the_station(mosquitto: Any, until: Until) -> None:
    await mosquitto.start()
    async with Link("bench", Address("127.0.0.1", mosquitto.port, "station", "wrong"), b"", print) as link:
        await until(lambda: link.traffic.reconnects >= 3)
        assert not link.connected.is_set()


@pytest.mark.parametrize("answer", [b"", b"\x20\x02\x00", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff" * 5000])
async def test_something_else_on_the_broker_s_port_is_borne(
    answer: bytes, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "PATIENCE", 0.2)
    ends: list[asyncio.StreamWriter] = []

    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends.append(writer)
        writer.write(answer)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(odd, "127.0.0.1", 0)
    async with linked(server.sockets[0].getsockname()[1]) as link:
        await until(lambda: link.traffic.reconnects >= 2)
        assert not link.connected.is_set()
    server.close()
    await until(lambda: all(writer.is_closing() for writer in ends))
    assert link.traffic.published == 0
