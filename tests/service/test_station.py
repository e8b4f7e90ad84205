"""The station over scripted boards: what becomes of loss, silence, refusal, crashes and commands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otolith.drivers.board import BoardInfo
from otolith.drivers.errors import (
    BoardBusy,
    BoardForbidden,
    BoardLost,
    BoardNotFound,
    BoardRefused,
    BoardTimeout,
    MonikerError,
)
from otolith.service.clock import VirtualClock
from otolith.service.config import BoardConfig, Config
from otolith.service.errors import IdentifyRefused, RecordingRefused, StoreError, TareRefused, UnknownBoard
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase, Event
from otolith.service.station import Station, provisional_ids

Until = Callable[..., Awaitable[None]]
Configure = Callable[..., Config]
Info = Callable[..., BoardInfo]


@pytest.fixture
def running(clock: VirtualClock, bench: Any, config: Configure) -> Callable[..., Any]:
    """A station over the bench."""

    @asynccontextmanager
    async def run(*monikers: str, **changes: Any) -> AsyncIterator[Station]:
        async with Station(config(*monikers, **changes), clock, opener=bench.open) as station:
            yield station

    return run


async def streaming(station: Station, bench: Any, until: Until, index: int = 0) -> Any:
    """The board behind the configuration's entry, once it streams."""
    moniker = station.boards()[index].moniker
    await until(lambda: any(name == moniker and not board.closed for name, board in bench.opened))
    board = bench.newest(moniker)
    board.feed()
    await until(lambda: station.boards()[index].phase is BoardPhase.STREAMING)
    return board


async def test_a_board_comes_up_and_its_frames_are_published(
    running: Any, bench: Any, until: Until, info: Info
) -> None:
    bench.plug("twin:1", info(battery=0.5))
    async with running("twin:1") as station:
        assert station.boards()[0].phase is BoardPhase.CONNECTING
        with station.frames.tap("test", Policy.BLOCK, 16) as tap:
            board = await streaming(station, bench, until)
            sent = board.feed((100.0, 200.0, 300.0, 400.0), n=3)
            first, second = await anext(tap), await anext(tap)
        state = station.board("twin-1001")
        assert (state.id, state.moniker, state.phase, state.reason) == ("twin-1001", "twin:1", "streaming", "")
        assert (state.serial, state.simulated, state.battery, state.rate_nominal) == ("1001", True, 0.5, 125.0)
        assert state.cells_x == (200, 200, -200, -200)
        assert station.state().ready
        assert (first.seq, second.seq, len(second)) == (0, 1, 3)
        np.testing.assert_allclose(second.force, 1000.0)
        np.testing.assert_array_equal(second.counts, sent.counts)
    assert board.closed
    assert not station.state().ready


@pytest.mark.parametrize(
    ("error", "phase"),
    [
        (BoardNotFound("none there"), BoardPhase.LOST),
        (BoardBusy("another program holds it"), BoardPhase.REFUSED),
        (BoardForbidden("add a udev rule"), BoardPhase.REFUSED),
        (BoardRefused("unknown firmware"), BoardPhase.REFUSED),
        (BoardTimeout("no answer"), BoardPhase.SILENT),
        (BoardLost("cable"), BoardPhase.LOST),
        (MonikerError("what is 'twin'?"), BoardPhase.REFUSED),
    ],
)
async def test_what_is_wrong_with_a_board_is_said_and_the_station_stays_up(
    running: Any, bench: Any, until: Until, *, error: Exception, phase: BoardPhase
) -> None:
    bench.plug("twin:bad", error)
    bench.plug("twin:1")
    async with running("twin:bad", "twin:1") as station:
        await streaming(station, bench, until, 1)
        assert station.boards()[0].phase is phase
        assert station.boards()[0].reason == str(error)
        bench.plug("twin:bad", replace(bench.newest().info, serial="2002"))
        attempts = bench.attempts
        await bench.clock.advance(6)
        if isinstance(error, MonikerError):
            assert bench.attempts == attempts
        else:
            await streaming(station, bench, until, 0)
            assert station.boards()[0].id == "twin-2002"


