"""The broker in this process: amqtt, behind a door that checks packets, with our accounts and rights.

Every override closes a defect of amqtt 0.12.1; ``docs/decisions/0004-broker.md`` lists them and a test pins each.
Sessions end with their connection: who must not miss a message while away uses a broker made for that.
"""

import asyncio
import socket
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self, cast

import structlog
from amqtt.broker import Broker as AmqttBroker
from amqtt.broker import RetainedApplicationMessage
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
from amqtt.errors import AMQTTError, MQTTError, NoDataError
from amqtt.mqtt import connack
from amqtt.mqtt.publish import PublishPacket
from amqtt.session import Session

from otolith.api.mqtt.access import Account, Verify, authenticate, may_publish, may_subscribe
from otolith.api.mqtt.outlet import OnOrder, Order, Traffic
from otolith.api.mqtt.session import REFUSED, Handler
from otolith.api.mqtt.topics import Topic
from otolith.api.mqtt.wire import PacketReader, PacketWriter

log = structlog.get_logger(__name__)

MAX_CLIENTS: Final = 64
"""Connections at a time; each may hold a packet and ``session.MAX_BEHIND``."""
SEND_BUFFER: Final = 128 * 1024
"""Bytes that the system may hold for one client; left alone, it takes megabytes, all of them out of date."""
MAX_SUBSCRIPTIONS: Final = 32
"""Filters of one client."""


class BrokerError(OSError):
    """The broker cannot listen where it should; the message says where and why."""


