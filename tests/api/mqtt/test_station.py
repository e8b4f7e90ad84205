"""The whole way: a simulated board, the real station, the bus, a reader."""

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from otolith.api.mqtt.payloads import BoardStatus, Code, Cop, Reply, SwayFigures, TraceBlock
from otolith.api.mqtt.serve import mqtt_service
from otolith.api.mqtt.topics import Kind
from otolith.service.clock import rfc3339
from otolith.service.config import Config
from otolith.service.sections import BoardConfig, MqttConfig
from otolith.service.state import BoardPhase
from otolith.service.station import Station
from otolith.service.store import Role

BOARD = "phidget-bridge-100001"
SAMPLES = 150


def config(folder: Path) -> Config:
    board = BoardConfig(moniker="sim:btracks?load=recording:BDS00001")
    return Config(station="bench", folder=folder, boards=[board], mqtt=MqttConfig(port=0))


def is_streaming(payload: bytes) -> bool:
    return bool(payload) and msgspec.json.decode(payload, type=BoardStatus).phase is BoardPhase.STREAMING


async def test_every_sample_of_a_simulated_board_is_on_the_bus(tmp_path: Path, connect: Any) -> None:
    async with Station(config(tmp_path)) as station, mqtt_service(station) as endpoint:
        _, secret = await station.store.tokens.create("wall", Role.VIEWER)
        async with connect(endpoint.port, password=secret) as client:
            await client.subscribe("otolith/v1/bench/#", qos=0)
            await client.next(Kind.BOARD_STATUS, is_streaming)
            blocks: list[TraceBlock] = []
            others: dict[Kind, bytes] = {}
            async with asyncio.timeout(30):
                while sum(len(block.force) for block in blocks) < SAMPLES or len(others) < 2:
                    message = await client.next()
                    if str(message.topic).endswith("/bin"):
                        blocks.append(msgspec.msgpack.decode(message.payload, type=TraceBlock))
                    for kind in (Kind.COP, Kind.SWAY):
                        if str(message.topic).endswith(f"{BOARD}/{kind.value.rpartition('/')[2]}"):
                            others[kind] = message.payload
    assert all(later.seq == earlier.seq + len(earlier.force) + later.missed for earlier, later in pairwise(blocks))
    t = np.concatenate([np.array(block.dt_ns) + block.t0_ns for block in blocks])
    assert (np.diff(t) >= 0).all()
    loads = np.concatenate([np.array(block.loads) for block in blocks], axis=1)
    force = np.concatenate([block.force for block in blocks])
    np.testing.assert_allclose(loads.sum(axis=0), force, rtol=1e-9)
    assert 300 < np.median(force) < 1500
    cop = msgspec.json.decode(others[Kind.COP], type=Cop)
    assert cop.valid
    assert msgspec.json.decode(others[Kind.SWAY], type=SwayFigures).seconds > 0


async def test_orders_reach_the_real_station_in_the_name_of_the_token(tmp_path: Path, connect: Any) -> None:
    async with Station(config(tmp_path)) as station, mqtt_service(station) as endpoint:
        _, secret = await station.store.tokens.create("front desk", Role.OPERATOR)
        async with connect(endpoint.port, password=secret) as client:
            await client.subscribe("otolith/v1/bench/#")
            await client.next(Kind.BOARD_STATUS, is_streaming)

            async def told(verb: str, board: str = BOARD) -> Reply:
                order = {
                    "v": 1,
                    "t": rfc3339(station.clock.now()),
                    "id": verb + board,
                    "client": "desk",
                    "board": board,
                }
                await client.raw.publish(f"otolith/v1/bench/cmd/{verb}", msgspec.json.encode(order), qos=1)
                return msgspec.json.decode((await client.next(Kind.REPLY)).payload, type=Reply)

            started = await told("start_recording")
            assert started.code is Code.DONE
            await client.next(Kind.BOARD_STATUS, lambda payload: (started.recording or "-").encode() in payload)
            stopped = await told("stop_recording")
            assert (stopped.code, stopped.recording) == (Code.DONE, started.recording)
            standing = await told("tare")
            assert standing.code is Code.REFUSED
            assert standing.reason
            assert (await told("identify", "nowhere")).code is Code.UNKNOWN_BOARD
            row = await station.store.recordings.get(str(started.recording))
    assert row.by == "front desk"