async def test_a_replugged_board_is_back_within_a_second(
    running: Any, bench: Any, until: Until, clock: VirtualClock
) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        await streaming(station, bench, until)
        bench.unplug("twin:1")
        await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
        assert "unplugged" in station.boards()[0].reason
        await clock.advance(120)
        bench.plug("twin:1")
        opened = len(bench.opened)
        await clock.advance(0.6)
        await until(lambda: len(bench.opened) > opened)
        board = await streaming(station, bench, until)
        assert station.boards()[0].id == "twin-1001"
        assert not board.closed


async def test_a_flapping_board_is_not_hammered(running: Any, bench: Any, clock: VirtualClock, until: Until) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        for _ in range(30):
            await clock.advance(1)
            if bench.opened and not bench.newest().closed:
                board = bench.newest()
                board.feed()
                board.fail(BoardTimeout("silent again"))
                await until(lambda board=board: board.closed)
        await until(lambda: station.boards()[0].phase is BoardPhase.SILENT)
        assert 5 <= bench.attempts <= 14


async def test_a_crash_of_one_board_is_told_and_does_not_touch_another(
    running: Any, bench: Any, until: Until, info: Info
) -> None:
    bench.plug("twin:1", info("1"))
    bench.plug("twin:2", info("2"))
    async with running("twin:1", "twin:2") as station:
        first = await streaming(station, bench, until, 0)
        second = await streaming(station, bench, until, 1)
        with (
            station.changes.tap("test", Policy.BLOCK, 64) as changes,
            station.frames.tap("frames", Policy.BLOCK, 64) as frames,
        ):
            first.fail(ZeroDivisionError("oops"))
            await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
            second.feed()
            assert (await anext(frames)).board == "twin-2"
            events = [change for change in changes.take_ready() if isinstance(change, Event)]
        assert [event.kind for event in events] == ["board-crashed"]
        assert "ZeroDivisionError: oops" in station.boards()[0].reason
        assert station.boards()[1].phase is BoardPhase.STREAMING


async def test_the_same_board_under_two_names_is_refused_once(running: Any, bench: Any, until: Until) -> None:
    bench.plug("twin:1")
    bench.plug("twin:same")
    async with running("twin:1", "twin:same") as station:
        await streaming(station, bench, until)
        await until(lambda: station.boards()[1].phase is BoardPhase.REFUSED)
        assert "as twin:1" in station.boards()[1].reason
        assert station.board("twin-same").id == "twin-same"


async def test_a_rate_that_the_pipeline_cannot_serve_is_refused(
    running: Any, bench: Any, until: Until, info: Info
) -> None:
    bench.plug("twin:1", info(rate=10.0))
    async with running("twin:1") as station:
        await until(lambda: station.boards()[0].phase is BoardPhase.REFUSED)
        assert "lower the cutoff" in station.boards()[0].reason
        assert bench.newest().closed


async def test_a_foreign_calibration_is_refused(running: Any, bench: Any, until: Until, tmp_path: Path) -> None:
    bench.plug("twin:1")
    board = BoardConfig(moniker="twin:1", calibration=tmp_path / "none.toml")
    async with running(boards=[board]) as station:
        await until(lambda: station.boards()[0].phase is BoardPhase.REFUSED)
        assert "none.toml" in station.boards()[0].reason


async def test_health_is_measured_every_second(running: Any, bench: Any, until: Until, clock: VirtualClock) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        board = await streaming(station, bench, until)
        board.feed(missed=3)
        for _ in range(250):
            await clock.advance(0.008)
            board.feed()
        await clock.advance(1)
        health = station.boards()[0].health
        assert health is not None
        assert health.rate_hz == pytest.approx(125, rel=0.02)
        assert (health.lost, health.samples) == (3, 252)
        bench.unplug("twin:1")
        await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
        after = station.boards()[0].health
        assert after is not None
        assert (after.rate_hz, after.lost, after.samples) == (0.0, 3, 252)


