"""The connection to a broker that the site runs; the only importer of aiomqtt.

The client id is the station's name. A broker that has not yet noticed a broken connection then ends the old session,
and publishes its last will, before the new one says ``online``; with a random id the stale will would come last.
"""

import asyncio
import itertools
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import aiomqtt
import structlog

from otolith.api.mqtt.outlet import OnOrder, Order, Traffic
from otolith.api.mqtt.topics import Kind, Topic, TopicError, tree

log = structlog.get_logger(__name__)

MAX_WAITING: Final = 1000
"""Messages of quality 1 kept while the broker is away; then the oldest go."""
MAX_BEHIND: Final = 256
"""Messages of quality 0 kept while the connection is slow; then the oldest go."""
MAX_ORDERS: Final = 64
KEEP_ALIVE: Final = 10
"""Seconds; the broker publishes the last will when it heard nothing for one and a half times this."""
PATIENCE: Final = 5.0
"""Seconds for the broker to answer."""
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 10.0
"""Seconds between attempts to connect: doubled each time, and jittered by half."""
FAREWELL: Final = 0.5
"""Seconds for the last messages to leave when the station ends."""


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """One message on its way out."""

    topic: str
    payload: bytes
    retain: bool


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is, and who the station is there."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None


@asynccontextmanager
async def _closing(client: aiomqtt.Client) -> AsyncIterator[aiomqtt.Client]:
    """The client, connected; without a connection to answer it, aiomqtt would keep the socket of the attempt."""
    try:
        async with client:
            yield client
    finally:
        client._client.disconnect()  # noqa: SLF001 - there is no public way
        lost = client._disconnected  # noqa: SLF001 - else an error that both tasks heard of is reported as unheard
        if lost.done() and not lost.cancelled():
            lost.exception()


class Link:
    """Keeps the connection, across restarts of the broker and breaks of the network; use it as a context manager."""

    def __init__(self, station: str, address: Address, will: bytes, on_order: OnOrder) -> None:
        self._station = station
        self._address = address
        self._will = aiomqtt.Will(str(Topic(station, Kind.STATUS)), will, qos=1, retain=True)
        self._on_order = on_order
        self._retained: dict[str, Message] = {}
        """The newest of each topic, published again to a broker that may have forgotten it."""
        self._waiting: dict[str | int, Message] = {}
        """Quality 1, until acknowledged: by topic where retained, else by number; oldest first."""
        self._behind: deque[Message] = deque()
        self._number = itertools.count()
        self._work = asyncio.Event()
        self._done = asyncio.Event()
        self.connected = asyncio.Event()
        self.traffic = Traffic()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep(), name="mqtt-link")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is None:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL if self.connected.is_set() else 0):
                await self._done.wait()
        while not self._task.done():  # a cancellation that meets a result is swallowed, see _send
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.1)

    def publish(self, topic: Topic, payload: bytes, *, quality: int = 0, retain: bool = False) -> None:
        """Queue the message; see ``Outlet``."""
        message = Message(str(topic), payload, retain)
        if retain:
            self._retained[message.topic] = message
        if quality or retain:
            self._keep_until_taken(message)
        elif self.connected.is_set():
            self._behind.append(message)
        else:
            self.traffic.dropped += 1
        if len(self._behind) > MAX_BEHIND:
            self._behind.popleft()
            self.traffic.dropped += 1
        self._work.set()

    def clear(self, topic: Topic) -> None:
        """Remove a retained message at the broker."""
        self._retained.pop(str(topic), None)
        self._keep_until_taken(Message(str(topic), b"", retain=True))
        self._work.set()

    def _keep_until_taken(self, message: Message) -> None:
        self._waiting[message.topic if message.retain else next(self._number)] = message
        self._done.clear()
        if len(self._waiting) > MAX_WAITING:
            del self._waiting[next(key for key in self._waiting if isinstance(key, int))]
            self.traffic.dropped += 1

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                await self._converse()
            except* aiomqtt.MqttError as errors:
                where = f"{self._address.host}:{self._address.port}"
                log.warning("mqtt broker lost", broker=where, reason=str(errors.exceptions[0]))
            pause = FIRST_PAUSE if self.connected.is_set() else min(pause * 2, LONGEST_PAUSE)
            self.connected.clear()
            self.traffic.dropped += len(self._behind)
            self._behind.clear()
            self.traffic.reconnects += 1
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads stations, protects nothing

    async def _converse(self) -> None:
        """One connection, from its first byte to its end; raises MqttError, alone or in a group."""
        async with _closing(self._client()) as client:
            granted = await client.subscribe(f"{tree(self._station)}/cmd/+", qos=1)
            if granted[0] != 1:
                log.warning("the mqtt broker does not let the station receive commands", granted=granted[0])
            waiting = self._waiting
            self._waiting = dict(self._retained.items())
            self._waiting.update(waiting)
            self.connected.set()
            log.info("mqtt broker connected", host=self._address.host, port=self._address.port)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send(client), name="mqtt-send")
                tasks.create_task(self._receive(client), name="mqtt-receive")

    def _client(self) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._address.username,
            password=self._address.password,
            identifier=f"otolith-{self._station}",
            will=self._will,
            keepalive=KEEP_ALIVE,
            timeout=PATIENCE,
            max_queued_incoming_messages=MAX_ORDERS,
        )

    async def _send(self, client: aiomqtt.Client) -> None:
        """Everything of quality 0 first, because it ages; then what must arrive, one by one.

        ``wait_for`` of Python 3.11, inside aiomqtt, swallows a cancellation that comes together with its result; this
        task would then wait for ever, and with it the connection that is to be made again.
        """
        task = asyncio.current_task()
        while task is None or not task.cancelling():
            self._work.clear()
            while self._behind:
                message = self._behind.popleft()
                await client.publish(message.topic, message.payload)
                self.traffic.published += 1
            if self._waiting:
                await self._send_first(client)
            else:
                self._done.set()
                await self._work.wait()

    async def _send_first(self, client: aiomqtt.Client) -> None:
        key, message = next(iter(self._waiting.items()))
        await client.publish(message.topic, message.payload, qos=1, retain=message.retain)
        self.traffic.published += 1
        if self._waiting.get(key) is message:
            del self._waiting[key]

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            try:
                topic = Topic.parse(str(message.topic), self._station)
            except TopicError:
                continue
            self._on_order(Order(topic.name, bytes(message.payload), bool(message.retain), by=""))
