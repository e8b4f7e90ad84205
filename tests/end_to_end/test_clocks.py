"""Boards whose clocks are wrong, through a whole station: what it publishes of them is what they were set to."""

import asyncio
from pathlib import Path

import pytest

from otolith.api.metrics import Metrics
from otolith.service.config import BoardConfig, Config, RecordingConfig
from otolith.service.state import BoardState
from otolith.service.station import Station

LOAD = "load=constant:700"


def skew(board: BoardState) -> float:
    return board.clock.skew_ppm if board.clock else 0.0


async def settled(folder: Path, monikers: dict[str, float], within: float, seconds: float) -> list[BoardState]:
    """The boards of a station, once each clock is told to so many ppm of what it is."""
    boards = [BoardConfig(moniker=moniker) for moniker in monikers]
    config = Config(folder=folder, boards=boards, recording=RecordingConfig(mode="on_demand"))
    async with Station(config) as station, asyncio.timeout(seconds):
        while any(  # noqa: ASYNC110 - the state is measured once a second, and announced to whoever has a tap
            board.health is None or abs(skew(board) - ppm) > within
            for board, ppm in zip(station.boards(), monikers.values(), strict=True)
        ):
            await asyncio.sleep(0.1)
        text = Metrics(station).text().decode()
        for board in station.boards():
            assert (f'otolith_board_clock_skew_ppm{{board="{board.id}"}}' in text) is (board.clock is not None)
        return station.boards()


async def test_skewed_clocks_are_told_and_a_board_without_a_rhythm_has_none(tmp_path: Path) -> None:
    """Half a percent, so that seconds are enough to tell."""
    counted, clocked, wii = await settled(
        tmp_path,
        {
            f"sim:btracks?{LOAD}&skew=-5000": -5000.0,
            f"sim:ofp?{LOAD}&skew=5000&rate=250": 5000.0,
            f"sim:wii?{LOAD}": 0.0,
        },
        within=1500.0,
        seconds=60.0,
    )
    assert (counted.clock and counted.clock.source, clocked.clock and clocked.clock.source) == ("count", "clock")
    assert [board.grid and board.grid.method for board in (counted, clocked, wii)] == ["samples", "samples", "swarii"]
    assert wii.clock is None
    assert all(board.clock is None or 0.0 < board.clock.residual_ms < 100.0 for board in (counted, clocked))


@pytest.mark.slow
async def test_200_ppm_are_found_in_a_minute(tmp_path: Path) -> None:
    monikers = {f"sim:btracks?{LOAD}&skew=200": 200.0, f"sim:ofp?{LOAD}&skew=-200": -200.0}
    for board in await settled(tmp_path, monikers, within=25.0, seconds=110.0):
        assert board.clock is not None
        assert board.clock.jumps == 0
