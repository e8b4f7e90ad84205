"""A station that uses two boards as one: it comes and goes with them, and is a board like any other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.board import BoardInfo
from otolith.drivers.errors import BoardLost, BoardTimeout
from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.trial import read_recording
from otolith.service.clock import VirtualClock
from otolith.service.config import Config, ConfigError, FusedConfig, FusedPart, load_config
from otolith.service.hub import Policy
from otolith.service.sections import RecordingConfig
from otolith.service.state import BoardPhase
from otolith.service.station import Station
from otolith.service.wrenches import resolve

Until = Callable[..., Awaitable[None]]
FEET = FusedConfig(
    id="feet", name="Both feet", parts=(FusedPart(board="twin:L", x=-250), FusedPart(board="twin:R", x=250))
)


class Pair:
    """A station with a board for each foot, and time that passes while they are fed."""

    def __init__(self, station: Station, bench: Any, clock: VirtualClock, until: Until) -> None:
        self.station = station
        self._bench = bench
        self._clock = clock
        self._until = until

    async def feed(self, left: float | None, right: float | None, seconds: float = 0.4) -> None:
        """Newtons in the middle of each board, or nothing from it."""
        for _ in range(round(seconds * 125)):
            for moniker, newtons in (("twin:L", left), ("twin:R", right)):
                if newtons is not None:
                    self._bench.newest(moniker).feed((newtons / 4.0,) * 4)
            await self._clock.advance(1 / 125)

    async def phase(self, phase: BoardPhase) -> None:
        await self._until(lambda: self.station.board("fused-feet").phase is phase)


@pytest.fixture
def pair(
    clock: VirtualClock, bench: Any, config: Callable[..., Config], info: Callable[..., BoardInfo], until: Until
) -> Callable[..., Any]:
    bench.plug("twin:L", info("L"))
    bench.plug("twin:R", info("R"))

    def make(**changes: Any) -> Station:
        return Station(config("twin:L", "twin:R", fused=[FEET], **changes), clock, opener=bench.open)

    async def begin(station: Station) -> Pair:
        await until(lambda: len(bench.opened) == 2)
        both = Pair(station, bench, clock, until)
        while station.board("fused-feet").phase is not BoardPhase.STREAMING:
            await both.feed(300.0, 300.0, 0.1)
        return both

    return lambda **changes: (make(**changes), begin)


async def test_two_boards_are_one_with_a_cop_and_sides_of_its_own(pair: Callable[..., Any]) -> None:
    station, begin = pair()
    async with station:
        both = await begin(station)
        with station.frames.tap("test", Policy.BLOCK, 500, lambda frame: frame.board == "fused-feet") as tap:
            await both.feed(200.0, 600.0, 1.0)
            frames = tap.take_ready()
        state = station.board("fused-feet")
        assert (state.phase, state.name, state.family, state.sides) == ("streaming", "Both feet", "fused", "plates")
        assert [plate.name for plate in state.plates] == ["twin-l", "twin-r"]
        last = frames[-1]
        assert not last.flags.any()
        np.testing.assert_allclose(last.sides, np.broadcast_to([200.0, 600.0], (len(last), 2)), atol=1e-6)
        np.testing.assert_allclose(last.cop, np.broadcast_to([125.0, 0.0], (len(last), 2)), atol=1e-6)
        np.testing.assert_allclose(last.left_percent, 25.0, atol=1e-6)


async def test_it_waits_for_a_board_that_is_not_there(
    pair: Callable[..., Any], bench: Any, clock: VirtualClock
) -> None:
    bench.unplug("twin:R")
    station, _ = pair()
    async with station:
        await clock.advance(1.0)
        state = next(board for board in station.boards() if board.moniker == "fused:feet")
        assert state.phase is BoardPhase.LOST
        assert "it waits for twin:" in state.reason


async def test_without_one_of_them_nothing_is_shown_and_with_none_it_is_lost(
    pair: Callable[..., Any], bench: Any, info: Callable[..., BoardInfo]
) -> None:
    station, begin = pair()
    async with station:
        both = await begin(station)
        with station.frames.tap("test", Policy.BLOCK, 500, lambda frame: frame.board == "fused-feet") as tap:
            await both.feed(300.0, 300.0)
            bench.newest("twin:R").fail(BoardLost("unplugged"))
            bench.unplug("twin:R")
            tap.take_ready()
            await both.feed(700.0, None, 1.0)
            alone = tap.take_ready()
            assert station.board("fused-feet").phase is BoardPhase.STREAMING
            assert alone[-1].flags.tolist() == [Flag.INVALID | Flag.INCOMPLETE] * len(alone[-1])
            assert np.isnan(alone[-1].cop).all()
            bench.plug("twin:R", info("R"))
            await both.feed(300.0, None, 3.0)
            await both.feed(300.0, 300.0, 1.0)
            assert not tap.take_ready()[-1].flags.any()
        bench.newest("twin:R").fail(BoardTimeout("silent"))
        bench.newest("twin:L").fail(BoardTimeout("silent"))
        await both.phase(BoardPhase.LOST)
        assert "none of its boards is there" in station.board("fused-feet").reason


async def test_it_is_tared_and_recorded_like_any_board(pair: Callable[..., Any]) -> None:
    station, begin = pair(recording=RecordingConfig(mode="on_demand"))
    async with station:
        both = await begin(station)
        row = await station.start_recording("fused-feet", "test")
        with station.frames.tap("test", Policy.BLOCK, 500, lambda frame: frame.board == "fused-feet") as tap:
            await both.feed(200.0, 600.0, 2.0)
            live = np.concatenate([frame.cop for frame in tap.take_ready()])
        await station.stop_recording(row.id, "test")
        path = station.config.folder / row.path
    found = await asyncio.to_thread(read_recording, path)
    assert isinstance(found, Recording)
    whole = resolve(found, 20.0)
    assert whole.ml is not None
    assert len(found) >= len(live) > 200
    np.testing.assert_allclose(whole.ml[-len(live) :], live[:, 0], atol=1e-9)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('id = "feet"\nparts = [{ board = "a", x = 1 }, { board = "c" }]', "c is none of"),
        ('id = "feet"\nparts = [{ board = "a", x = 1 }, { board = "a" }]', "listed twice"),
        ('id = "feet"\nparts = [{ board = "a" }, { board = "b" }]', "cannot be in one place"),
        ('id = "feet"\nparts = [{ board = "a" }]', "at least 2"),
        ('id = "Feet!"\nparts = [{ board = "a", x = 1 }, { board = "b" }]', "pattern"),
    ],
)
def test_what_cannot_be_fused_is_refused(tmp_path: Any, text: str, complaint: str) -> None:
    path = tmp_path / "otolith.toml"
    path.write_text(f'[[boards]]\nmoniker = "a"\n[[boards]]\nmoniker = "b"\n[[fused]]\n{text}\n')
    with pytest.raises(ConfigError, match=complaint):
        load_config(path)
