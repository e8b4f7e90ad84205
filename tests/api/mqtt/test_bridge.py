"""What the station says, how often, and in what order; no broker needed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from math import isnan
from typing import Any

import msgspec
import numpy as np
import pytest

from otolith.api.mqtt.bridge import Bridge, last_will
from otolith.api.mqtt.payloads import BoardStatus, Cop, StationStatus, SwayFigures, TraceBlock
from otolith.api.mqtt.topics import Kind
from otolith.drivers.batch import Flag
from otolith.dsp.sway import Sway
from otolith.service.clock import VirtualClock
from otolith.service.frame import Frame
from otolith.service.state import BoardPhase, Grid

Until = Callable[[Callable[[], bool]], Awaitable[None]]
MakeFrame = Callable[..., Frame]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(monotonic_ns=2_000_000_000)


@pytest.fixture
def station(make_station: Callable[..., Any], clock: VirtualClock) -> Any:
    return make_station(clock)


@asynccontextmanager
async def publishing(station: Any, outlet: Any, until: Until) -> AsyncIterator[None]:
    task = asyncio.create_task(Bridge(station, outlet).run())
    await until(lambda: bool(outlet.of(Kind.BOARD_STATUS)))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_begins_with_everything_and_ends_with_offline(station: Any, outlet: Any, until: Until) -> None:
    async with publishing(station, outlet, until):
        first, board = outlet.of(Kind.STATUS)[0], outlet.of(Kind.BOARD_STATUS)[0]
        assert (first.retain, first.quality, board.retain) == (True, 1, True)
        assert msgspec.json.decode(first.payload, type=StationStatus).online
    last = msgspec.json.decode(outlet.said[-1].payload, type=StationStatus)
    assert (outlet.said[-1].topic.kind, last.online, last.ready) == (Kind.STATUS, False, False)
    assert last.seq == 2


def test_the_last_will_says_offline(station: Any) -> None:
    will = last_will(station)
    assert (will.online, will.ready, will.version) == (False, False, "0.1.0")


async def test_nobody_s_name_and_no_port_is_in_a_board_s_status(station: Any, outlet: Any, until: Until) -> None:
    async with publishing(station, outlet, until):
        payload = outlet.of(Kind.BOARD_STATUS)[0].payload
    assert b"Ratched" not in payload
    assert b"usb:" not in payload
    status = msgspec.json.decode(payload, type=BoardStatus)
    assert status.tared_at == "2026-01-01T00:00:01.000000Z"
    assert status.health is not None
    assert status.health.rate_hz == 125.0


async def test_a_frame_without_samples_is_not_said(
    station: Any, outlet: Any, until: Until, make_frame: MakeFrame
) -> None:
    async with publishing(station, outlet, until):
        await station.frames.publish(make_frame(n=0))
        await station.frames.publish(make_frame(seq=9, missed=9))
        await until(lambda: bool(outlet.of(Kind.TRACE)))
    assert [msgspec.msgpack.decode(said.payload)["seq"] for said in outlet.of(Kind.TRACE)] == [9]


async def test_a_frame_is_out_whole_before_the_next(
    station: Any, outlet: Any, until: Until, make_frame: MakeFrame
) -> None:
    frame = make_frame(seq=40, n=3, t0_ns=1_999_000_000, missed=5)
    async with publishing(station, outlet, until):
        await station.frames.publish(frame)
        await until(lambda: bool(outlet.of(Kind.TRACE)))
    said = outlet.of(Kind.TRACE)[0]
    assert (said.quality, said.retain) == (0, False)
    block = msgspec.msgpack.decode(said.payload, type=TraceBlock)
    assert (block.seq, block.missed, block.t0_ns, block.dt_ns) == (40, 5, 1_999_000_000, [0, 1_000_000, 2_000_000])
    assert block.t == "2025-12-31T23:59:59.999000Z"
    np.testing.assert_array_equal(np.array(block.loads).T, frame.loads)
    np.testing.assert_array_equal(np.stack([block.ml, block.ap], axis=1), frame.cop)
    np.testing.assert_array_equal(np.stack([block.ml_smooth, block.ap_smooth], axis=1), frame.smooth)
    assert block.force == frame.force.tolist()
    assert block.flags == [0, 0, 0]


async def test_the_frame_leaves_in_the_turn_of_the_loop_in_which_its_reader_wakes(
    station: Any, outlet: Any, until: Until, make_frame: MakeFrame, sway: Sway
) -> None:
    async with publishing(station, outlet, until):
        await station.frames.publish(make_frame(sway=sway, grid=Grid(125.0, "samples", 0.0, 0.0)))
        before = len(outlet.said)
        await asyncio.sleep(0)
        assert [said.topic.kind for said in outlet.said[before:]] == [Kind.TRACE, Kind.COP, Kind.SWAY]


@pytest.mark.parametrize("shape", [(1, 1_000_000), (1, 8_000_000), (4, 2_000_000), (32, 1_000_000)])
async def test_cop_is_at_most_fifty_a_second_and_as_near_to_it_as_frames_allow(
    station: Any, outlet: Any, until: Until, make_frame: MakeFrame, shape: tuple[int, int]
) -> None:
    n, dt_ns = shape
    per_second = 1_000_000_000 // (n * dt_ns)
    async with publishing(station, outlet, until):
        for index in range(10 * per_second):
            await station.frames.publish(make_frame(seq=index * n, n=n, t0_ns=index * n * dt_ns, dt_ns=dt_ns))
            await asyncio.sleep(0)
        await until(lambda: len(outlet.of(Kind.TRACE)) == 10 * per_second)
    told = len(outlet.of(Kind.COP))
    assert 10 * min(50, per_second) - 2 <= told <= 10 * 50 + 1
    seqs = [msgspec.json.decode(said.payload, type=Cop).seq for said in outlet.of(Kind.COP)]
    assert seqs == sorted(set(seqs))


async def test_after_a_silence_cop_does_not_catch_up(
    station: Any, outlet: Any, until: Until, make_frame: MakeFrame
) -> None:
    async with publishing(station, outlet, until):
        await station.frames.publish(make_frame(n=1, t0_ns=0))
        for index in range(20):
            await station.frames.publish(make_frame(seq=index, n=1, t0_ns=60_000_000_000 + index * 1_000_000))
        await until(lambda: len(outlet.of(Kind.TRACE)) == 21)
    assert len(outlet.of(Kind.COP)) <= 3


async def test_two_boards_have_their_own_rates(station: Any, outlet: Any, until: Until, make_frame: MakeFrame) -> None:
    async with publishing(station, outlet, until):
        for board in ("a", "b"):
            await station.frames.publish(make_frame(board=board))
        await until(lambda: len(outlet.of(Kind.COP)) == 2)
    assert {said.topic.name for said in outlet.of(Kind.COP)} == {"a", "b"}


@pytest.mark.parametrize(
    "sample",
    [
        (0, 1.0, True),
        (Flag.AFTER_GAP, 1.0, True),
        (Flag.UNLOADED, float("nan"), False),
        (Flag.SATURATED, 1.0, False),
        (Flag.INVALID | Flag.AFTER_GAP, 1.0, False),
        (0, float("nan"), False),
    ],
)
async def test_cop_says_whether_it_is_to_be_trusted(
    station: Any, outlet: Any, until: Until, make_frame: MakeFrame, sample: tuple[int, float, bool]
) -> None:
    flags, ml, valid = sample
    frame = make_frame(n=1, flags=np.array([flags], dtype=np.uint32), cop=np.array([[ml, 2.0]]))
    async with publishing(station, outlet, until):
        await station.frames.publish(frame)
        await until(lambda: bool(outlet.of(Kind.COP)))
    cop = msgspec.json.decode(outlet.of(Kind.COP)[0].payload, type=Cop)
    assert (cop.valid, cop.flags, cop.ml is None) == (valid, flags, isnan(ml))


async def test_sway_states_its_window_and_what_it_does_not_know(
    station: Any, outlet: Any, until: Until, make_frame: MakeFrame, sway: Sway
) -> None:
    async with publishing(station, outlet, until):
        await station.frames.publish(make_frame(sway=sway, grid=Grid(125.0, "samples", 0.0, 0.0)))
        await station.frames.publish(make_frame(seq=4))
        await until(lambda: len(outlet.of(Kind.TRACE)) == 2)
    assert len(outlet.of(Kind.SWAY)) == 1
    figures = msgspec.json.decode(outlet.of(Kind.SWAY)[0].payload, type=SwayFigures)
    assert (figures.n, figures.seconds, figures.mean_velocity) == (10, 0.08, 1.5)
    assert figures.prediction_ellipse_area is None


async def test_a_change_is_told_at_once_and_health_once_a_second(
    station: Any, outlet: Any, until: Until, clock: VirtualClock
) -> None:
    async with publishing(station, outlet, until):
        await station.change(phase=BoardPhase.LOST, reason="the board was unplugged")
        await until(lambda: len(outlet.of(Kind.BOARD_STATUS)) == 2)
        lost = msgspec.json.decode(outlet.of(Kind.BOARD_STATUS)[1].payload, type=BoardStatus)
        assert (lost.phase, lost.reason, lost.seq) == (BoardPhase.LOST, "the board was unplugged", 2)
        await clock.advance(5)
        assert len(outlet.of(Kind.BOARD_STATUS)) == 2, "what did not change is not said again"
        station.known[0] = replace(station.known[0], battery=0.5)
        await clock.advance(1)
        assert len(outlet.of(Kind.BOARD_STATUS)) == 3


async def test_what_was_said_of_a_board_under_its_first_id_is_taken_back(
    station: Any, outlet: Any, until: Until
) -> None:
    station.known[0] = replace(station.known[0], id="usb-06c2", phase=BoardPhase.CONNECTING)
    async with publishing(station, outlet, until):
        assert outlet.of(Kind.BOARD_STATUS)[0].topic.name == "usb-06c2"
        assert outlet.cleared == []
        await station.change(id="phidget-bridge-7", phase=BoardPhase.STREAMING)
        await until(lambda: len(outlet.of(Kind.BOARD_STATUS)) == 2)
    assert [(topic.kind, topic.name) for topic in outlet.cleared] == [(Kind.BOARD_STATUS, "usb-06c2")]
