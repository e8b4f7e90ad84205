"""The station on the bus, as one thing to start and stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from starlette.websockets import WebSocket

from otolith.api.mqtt.bridge import Bridge, last_will
from otolith.api.mqtt.broker import Broker
from otolith.api.mqtt.commands import Commands, OrderCounters
from otolith.api.mqtt.link import Address, Link
from otolith.api.mqtt.outlet import OnOrder, Traffic
from otolith.api.mqtt.payloads import encode_json
from otolith.api.mqtt.topics import tree
from otolith.api.mqtt.websocket import PATH, Splice
from otolith.service.conductor import Conductor
from otolith.service.station import Station
from otolith.service.training import Training

log = structlog.get_logger(__name__)

RECHECK_SECONDS: Final = 5.0
"""Until a revoked token's connections are ended."""
RESTART_SECONDS: Final = 1.0

Part = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class MqttEndpoint:
    """Where clients find the broker, and what the station counts there.

    At the embedded broker a client logs in with any user name and a token of the station as password. A site's own
    broker has its own accounts; the one that the station uses there is told to nobody.
    """

    host: str
    port: int
    embedded: bool
    root: str
    """Beginning of every topic."""
    ws_path: str | None
    websocket: Callable[[WebSocket], Awaitable[None]] | None
    """Serves ``ws_path``; None where MQTT over WebSocket is not wanted."""
    traffic: Traffic
    orders: OrderCounters


@asynccontextmanager
async def mqtt_service(
    station: Station, conductor: Conductor | None = None, training: Training | None = None
) -> AsyncIterator[MqttEndpoint]:
    """Publish the station and take orders while the context lasts, at the broker that its configuration names.

    Raises BrokerError where the embedded broker cannot listen; a foreign broker that is away is waited for.
    """
    mqtt = station.config.mqtt
    conductor = conductor or Conductor(station)
    commands = Commands(station, conductor, training or Training(station, conductor))
    async with AsyncExitStack() as stack:
        outlet: Broker | Link
        if mqtt.embedded:
            outlet = await stack.enter_async_context(_broker(station, commands.take))
            port = outlet.port
        else:
            outlet = await stack.enter_async_context(_link(station, commands.take))
            port = mqtt.port
        await stack.enter_async_context(_running(station, outlet, commands))
        splice = Splice(mqtt.host, port).serve if mqtt.websocket else None
        yield MqttEndpoint(
            host=mqtt.host,
            port=port,
            embedded=mqtt.embedded,
            root=tree(station.config.station),
            ws_path=PATH if splice else None,
            websocket=splice,
            traffic=outlet.traffic,
            orders=commands.counters,
        )


def _broker(station: Station, on_order: OnOrder) -> Broker:
    mqtt = station.config.mqtt
    return Broker(station.config.station, station.store.tokens.verify, on_order, host=mqtt.host, port=mqtt.port)


def _link(station: Station, on_order: OnOrder) -> Link:
    mqtt = station.config.mqtt
    password = mqtt.password.get_secret_value() if mqtt.password else None
    address = Address(mqtt.host, mqtt.port, mqtt.username, password)
    return Link(station.config.station, address, encode_json(last_will(station)), on_order)


@asynccontextmanager
async def _running(station: Station, outlet: Broker | Link, commands: Commands) -> AsyncIterator[None]:
    """The tasks that use the outlet, ended before it is."""
    parts: list[Part] = [Bridge(station, outlet).run, partial(commands.run, outlet)]
    if isinstance(outlet, Broker):
        parts.append(partial(_end_revoked, station, outlet))
    tasks = [asyncio.create_task(_kept_up(station, part), name="mqtt") for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(station: Station, part: Part) -> None:
    """The part, begun again after a fault in it; a station without its bus would look dead to everybody on it."""
    while True:
        try:
            return await part()
        except Exception:
            log.exception("mqtt part failed, begins again")
        await station.clock.sleep(RESTART_SECONDS)


async def _end_revoked(station: Station, broker: Broker) -> None:
    """A revoked token reads on no longer than this takes to notice."""
    while True:
        await station.clock.sleep(RECHECK_SECONDS)
        broker.disconnect(token.id for token in await station.store.tokens.list() if token.revoked)
