"""The embedded broker from outside, byte by byte: each defect of the broker underneath that we close, pinned."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from otolith.api.mqtt import broker as broker_module
from otolith.api.mqtt import session as session_module
from otolith.api.mqtt import wire as wire_module
from otolith.api.mqtt.broker import Broker, BrokerError
from otolith.api.mqtt.outlet import Order
from otolith.api.mqtt.topics import Kind, Topic

Until = Callable[[Callable[[], bool]], Awaitable[None]]
STATUS = Topic("bench", Kind.STATUS)
COP = Topic("bench", Kind.COP, "b")
SECONDS = 10.0
ACCEPTED, WRONG_ID, NOT_ALLOWED = b"\x20\x02\x00\x00", b"\x20\x02\x00\x02", b"\x20\x02\x00\x05"


def field(text: str | bytes) -> bytes:
    data = text.encode() if isinstance(text, str) else text
    return len(data).to_bytes(2, "big") + data


def packet(first: int, body: bytes) -> bytes:
    out, n = bytearray([first]), len(body)
    while True:
        n, low = divmod(n, 128)
        out.append(low | (0x80 if n else 0))
        if not n:
            return bytes(out) + body


def connect(client: str, role: str = "viewer", keep_alive: int = 0, will: str = "", flags: int = 0xC2) -> bytes:
    wills = field(will) + field("gone") if will else b""
    flags |= 0x04 if will else 0
    head = field("MQTT") + bytes([4, flags]) + keep_alive.to_bytes(2, "big")
    return packet(0x10, head + field(client) + wills + field("me") + field(f"{role}-secret"))


def subscribe(*filters: str, qos: int = 1) -> bytes:
    return packet(0x82, b"\x00\x01" + b"".join(field(topic) + bytes([qos]) for topic in filters))


def publish(topic: str, payload: bytes, qos: int = 0, number: int = 1, flags: int = 0) -> bytes:
    return packet(0x30 | qos << 1 | flags, field(topic) + (number.to_bytes(2, "big") if qos else b"") + payload)


class Raw:
    """A client that says whatever a test wants it to say."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, *packets: bytes) -> None:
        self.writer.write(b"".join(packets))

    async def hear(self) -> bytes:
        """The next whole packet; nothing at the end."""
        async with asyncio.timeout(SECONDS):
            try:
                head = await self.reader.readexactly(2)
                while head[-1] & 0x80:
                    head += await self.reader.readexactly(1)
                length = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(head[1:]))
                return head + await self.reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionError):
                return b""

    async def sync(self) -> list[bytes]:
        """Everything that the broker says up to the answer to a ping."""
        self.say(b"\xc0\x00")
        heard = []
        while (said := await self.hear()) not in (b"\xd0\x00", b""):
            heard.append(said)
        return heard


@asynccontextmanager
async def raw(port: int, *first: bytes) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    client = Raw(reader, writer)
    client.say(*first)
    try:
        yield client
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


@pytest.fixture
def orders() -> list[Order]:
    return []


@pytest.fixture
async def broker(make_station: Callable[..., Any], orders: list[Order]) -> AsyncIterator[Broker]:
    verify = make_station().store.tokens.verify
    async with Broker("bench", verify, orders.append, host="127.0.0.1", port=0) as running:
        yield running


@pytest.fixture
async def admitted(broker: Broker) -> AsyncIterator[Raw]:
    """A viewer that is let in."""
    async with raw(broker.port, connect("first")) as client:
        assert await client.hear() == ACCEPTED
        yield client


async def test_connecting_brings_nothing_that_was_not_asked_for(broker: Broker, admitted: Raw) -> None:
    """There, a new client got the retained messages of everybody else's filters."""
    broker.publish(STATUS, b"online", retain=True)
    admitted.say(subscribe("otolith/v1/bench/#"))
    assert len(await admitted.sync()) == 2
    async with raw(broker.port, connect("second")) as other:
        assert await other.hear() == ACCEPTED
        assert await other.sync() == []


async def test_a_retained_message_comes_with_its_flag_and_a_live_one_without(broker: Broker, admitted: Raw) -> None:
    broker.publish(STATUS, b"old", quality=1, retain=True)
    admitted.say(subscribe("otolith/v1/bench/status"))
    suback, retained = await admitted.sync()
    assert (suback, retained[0]) == (b"\x90\x03\x00\x01\x01", 0x33)
    broker.publish(STATUS, b"new", quality=1, retain=True)
    (live,) = await admitted.sync()
    assert (live[0], live[-3:]) == (0x32, b"new")


