"""One client's messages in and out, after CONNECT: nothing waits, everything is bounded."""

import asyncio
from collections.abc import Callable
from typing import Final

from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.mqtt.protocol.handler import ProtocolHandler
from amqtt.mqtt.puback import PubackPacket
from amqtt.mqtt.pubcomp import PubcompPacket
from amqtt.mqtt.publish import PublishPacket
from amqtt.mqtt.pubrec import PubrecPacket
from amqtt.mqtt.pubrel import PubrelPacket
from amqtt.session import Session

from otolith.api.mqtt.access import Account
from otolith.api.mqtt.wire import PacketReader, PacketWriter

MAX_BEHIND: Final = 256 * 1024
"""Bytes queued to a client beyond which it gets no more messages of quality 0 until it caught up."""
MAX_UNACKNOWLEDGED: Final = 256
"""Messages of quality 1 that a client has not acknowledged beyond which it gets no more of them."""


class Handler(BrokerProtocolHandler):  # type: ignore[misc] # amqtt is seen as untyped
    """Replaces amqtt's message flows, which start a task per message and queue without bound.

    There, a message of quality 1 is also given up when its PUBACK takes five seconds, and one of quality 2 is
    held in memory until its PUBREL comes.
    """

    def open(
        self, account: Account, session: Session, reader: PacketReader, writer: PacketWriter, receive: "Receive"
    ) -> None:
        """CONNECT was found right: from now on ``receive`` gets the client's messages."""
        self.account = account
        self.task = asyncio.current_task()
        """In which the connection is served."""
        self._receive = receive
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

    async def handle_publish(self, packet: PublishPacket) -> None:
        """A message of the client, answered at once; one of quality 2 is delivered when its number is first seen."""
        number = packet.packet_id
        if packet.qos != 2 or number not in self.session.inflight_in:  # noqa: PLR2004 - MQTT's numbers
            self._receive(self, packet)
        if packet.qos == 1:
            await self._send_packet(PubackPacket.build(number))
        elif packet.qos:
            self.session.inflight_in[number] = None
            await self._send_packet(PubrecPacket.build(number))

    async def handle_pubrel(self, packet: PubrelPacket) -> None:
        """End of a message of quality 2."""
        self.session.inflight_in.pop(packet.packet_id, None)
        await self._send_packet(PubcompPacket.build(packet.packet_id))

    async def handle_puback(self, packet: PubackPacket) -> None:
        """The client has it."""
        self.session.inflight_out.pop(packet.packet_id, None)


Receive = Callable[[Handler, PublishPacket], None]
"""What is done with a message of a client."""
