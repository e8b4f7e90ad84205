"""The station on the bus as one thing: start, faults inside, end."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiomqtt
import msgspec
import pytest

from otolith.api.mqtt import serve as serve_module
from otolith.api.mqtt.bridge import Bridge
from otolith.api.mqtt.broker import BrokerError
from otolith.api.mqtt.payloads import StationStatus
from otolith.api.mqtt.serve import mqtt_service
from otolith.api.mqtt.topics import Kind

Until = Callable[[Callable[[], bool]], Awaitable[None]]
MakeStation = Callable[..., Any]


async def test_the_endpoint_says_where(make_station: MakeStation) -> None:
    async with mqtt_service(make_station()) as endpoint:
        assert (endpoint.host, endpoint.embedded, endpoint.root) == ("127.0.0.1", True, "otolith/v1/bench")
        assert (endpoint.ws_path, endpoint.websocket is None) == ("/mqtt", False)
        assert endpoint.port > 0
    async with mqtt_service(make_station(websocket=False)) as endpoint:
        assert (endpoint.ws_path, endpoint.websocket) == (None, None)


async def test_a_port_in_use_is_told(make_station: MakeStation) -> None:
    async with mqtt_service(make_station()) as endpoint:
        with pytest.raises(BrokerError, match=str(endpoint.port)):
            async with mqtt_service(make_station(port=endpoint.port)):
                pass


async def test_a_site_s_broker_that_is_away_keeps_nobody_from_starting(make_station: MakeStation) -> None:
    async with mqtt_service(make_station(embedded=False, port=1)) as endpoint:
        assert (endpoint.embedded, endpoint.port) == (False, 1)


async def test_nothing_is_left_running(make_station: MakeStation, connect: Any) -> None:
    before = asyncio.all_tasks()
    async with mqtt_service(make_station()) as endpoint, connect(endpoint.port) as client:
        await client.subscribe("otolith/v1/bench/#")
        ours = {task for task in asyncio.all_tasks() - before if task.get_name().startswith("mqtt")}
        assert ours
    async with asyncio.timeout(10):
        await asyncio.wait(ours)
    assert all(task.done() for task in ours)


async def test_a_revoked_token_is_cut_off(
    make_station: MakeStation, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_module, "RECHECK_SECONDS", 0.01)
    station = make_station()
    async with mqtt_service(station) as endpoint, connect(endpoint.port, "operator") as other:
        with suppress(aiomqtt.MqttError):
            async with connect(endpoint.port, "viewer") as client:
                await client.subscribe("otolith/v1/bench/status")
                await client.next()
                station.store.tokens.revoke("viewer-secret")
                with pytest.raises(aiomqtt.MqttError):
                    await client.next(where=lambda _: False)
        await other.subscribe("otolith/v1/bench/status")
        await other.next()


async def test_a_part_that_fails_begins_again(
    make_station: MakeStation, connect: Any, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    monkeypatch.setattr(serve_module, "RESTART_SECONDS", 0.01)
    works = Bridge._say_trace
    failures: list[Any] = []

    def fails_once(bridge: Bridge, frame: Any) -> None:
        if not failures:
            failures.append(frame)
            raise RuntimeError("a fault nobody foresaw")
        works(bridge, frame)

    monkeypatch.setattr(Bridge, "_say_trace", fails_once)
    station = make_station()
    async with mqtt_service(station) as endpoint, connect(endpoint.port) as client:
        await client.subscribe("otolith/v1/bench/#")
        await client.next(Kind.STATUS)
        await until(lambda: bool(station.frames.statistics().taps))
        await station.frames.publish(object())
        offline = await client.next(Kind.STATUS, lambda payload: not _online(payload))
        assert offline
        await client.next(Kind.STATUS, _online)


def _online(payload: bytes) -> bool:
    return msgspec.json.decode(payload, type=StationStatus).online