async def test_quality_is_the_lower_of_message_and_subscription(broker: Broker, admitted: Raw) -> None:
    """There, it was the subscription's, and every sample would have waited for its acknowledgement."""
    admitted.say(subscribe("otolith/v1/bench/board/#", qos=2))
    assert await admitted.sync() == [b"\x90\x03\x00\x01\x01"]
    broker.publish(COP, b"x")
    broker.publish(COP, b"y", quality=1)
    assert [said[0] for said in await admitted.sync()] == [0x30, 0x32]


async def test_overlapping_filters_bring_a_message_once(broker: Broker, admitted: Raw) -> None:
    admitted.say(subscribe("otolith/v1/bench/#", "otolith/v1/bench/board/+/cop"))
    await admitted.sync()
    broker.publish(COP, b"x")
    assert len(await admitted.sync()) == 1


async def test_a_repeated_subscription_replaces_the_first(broker: Broker, admitted: Raw) -> None:
    admitted.say(subscribe("otolith/v1/bench/#", qos=1), subscribe("otolith/v1/bench/#", qos=0))
    await admitted.sync()
    broker.publish(COP, b"x", quality=1)
    assert [said[0] for said in await admitted.sync()] == [0x30]


async def test_unsubscribing_leaves_nothing_behind(broker: Broker, admitted: Raw) -> None:
    admitted.say(subscribe("otolith/v1/bench/#"), packet(0xA2, b"\x00\x02" + field("otolith/v1/bench/#")))
    assert (await admitted.sync())[-1] == b"\xb0\x02\x00\x02"
    broker.publish(COP, b"x")
    assert await admitted.sync() == []
    assert broker.subscriptions == {}


async def test_a_refused_client_touches_nobody_s_session(broker: Broker, admitted: Raw) -> None:
    """There, the old session was deleted, and its will and password replaced, before the new password was looked at."""
    admitted.say(subscribe("otolith/v1/bench/#"))
    await admitted.sync()
    for flags in (0xC2, 0xC0):
        async with raw(broker.port, connect("first", "nobody", flags=flags)) as thief:
            assert await thief.hear() == NOT_ALLOWED
            assert await thief.hear() == b""
    broker.publish(COP, b"x")
    assert len(await admitted.sync()) == 1
    assert list(broker.sessions) == ["first"]


async def test_another_account_cannot_take_a_client_s_id(broker: Broker, admitted: Raw) -> None:
    async with raw(broker.port, connect("first", "operator")) as other:
        assert await other.hear() == WRONG_ID
    assert await admitted.sync() == []


async def test_the_same_account_takes_over_its_own_id(broker: Broker, admitted: Raw) -> None:
    admitted.say(subscribe("otolith/v1/bench/#"))
    await admitted.sync()
    async with raw(broker.port, connect("first")) as again:
        assert await again.hear() == ACCEPTED
        assert await admitted.hear() == b""
        broker.publish(COP, b"x")
        assert await again.sync() == [], "a new session has no subscriptions"
        again.say(subscribe("otolith/v1/bench/#"))
        await again.sync()
        broker.publish(COP, b"y")
        assert len(await again.sync()) == 1


@pytest.mark.parametrize("will", ["otolith/v1/bench/status", "otolith/v1/bench/cmd/tare", "a"])
async def test_a_viewer_s_last_will_is_refused(broker: Broker, will: str) -> None:
    """There, a will was published without asking whether its author might publish at all."""
    async with raw(broker.port, connect("first", will=will)) as client:
        assert await client.hear() == NOT_ALLOWED


async def test_an_operator_s_last_will_is_an_order(broker: Broker, orders: list[Order], until: Until) -> None:
    will = "otolith/v1/bench/cmd/tare"
    async with raw(broker.port, connect("polite", "operator", will=will)) as client:
        assert await client.hear() == ACCEPTED
        client.say(b"\xe0\x00")
        assert await client.hear() == b""
    assert orders == []
    async with raw(broker.port, connect("broken", "operator", will=will)) as client:
        assert await client.hear() == ACCEPTED
    await until(lambda: bool(orders))
    assert orders == [Order("tare", b"gone", retained=False, by="operator desk")]