async def test_what_a_board_says_beside_its_samples_is_told_once(
    running: Any, bench: Any, until: Until, info: Info
) -> None:
    bench.plug("twin:1", info(battery=0.75))
    async with running("twin:1") as station:
        board = await streaming(station, bench, until)
        with station.changes.tap("test", Policy.BLOCK, 64) as changes:
            await bench.clock.advance(1)
            assert station.boards()[0].battery == 0.75
            board.battery, board.presses = 0.5, 2
            await bench.clock.advance(1)
            assert station.boards()[0].battery == 0.5
            board.battery = 0.0
            await bench.clock.advance(1)
            await bench.clock.advance(1)
            assert station.boards()[0].battery == 0.0
            told = [(change.kind, change.board) for change in changes.take_ready() if isinstance(change, Event)]
    assert told == [("button", "twin-1001"), ("battery-low", "twin-1001")]


async def test_changes_tell_every_phase(running: Any, bench: Any, until: Until) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        with station.changes.tap("test", Policy.BLOCK, 64) as changes:
            await streaming(station, bench, until)
            bench.unplug("twin:1")
            await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
            seen = changes.take_ready()
        kinds = [change.kind if isinstance(change, Event) else getattr(change, "phase", "station") for change in seen]
        assert kinds == ["board-identified", "streaming", "lost"]


async def test_an_unknown_board_is_told_with_those_there_are(running: Any) -> None:
    async with running("twin:1") as station:
        for call in (station.tare("nobody", "me"), station.start_recording("nobody", "me"), station.identify("nobody")):
            with pytest.raises(UnknownBoard, match="it has: twin-1"):
                await call
        with pytest.raises(UnknownBoard):
            station.board("nobody")


async def test_a_tare_is_used_stored_told_and_used_again_after_a_reconnect(
    running: Any, bench: Any, until: Until, clock: VirtualClock
) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        board = await streaming(station, bench, until)
        with station.frames.tap("test", Policy.LATEST, 1) as frames:
            taring = asyncio.create_task(station.tare("twin-1001", "somebody"))
            await asyncio.sleep(0)
            board.feed((5.0, 0.0, 0.0, 0.0), n=130)
            tare = await asyncio.wait_for(taring, 10)
            assert tare.zero == (1500.0, 1000.0, 1000.0, 1000.0)
            assert (tare.by, tare.noise_n) == ("somebody", 0.0)
            assert station.boards()[0].tare == tare
            await anext(frames)
            board.feed((5.0, 0.0, 0.0, 0.0))
            assert (await anext(frames)).force[0] == pytest.approx(0.0)
            bench.unplug("twin:1")
            await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
            bench.plug("twin:1")
            await clock.advance(1)
            board = await streaming(station, bench, until)
            assert station.boards()[0].tare == tare
            await anext(frames)
            board.feed((5.0, 0.0, 0.0, 100.0))
            assert (await anext(frames)).force[0] == pytest.approx(100.0)
        assert [line.action for line in (await station.store.audit.list()).items] == ["tare"]


async def test_a_tare_of_a_loaded_or_absent_board_is_refused(running: Any, bench: Any, until: Until) -> None:
    async with running("twin:1") as station:
        with pytest.raises(TareRefused, match="not streaming"):
            await station.tare("twin-1", "me")
        bench.plug("twin:1")
        await station.clock.advance(1)
        board = await streaming(station, bench, until)
        taring = asyncio.create_task(station.tare("twin-1001", "me"))
        await asyncio.sleep(0)
        board.feed(n=130)
        with pytest.raises(TareRefused, match="loaded with 600 N"):
            await taring
        taring = asyncio.create_task(station.tare("twin-1001", "me"))
        await asyncio.sleep(0)
        bench.unplug("twin:1")
        with pytest.raises(TareRefused, match="went away"):
            await taring
        assert await station.store.tares.latest("twin-1001") is None