class Broker(AmqttBroker):  # type: ignore[misc] # amqtt is seen as untyped
    """Clients read what the station publishes and give it orders; they never speak to each other.

    Use it as a context manager, on a running loop. Raises BrokerError where it cannot listen.
    """

    def __init__(self, station: str, verify: Verify, on_order: OnOrder, *, host: str, port: int) -> None:
        listener = ListenerConfig(type=ListenerType.EXTERNAL, bind=None)
        super().__init__(BrokerConfig(listeners={"default": listener}, plugins={}))
        self._station = station
        self._verify = verify
        self._on_order = on_order
        self._address = (host, port)
        self._listening: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._readers: dict[str, list[tuple[Handler, int]]] = {}
        """Who gets a topic, and at which quality; emptied whenever that may have changed."""
        self.traffic = Traffic()

    async def __aenter__(self) -> Self:
        host, port = self._address
        try:
            self._listening = await asyncio.start_server(self._accept, host, port, start_serving=False)
        except OSError as error:
            reason = error.strerror or error
            raise BrokerError(f"the MQTT broker cannot listen on {host} port {port}: {reason}") from error
        for listener in self._listening.sockets:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        await self.start()
        await self._listening.start_serving()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._listening is not None:
            self._listening.close()
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        await self.shutdown()

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._listening is None:
            raise RuntimeError("the broker is not running")
        return int(self._listening.sockets[0].getsockname()[1])

    def publish(self, topic: Topic, payload: bytes, *, quality: int = 0, retain: bool = False) -> None:
        """Write the message to every reader's connection, now, in this turn of the loop."""
        name = str(topic)
        self.traffic.published += 1
        if retain:
            self._retained_messages[name] = RetainedApplicationMessage(None, name, payload, quality)
        packet = b""
        for handler, granted in self._readers_of(name):
            if min(quality, granted):
                taken = handler.send(name, payload, 1, retain=False)
            else:
                packet = packet or PublishPacket.build(name, payload, None, False, 0, False).to_bytes()
                taken = handler.pass_on(packet)
            self.traffic.dropped += not taken

    def clear(self, topic: Topic) -> None:
        """Forget a retained message, and say so with an empty one (3.3.1-10)."""
        if self._retained_messages.pop(str(topic), None) is not None:
            self.publish(topic, b"", quality=1)

    def disconnect(self, tokens: Iterable[str]) -> None:
        """End the connections of these tokens, because they were revoked."""
        ended = set(tokens)
        for _, handler in self._sessions.values():
            if handler.account.id in ended:
                handler.cut()

    def _readers_of(self, topic: str) -> list[tuple[Handler, int]]:
        readers = self._readers.get(topic)
        if readers is None:
            granted: dict[str, int] = {}
            for topic_filter, subscriptions in self._subscriptions.items():
                if self._matches(topic, topic_filter):
                    for session, quality in subscriptions:
                        granted[session.client_id] = max(quality, granted.get(session.client_id, 0))
            readers = [(self._sessions[client][1], quality) for client, quality in granted.items()]
            self._readers[topic] = readers
        return readers

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            self.traffic.refused += 1
            writer.transport.abort()
            return
        task = asyncio.create_task(self._serve(PacketReader(reader), PacketWriter(writer)), name="mqtt-client")
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _serve(self, reader: PacketReader, writer: PacketWriter) -> None:
        """One connection from its first byte to its end; whatever happens in it, it ends alone."""
        try:
            handler = await self._admit(reader, writer)
            if handler is not None:
                await self._converse(handler, reader)
        except Exception:
            log.exception("mqtt connection failed", peer=writer.get_peer_info())
        finally:
            await writer.close()

    async def _admit(self, reader: PacketReader, writer: PacketWriter) -> Handler | None:
        """Read CONNECT and answer it. Nobody's session is touched before the password was found right."""
        try:
            handler, session = await Handler.init_from_connect(reader, writer, self.plugins_manager)
        except (AMQTTError, MQTTError, NoDataError) as error:
            self._refuse(writer, reader.answer, reader.reason or str(error))
            return None
        account = await authenticate(self._verify, session.password)
        session.password = None
        code = self._judge(account, session)
        if account is None or code != connack.CONNECTION_ACCEPTED:
            self._refuse(writer, connack.ConnackPacket.build(0, code).to_bytes(), f"code {code}")
            return None
        await self._take_over(session.client_id)
        reader.accepted(session.keep_alive)
        session.keep_alive, session.clean_session = 0, True
        session.transitions.connect()
        handler.open(account, session, reader, writer, self)
        self._sessions[session.client_id] = (session, handler)
        writer.write(connack.ConnackPacket.build(0, connack.CONNECTION_ACCEPTED).to_bytes())
        return cast("Handler", handler)

    def _refuse(self, writer: PacketWriter, answer: bytes, reason: str) -> None:
        self.traffic.refused += 1
        log.info("mqtt client refused", peer=writer.get_peer_info(), reason=reason)
        writer.write(answer)

    def _judge(self, account: Account | None, session: Session) -> int:
        """The code of CONNACK."""
        if account is None:
            return int(connack.NOT_AUTHORIZED)
        if session.will_flag and not may_publish(account, self._station, session.will_topic):
            return int(connack.NOT_AUTHORIZED)
        same = self._sessions.get(session.client_id)
        if same is not None and same[1].account.id != account.id:
            return int(connack.IDENTIFIER_REJECTED)
        return int(connack.CONNECTION_ACCEPTED)

    async def _take_over(self, client_id: str) -> None:
        """End an older connection of the same client before the new one begins (3.1.4-2)."""
        older = self._sessions.get(client_id)
        if older is not None:
            older[1].cut()
            await asyncio.wait([older[1].task], timeout=1.0)
            await self._forget(older[1])

    async def _converse(self, handler: Handler, reader: PacketReader) -> None:
        try:
            await handler.start()
            await handler.wait_disconnect()
            if handler.session.will_flag and not handler.polite:
                will = handler.session
                self._order(handler.account, will.will_topic, will.will_message, retained=bool(will.will_retain))
        finally:
            log.info("mqtt client gone", account=handler.account.name, reason=reader.reason)
            await self._forget(handler)
            await handler.stop()

    async def _forget(self, handler: Handler) -> None:
        client = handler.session.client_id
        if self._sessions.get(client, (None, None))[1] is handler:
            await self._del_all_subscriptions(handler.session)
            del self._sessions[client]
            self._readers.clear()

    def receive(self, handler: Handler, packet: PublishPacket) -> None:
        """See ``House``."""
        self._order(handler.account, packet.topic_name, packet.data, retained=packet.retain_flag)

    def _order(self, account: Account, topic: str, payload: bytes, *, retained: bool) -> None:
        """Hand an order to the station; it is not kept and not passed on to other clients."""
        if not may_publish(account, self._station, topic):
            self.traffic.refused += 1
            log.info("mqtt message refused", account=account.name, topic=topic)
            return
        self._on_order(Order(Topic.parse(topic, self._station).name, bytes(payload), retained, account.name))

    def subscribe(self, handler: Handler, topic_filter: str, quality: int) -> int:
        """See ``House``; at most quality 1. A repeated subscription replaces the first (3.8.4-3)."""
        session = handler.session
        held = sum(session in (other for other, _ in readers) for readers in self._subscriptions.values())
        if held >= MAX_SUBSCRIPTIONS or not may_subscribe(self._station, topic_filter):
            return REFUSED
        self._del_subscription(topic_filter, session)
        self._subscriptions.setdefault(topic_filter, []).append((session, min(quality, 1)))
        return min(quality, 1)

    def unsubscribe(self, handler: Handler, topic_filter: str) -> None:
        """See ``House``."""
        self._del_subscription(topic_filter, handler.session)

    def remind(self, handler: Handler, topic_filter: str, quality: int) -> None:
        """See ``House``."""
        for topic, message in self._retained_messages.items():
            if self._matches(topic, topic_filter):
                handler.send(topic, message.data, min(quality, message.qos), retain=True)

    def _del_subscription(self, a_filter: str, session: Session) -> int:
        """Leave no empty entry behind; there, every filter ever used stays for ever."""
        self._readers.clear()
        deleted = int(super()._del_subscription(a_filter, session))
        if not self._subscriptions.get(a_filter, True):
            del self._subscriptions[a_filter]
        return deleted

    async def _del_all_subscriptions(self, session: Session) -> None:
        for topic_filter in list(self._subscriptions):
            self._del_subscription(topic_filter, session)