async def test_an_order_reaches_the_station_with_its_author_and_nobody_else(
    broker: Broker, admitted: Raw, orders: list[Order]
) -> None:
    admitted.say(subscribe("otolith/v1/bench/#"))
    await admitted.sync()
    async with raw(broker.port, connect("op", "operator")) as operator:
        assert await operator.hear() == ACCEPTED
        operator.say(publish("otolith/v1/bench/cmd/tare", b"now", qos=1, number=7))
        assert await operator.hear() == b"\x40\x02\x00\x07"
        operator.say(publish("otolith/v1/bench/cmd/tare", b"kept", flags=1))
        assert await operator.sync() == []
    assert [(order.payload, order.retained, order.by) for order in orders] == [
        (b"now", False, "operator desk"),
        (b"kept", True, "operator desk"),
    ]
    assert await admitted.sync() == []
    assert broker.retained_messages == {}


async def test_an_order_of_quality_two_is_given_once_however_often_it_is_repeated(
    broker: Broker, orders: list[Order]
) -> None:
    order = "otolith/v1/bench/cmd/tare"
    async with raw(broker.port, connect("op", "operator")) as operator:
        assert await operator.hear() == ACCEPTED
        operator.say(publish(order, b"x", qos=2), publish(order, b"x", qos=2, flags=8))
        assert [await operator.hear(), await operator.hear()] == [b"\x50\x02\x00\x01"] * 2
        operator.say(b"\x62\x02\x00\x01")
        assert await operator.hear() == b"\x70\x02\x00\x01"
        operator.say(publish(order, b"y", qos=2))
        assert await operator.hear() == b"\x50\x02\x00\x01"
    assert [order.payload for order in orders] == [b"x", b"y"]


async def test_what_nobody_may_publish_is_acknowledged_and_dropped(
    broker: Broker, admitted: Raw, orders: list[Order]
) -> None:
    for topic in ("otolith/v1/bench/cmd/tare", "otolith/v1/bench/status", "$SYS/x", "otolith/v1/other/cmd/tare", "x"):
        admitted.say(publish(topic, b"x", qos=1, flags=1))
        assert await admitted.hear() == b"\x40\x02\x00\x01"
    assert (orders, broker.retained_messages, broker.traffic.refused) == ([], {}, 5)


async def test_filters_outside_the_station_are_refused_and_so_are_too_many(admitted: Raw) -> None:
    admitted.say(subscribe("#", "$SYS/#", "otolith/v1/+/status", "otolith/v1/bench2/status", "otolith/v1/bench/status"))
    assert (await admitted.sync())[0] == b"\x90\x07\x00\x01\x80\x80\x80\x80\x01"
    admitted.say(subscribe(*(f"otolith/v1/bench/{n}" for n in range(32))))
    assert (await admitted.sync())[0] == b"\x90\x22\x00\x01" + b"\x01" * 31 + b"\x80"


async def test_silence_beyond_the_keep_alive_time_is_an_end(broker: Broker, orders: list[Order], until: Until) -> None:
    """There, a client that was gone stayed connected for ever, and its will was never published."""
    order = "otolith/v1/bench/cmd/tare"
    async with raw(broker.port, connect("op", "operator", keep_alive=1, will=order)) as client:
        assert await client.hear() == ACCEPTED
        assert await client.hear() == b""
    await until(lambda: bool(orders))
    assert broker.sessions == {}