async def test_a_tare_is_kept_even_if_whoever_asked_goes_away(running: Any, bench: Any, until: Until) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        board = await streaming(station, bench, until)
        taring = asyncio.create_task(station.tare("twin-1001", "me"))
        await asyncio.sleep(0)
        taring.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taring
        board.feed((0.0,) * 4, n=130)
        await until(lambda: station.boards()[0].tare is not None)
    async with running("twin:1") as station:
        await streaming(station, bench, until)
        assert station.boards()[0].tare is not None


async def test_identify_reaches_the_board_or_says_why_not(
    running: Any, bench: Any, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.plug("twin:1")
    async with running("twin:1", "twin:2") as station:
        board = await streaming(station, bench, until)
        await station.identify("twin-1001")
        assert board.identified == 1
        with pytest.raises(IdentifyRefused, match="not streaming"):
            await station.identify("twin-2")

        async def nothing_to_blink() -> None:
            raise BoardRefused("it has no lamp")

        monkeypatch.setattr(board, "identify", nothing_to_blink)
        with pytest.raises(IdentifyRefused, match="no lamp"):
            await station.identify("twin-1001")


async def test_commands_after_the_end_are_refused(running: Any, bench: Any, until: Until) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        await streaming(station, bench, until)
    with pytest.raises(TareRefused, match="not running"):
        await station.tare("twin-1001", "me")
    with pytest.raises(RecordingRefused, match="not running"):
        await station.start_recording("twin-1001", "me")


async def test_leaving_ends_everything_promptly_with_work_in_hand(running: Any, bench: Any, until: Until) -> None:
    bench.plug("twin:1")
    before = asyncio.all_tasks()
    async with running("twin:1", "twin:2") as station:
        board = await streaming(station, bench, until)
        taring = asyncio.create_task(station.tare("twin-1001", "me"))
        await station.start_recording("twin-1001", "me")
        board.feed()
        leaving = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - leaving < 2
    with pytest.raises(TareRefused, match="station closes"):
        await taring
    assert asyncio.all_tasks() == before
    with station.frames.tap("late", Policy.BLOCK, 1) as tap:
        assert [frame async for frame in tap] == []


async def test_a_station_with_a_stuck_frame_reader_still_ends(running: Any, bench: Any, until: Until) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        with station.frames.tap("stuck", Policy.BLOCK, 1):
            board = await streaming(station, bench, until)
            board.feed()
            board.feed()
            async with asyncio.timeout(2):
                await station.__aexit__(None, None, None)
        assert board.closed


async def test_a_folder_serves_one_station_at_a_time(config: Configure, tmp_path: Path) -> None:
    async with Station(config()):
        with pytest.raises(StoreError, match="another running station"):
            await Station(config()).__aenter__()
    async with Station(config()):
        pass
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used"):
        await Station(config(folder=tmp_path / "file" / "state")).__aenter__()


async def test_an_absent_board_keeps_the_id_it_had(running: Any, bench: Any, until: Until, info: Info) -> None:
    bench.plug("twin:1")
    async with running("twin:1") as station:
        await streaming(station, bench, until)
    bench.unplug("twin:1")
    async with running("twin:1", "twin:2") as station:
        await until(lambda: station.boards()[0].phase is BoardPhase.LOST)
        assert [state.id for state in station.boards()] == ["twin-1001", "twin-2"]
        assert station.board("twin-1").id == "twin-1001"
        bench.plug("twin:1", info("another"))
        await station.clock.advance(1)
        await streaming(station, bench, until)
        assert station.boards()[0].id == "twin-another"


def test_boards_that_have_not_answered_have_distinct_ids() -> None:
    ids = provisional_ids(["usb:06c2:003b?serial=7", "usb:06c2:003B?serial=7", "Ω", "!", "x" * 200])
    assert ids[:4] == ["usb-06c2-003b-serial-7", "usb-06c2-003b-serial-7--2", "board", "board--2"]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 64


def test_the_id_of_a_board_is_what_its_info_says(info: Info) -> None:
    assert replace(info(), serial="A/b C").id == "twin-a-b-c"
