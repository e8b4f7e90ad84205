"""The whole service in one loop: station, broker, web application; up in this order, down in the other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from otolith.api.app import create_app
from otolith.api.broker import BrokerAddress, Bus
from otolith.api.listen import CannotListen, bind, listening, stop_signals
from otolith.api.lsl import lsl_service
from otolith.api.mqtt.serve import MqttEndpoint, mqtt_service
from otolith.api.ready import MqttReady, Ready, ready_file
from otolith.drivers.lookout import sightings_at
from otolith.drivers.opening import open_board
from otolith.service.conductor import Conductor
from otolith.service.config import Config, HttpConfig
from otolith.service.outlook import Lookout
from otolith.service.prompt import prompt
from otolith.service.shared import Opener
from otolith.service.station import Station
from otolith.service.store import Role, Tokens
from otolith.service.training import Training

READY_TOKEN: Final = "ready-file"  # noqa: S105 -- the name of a token, not its secret


@dataclass(frozen=True, slots=True)
class Serving:
    """A station that serves."""

    station: Station
    url: str
    admin: str | None
    """The first admin token's secret, on the first start only."""
    broker: BrokerAddress
    http: "asyncio.Task[None]"
    """The web server; ends before the station does only where it fails."""


@asynccontextmanager
async def serving(
    config: Config, *, opener: Opener = open_board, lookout: Lookout | None = sightings_at
) -> AsyncIterator[Serving]:
    """Everything that the configuration asks for, while the context lasts.

    Raises CannotListen, BrokerError where an address cannot be had; StoreError where the records cannot be opened.
    """
    bound = bind(config.http.host, config.http.port)
    url = url_of(config.http, bound.getsockname()[1])
    with bound:
        async with (
            Station(config, opener=opener, lookout=lookout) as station,
            Conductor(station) as conductor,
            Training(station, conductor) as training,
            mqtt_service(station, conductor, training) as mqtt,
            lsl_service(station),
        ):
            admin = await station.store.tokens.ensure_admin()
            bus = bus_of(mqtt)
            async with listening(create_app(station, bus, conductor, training), config.http, bound) as http:
                yield Serving(station, url, admin, bus.address, http)


async def serve_until_stopped(
    config: Config, *, ready: Path | None = None, announce: Callable[[Serving], None]
) -> None:
    """Serve until SIGINT or SIGTERM; ``announce`` is called once everything answers.

    Raises what ``serving`` raises, and CannotListen where the web server ends by itself.
    """
    with stop_signals() as stop, prompt(one_cpu=config.one_cpu):
        async with serving(config) as served, _ready(served, ready):
            announce(served)
            await _stopped(stop, served.http)


async def _stopped(stop: asyncio.Event, http: "asyncio.Task[None]") -> None:
    asked = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait([asked, http], return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
    if http.done() and not stop.is_set():
        raise CannotListen("the web server of this station ended by itself; its last words are above.")


@asynccontextmanager
async def _ready(served: Serving, path: Path | None) -> AsyncIterator[None]:
    """The ready file, with a token of its own that ends with it."""
    if path is None:
        yield
        return
    tokens = served.station.store.tokens
    await _revoke_left_over(tokens)
    row, secret = await tokens.create(READY_TOKEN, Role.ADMIN)
    monikers = [board.moniker for board in served.station.boards()]
    account = ("token", secret) if served.broker.embedded else ("", "")
    mqtt = MqttReady(served.broker.host, served.broker.port, *account)
    try:
        with ready_file(path, Ready(served.url, secret, mqtt, monikers)):
            yield
    finally:
        await tokens.revoke(row.id)


async def _revoke_left_over(tokens: Tokens) -> None:
    """A station that was killed could not revoke the token of its ready file."""
    for row in await tokens.list():
        if row.name == READY_TOKEN and row.revoked is None:
            await tokens.revoke(row.id)


def bus_of(mqtt: MqttEndpoint) -> Bus:
    """The bus as the web application sees it."""

    def counters() -> dict[str, int]:
        orders = {f"orders_{name}": count for name, count in asdict(mqtt.orders).items()}
        return {**asdict(mqtt.traffic), **orders}

    address = BrokerAddress(mqtt.host, mqtt.port, mqtt.embedded, mqtt.ws_path, mqtt.root)
    return Bus(address, mqtt.websocket, counters)


def url_of(http: HttpConfig, port: int) -> str:
    """Where a browser on this machine finds the dashboard."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(http.host, http.host)  # noqa: S104 -- not bound here
    return f"{'https' if http.tls_cert else 'http'}://{host}:{port}/"


def run(config: Config, *, ready: Path | None, announce: Callable[[Serving], None]) -> None:
    """Serve in a new event loop until stopped."""
    asyncio.run(serve_until_stopped(config, ready=ready, announce=announce))