async def test_a_connection_that_says_nothing_is_closed(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """There, it was kept for ever."""
    monkeypatch.setattr(wire_module, "CONNECT_TIMEOUT", 0.05)
    for beginning in (b"", b"\x10", connect("slow")[:10]):
        async with raw(broker.port, beginning) as client:
            assert await client.hear() == b""


async def test_a_packet_that_claims_to_be_huge_ends_its_connection_unread(admitted: Raw) -> None:
    """There, up to 256 MB were gathered."""
    admitted.say(b"\x30\xff\xff\xff\x7f", bytes(1000))
    assert await admitted.hear() == b""


async def test_connections_beyond_the_limit_are_refused_at_once(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    """There, they were kept waiting, without bound."""
    monkeypatch.setattr(broker_module, "MAX_CLIENTS", 1)
    async with raw(broker.port, connect("first")) as first:
        assert await first.hear() == ACCEPTED
        async with raw(broker.port, connect("second")) as second:
            assert await second.hear() == b""
    await until(lambda: not broker.sessions)
    async with raw(broker.port, connect("third")) as third:
        assert await third.hear() == ACCEPTED


async def test_a_reader_that_does_not_read_loses_messages_and_nobody_else_does(broker: Broker, admitted: Raw) -> None:
    """There, every message that it did not take was a task that waited in memory."""
    admitted.say(subscribe("otolith/v1/bench/#"))
    await admitted.sync()
    admitted.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport has it
    async with raw(broker.port, connect("quick")) as quick:
        assert await quick.hear() == ACCEPTED
        quick.say(subscribe("otolith/v1/bench/#"))
        await quick.sync()
        block = bytes(50_000)
        for _ in range(400):
            broker.publish(COP, block)
            assert len(await quick.hear()) > len(block)
        assert broker.traffic.dropped > 0
        writers = [handler.writer for _, handler in broker.sessions.values()]
        assert max(writer.queued for writer in writers) < session_module.MAX_BEHIND + 2 * len(block)


async def test_unacknowledged_messages_are_bounded(broker: Broker, admitted: Raw) -> None:
    admitted.say(subscribe("otolith/v1/bench/#"))
    await admitted.sync()
    for _ in range(session_module.MAX_UNACKNOWLEDGED + 5):
        broker.publish(COP, b"x", quality=1)
    heard = await admitted.sync()
    assert (len(heard), broker.traffic.dropped) == (session_module.MAX_UNACKNOWLEDGED, 5)
    admitted.say(packet(0x40, heard[0][-3:-1]))
    await admitted.sync()
    broker.publish(COP, b"y", quality=1)
    assert len(await admitted.sync()) == 1


async def test_a_client_gone_at_once_leaves_nothing(broker: Broker, until: Until) -> None:
    """There, its session stayed connected for ever when the reader ended before the session began to wait for it."""
    for number in range(20):
        async with raw(broker.port, connect(f"hasty-{number}")):
            pass
    await until(lambda: not broker._clients)
    assert broker.sessions == {}


async def test_a_second_connect_ends_the_connection(broker: Broker, admitted: Raw, until: Until) -> None:
    admitted.say(connect("first"))
    assert await admitted.hear() == b""
    await until(lambda: not broker.sessions)


async def test_a_failing_token_store_refuses_and_stays(broker: Broker) -> None:
    async def broken(_: str) -> None:
        raise RuntimeError("the disk is gone")

    works, broker._verify = broker._verify, broken
    async with raw(broker.port, connect("first")) as client:
        assert await client.hear() == b""
    broker._verify = works
    async with raw(broker.port, connect("first")) as client:
        assert await client.hear() == ACCEPTED


async def test_it_ends_at_once_with_clients_in_every_state(make_station: Callable[..., Any]) -> None:
    before = asyncio.all_tasks()
    verify = make_station().store.tokens.verify
    async with Broker("bench", verify, print, host="127.0.0.1", port=0) as broker:
        async with raw(broker.port), raw(broker.port, b"\x10\x7f"), raw(broker.port, connect("c")) as client:
            assert await client.hear() == ACCEPTED
            client.say(subscribe("otolith/v1/bench/#"))
            await client.sync()
            async with asyncio.timeout(SECONDS):
                await broker.__aexit__(None, None, None)
            assert await client.hear() == b""
        await broker.__aenter__()
    assert asyncio.all_tasks() == before


async def test_a_port_in_use_is_told_in_plain_words(broker: Broker) -> None:
    async def nobody(_: str) -> None:
        return None

    with pytest.raises(BrokerError, match=f"cannot listen on 127.0.0.1 port {broker.port}: .*in use"):
        async with Broker("bench", nobody, print, host="127.0.0.1", port=broker.port):
            pass


Chance = random.Random


def noise(chance: Chance) -> bytes:
    return chance.randbytes(chance.randint(1, 3000))


def damaged(chance: Chance) -> bytes:
    whole = bytearray(connect("g", "operator") + subscribe("a/#", "b") + publish("a/b", noise(chance)[:50], 1))
    for _ in range(5):
        whole[chance.randrange(len(whole))] = chance.randrange(256)
    return bytes(whole)


def cut(chance: Chance) -> bytes:
    whole = connect("g", "operator") + publish("otolith/v1/bench/cmd/tare", noise(chance), 2)
    return whole[: chance.randrange(len(whole))]


def answers(chance: Chance) -> bytes:
    return b"".join(packet(first, chance.randbytes(2)) for first in (0x40, 0x50, 0x62, 0x70))


def filters(chance: Chance) -> bytes:
    return subscribe("/" * chance.randint(1, 3000), *("otolith/v1/bench/" + "+/" * 500 for _ in range(20)))


GARBAGE: dict[str, Callable[[Chance], bytes]] = {
    "noise": noise,
    "noise after connecting": lambda chance: connect("g", "operator") + noise(chance),
    "http": lambda chance: b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + noise(chance),
    "tls": lambda chance: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + noise(chance),
    "lengths without end": lambda chance: connect("g") + b"\x30" + b"\xff" * chance.randint(1, 50),
    "good packets, damaged": damaged,
    "good packets, cut": cut,
    "answers to nothing": lambda chance: connect("g") + answers(chance),
    "deep and wide filters": lambda chance: connect("g") + filters(chance),
}


@pytest.mark.parametrize("kind", GARBAGE)
async def test_garbage_harms_nobody_else(broker: Broker, admitted: Raw, kind: str, until: Until) -> None:
    admitted.say(subscribe("otolith/v1/bench/#"))
    await admitted.sync()
    chance = random.Random(f"otolith {kind}")
    for _ in range(15):
        async with raw(broker.port, GARBAGE[kind](chance)) as client:
            client.writer.write_eof()
            async with asyncio.timeout(SECONDS):
                await client.reader.read()
    await until(lambda: list(broker.sessions) == ["first"])
    broker.publish(COP, b"x")
    assert len(await admitted.sync()) == 1


@pytest.mark.broker
class TestMosquittoClients:
    """The broker as the world's most used clients see it."""

    @staticmethod
    async def run(program: str, *arguments: str, stdin: bytes | None = None) -> tuple[int | None, bytes, bytes]:
        found = shutil.which(program)
        if found is None:
            pytest.skip(f"no {program} on PATH: apt-get install mosquitto-clients")
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(found, *arguments, stdin=pipe, stdout=pipe, stderr=pipe)
        async with asyncio.timeout(SECONDS * 2):
            out, err = await process.communicate(stdin)
        return process.returncode, out, err

    def login(self, broker: Broker, role: str) -> list[str]:
        return ["-h", "127.0.0.1", "-p", str(broker.port), "-u", "any", "-P", f"{role}-secret"]

    async def test_a_subscriber_reads_retained_and_live_messages(self, broker: Broker, until: Until) -> None:
        broker.publish(STATUS, b"online", quality=1, retain=True)
        reading = asyncio.create_task(
            self.run("mosquitto_sub", *self.login(broker, "viewer"), "-t", "otolith/v1/bench/#", "-C", "2", "-W", "10")
        )
        await until(lambda: bool(broker.subscriptions))
        broker.publish(COP, msgspec.json.encode({"ml": 1}))
        code, out, _ = await reading
        assert (code, out.splitlines()) == (0, [b"online", b'{"ml":1}'])

    @pytest.mark.parametrize("qos", ["0", "1", "2"])
    async def test_a_publisher_gives_orders(self, broker: Broker, orders: list[Order], qos: str, until: Until) -> None:
        where = ["-t", "otolith/v1/bench/cmd/tare", "-q", qos, "-l"]
        code, _, _ = await self.run("mosquitto_pub", *self.login(broker, "operator"), *where, stdin=b"1\n2\n3\n")
        assert code == 0
        await until(lambda: len(orders) == 3)
        assert [order.payload for order in orders] == [b"1", b"2", b"3"]

    async def test_a_wrong_password_is_told(self, broker: Broker) -> None:
        code, _, err = await self.run("mosquitto_sub", *self.login(broker, "nobody"), "-t", "x", "-W", "5")
        assert code == 5
        assert b"not authori" in err.lower()

    async def test_a_refused_filter_is_told(self, broker: Broker) -> None:
        _, _, err = await self.run("mosquitto_sub", *self.login(broker, "viewer"), "-t", "#", "-W", "5")
        assert b"denied" in err

    async def test_a_client_of_mqtt_5_is_told_the_version(self, broker: Broker) -> None:
        login = [*self.login(broker, "viewer"), "-V", "mqttv5"]
        code, _, err = await self.run("mosquitto_sub", *login, "-t", "otolith/v1/bench/#", "-W", "5")
        assert code not in (0, None)
        assert b"protocol version" in err.lower()
