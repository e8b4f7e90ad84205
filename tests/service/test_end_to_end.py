"""A real recording stands on a twin, its bytes cross USB/IP: what comes out of the station is what went in."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from otolith.drivers.calibration import Linear
from otolith.drivers.opening import open_board
from otolith.drivers.replay.journal import Journal
from otolith.drivers.replay.library import RecordingLoads, shipped
from otolith.service.config import BoardConfig, Config
from otolith.service.frame import Frame
from otolith.service.hub import Policy
from otolith.service.station import Station

MONIKER = "sim:btracks?load=recording:BDS00001"
SAMPLES = 250
PERIOD = 0.008


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> None:
    """Not here: a simulated board is opened on the loop, its recording read there."""


async def stream(folder: Path) -> tuple[list[Frame], Any]:
    """Two seconds of frames, and the codes that left the twin meanwhile."""
    opened: list[Any] = []

    async def opener(moniker: str) -> Any:
        opened.append(await open_board(moniker))
        return opened[-1]

    frames: list[Frame] = []
    async with Station(Config(folder=folder, boards=[BoardConfig(moniker=MONIKER)]), opener=opener) as station:
        with station.frames.tap("test", Policy.BLOCK, 1024) as tap:
            async with asyncio.timeout(60):
                while sum(map(len, frames)) < SAMPLES:
                    frames.append(await anext(tap))
        sent = list(opened[0].twin.sent)
        [state] = station.boards()
        assert (state.phase, state.simulated) == ("streaming", True)
        assert state.recording is not None
    return frames, sent


async def test_what_went_in_comes_out_once_in_order_within_the_converter_s_resolution(tmp_path: Path) -> None:
    frames, sent = await stream(tmp_path)
    assert [frame.seq for frame in frames] == np.cumsum([0, *map(len, frames[:-1])]).tolist()
    assert sum(frame.missed for frame in frames) == 0
    codes = np.array([sample.codes for sample in sent], dtype=float)
    ticks = np.array([sample.index for sample in sent])
    counts = np.concatenate([frame.counts for frame in frames])
    [first] = [start for start in range(3) if np.array_equal(codes[start : start + len(counts)], counts)]

    [path] = await asyncio.to_thread(lambda: [*tmp_path.rglob("*.mcap")])
    journal = await asyncio.to_thread(Journal, path)
    board = journal.head.board
    loads = RecordingLoads(shipped("BDS00001"), board.cells).loads(ticks[first:][: len(counts)] * PERIOD)
    force = loads.sum(axis=1)
    cells = np.array([(cell.x, cell.y) for cell in board.cells])
    centre = loads @ cells / force[:, None]
    cop = np.concatenate([frame.cop for frame in frames])
    assert isinstance(board.calibration, Linear)
    resolution = max(board.calibration.gain) / 2
    bound = resolution * np.abs(cells[None] - centre[:, None]).sum(axis=1) / force[:, None]
    assert np.all(np.abs(cop - centre) <= bound * 1.001)
    assert bound.max() < 1e-3
    np.testing.assert_allclose(np.concatenate([frame.force for frame in frames]), force, atol=4 * resolution)

    batches = await asyncio.to_thread(lambda: [*journal.batches()])
    assert journal.recovery.gaps == ()
    assert journal.recovery.complete
    recorded = np.concatenate([batch.counts for batch in batches])
    np.testing.assert_array_equal(recorded[: len(counts)], counts)
    for written, of_frame in (("t_host", "t_arrival"), ("t", "t")):
        np.testing.assert_array_equal(
            np.concatenate([getattr(batch, written) for batch in batches])[: len(counts)],
            np.concatenate([getattr(frame, of_frame) for frame in frames]),
        )
