"""One client's messages in and out, after CONNECT: nothing waits, everything is bounded."""

import asyncio
from typing import Final, Protocol

from amqtt.mqtt.disconnect import DisconnectPacket
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.mqtt.protocol.handler import ProtocolHandler
from amqtt.mqtt.puback import PubackPacket
from amqtt.mqtt.pubcomp import PubcompPacket
from amqtt.mqtt.publish import PublishPacket
from amqtt.mqtt.pubrec import PubrecPacket
from amqtt.mqtt.pubrel import PubrelPacket
from amqtt.mqtt.suback import SubackPacket
from amqtt.mqtt.subscribe import SubscribePacket
from amqtt.mqtt.unsuback import UnsubackPacket
from amqtt.mqtt.unsubscribe import UnsubscribePacket
from amqtt.session import Session

from otolith.api.mqtt.access import Account
from otolith.api.mqtt.wire import PacketReader, PacketWriter

MAX_BEHIND: Final = 256 * 1024
"""Bytes queued to a client beyond which it gets no more messages of quality 0 until it caught up."""
MAX_UNACKNOWLEDGED: Final = 256
"""Messages of quality 1 that a client has not acknowledged beyond which it gets no more of them."""
MAX_UNRELEASED: Final = 64
"""Messages of quality 2 that a client began and did not end beyond which it is cut off."""

REFUSED: Final = 0x80
"""Instead of a quality, in SUBACK (3.9.3)."""


class Owner(Protocol):
    """The broker, as a connection sees it."""

    def receive(self, handler: "Handler", packet: PublishPacket) -> None:
        """The client published a message."""
        ...

    def subscribe(self, handler: "Handler", topic_filter: str, quality: int) -> int:
        """The quality granted, or REFUSED."""
        ...

    def unsubscribe(self, handler: "Handler", topic_filter: str) -> None:
        """The client wants no more of it."""
        ...

    def remind(self, handler: "Handler", topic_filter: str, quality: int) -> None:
        """Send the retained messages of a filter that was granted."""
        ...


class Handler(BrokerProtocolHandler):  # type: ignore[misc] # amqtt is seen as untyped
    """Replaces amqtt's message flows, which start a task per message and queue without bound.

    There, a message of quality 1 is also given up when its PUBACK takes five seconds, and one of quality 2 is
    held in memory until its PUBREL comes.
    """

    polite = False
    """The client said goodbye, so its last will is void."""

    def open(
        self, account: Account, session: Session, reader: PacketReader, writer: PacketWriter, owner: "Owner"
    ) -> None:
        """CONNECT was found right: from now on ``owner`` gets what the client wants."""
        self.account = account
        self.task = asyncio.current_task()
        """In which the connection is served."""
        self._owner = owner
        self.attach(session, reader, writer)

    async def start(self) -> None:
        """Begin reading. There, a client that is gone before the reader's first turn leaves a session for ever."""
        self._disconnect_waiter = asyncio.get_running_loop().create_future()
        await ProtocolHandler.start(self)

    def cut(self) -> None:
        """End the connection from this side, without asking the client."""
        self.writer.abort()

    def send(self, topic: str, payload: bytes, quality: int, *, retain: bool) -> bool:
        """Hand one message to the client's connection; False where it is too far behind."""
        writer: PacketWriter | None = self.writer
        if self.session is None or writer is None:
            return False
        if quality == 0:
            return self.pass_on(PublishPacket.build(topic, payload, None, False, 0, retain).to_bytes())
        if len(self.session.inflight_out) >= MAX_UNACKNOWLEDGED:
            return False
        number = self.session.next_packet_id
        self.session.inflight_out[number] = None
        writer.write(PublishPacket.build(topic, payload, number, False, 1, retain).to_bytes())
        return True

    def pass_on(self, packet: bytes) -> bool:
        """The same for a packet of quality 0 that was already made."""
        writer: PacketWriter | None = self.writer
        if writer is None or writer.queued > MAX_BEHIND:
            return False
        writer.write(packet)
        return True

    async def handle_disconnect(self, packet: DisconnectPacket | None) -> None:
        """The end, with a goodbye or (None) without."""
        self.polite = self.polite or packet is not None
        await super().handle_disconnect(packet)

    async def handle_publish(self, packet: PublishPacket) -> None:
        """A message of the client, answered at once; one of quality 2 is delivered when its number is first seen."""
        number = packet.packet_id
        if packet.qos != 2 or number not in self.session.inflight_in:  # noqa: PLR2004 - MQTT's numbers
            self._owner.receive(self, packet)
        if packet.qos == 1:
            await self._send_packet(PubackPacket.build(number))
        elif packet.qos and len(self.session.inflight_in) >= MAX_UNRELEASED:
            self.cut()
        elif packet.qos:
            self.session.inflight_in[number] = None
            await self._send_packet(PubrecPacket.build(number))

    async def handle_subscribe(self, packet: SubscribePacket) -> None:
        """Answered at once and in order; retained messages follow the answer."""
        codes = [self._owner.subscribe(self, *wanted) for wanted in packet.payload.topics]
        await self._send_packet(SubackPacket.build(packet.variable_header.packet_id, codes))
        for (topic_filter, _), code in zip(packet.payload.topics, codes, strict=True):
            if code != REFUSED:
                self._owner.remind(self, topic_filter, code)

    async def handle_unsubscribe(self, packet: UnsubscribePacket) -> None:
        """Answered at once."""
        for topic_filter in packet.payload.topics:
            self._owner.unsubscribe(self, topic_filter)
        await self._send_packet(UnsubackPacket.build(packet.variable_header.packet_id))

    async def handle_pubrel(self, packet: PubrelPacket) -> None:
        """End of a message of quality 2."""
        self.session.inflight_in.pop(packet.packet_id, None)
        await self._send_packet(PubcompPacket.build(packet.packet_id))

    async def handle_puback(self, packet: PubackPacket) -> None:
        """The client has it."""
        self.session.inflight_out.pop(packet.packet_id, None)
