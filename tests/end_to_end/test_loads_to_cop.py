"""What went into the twin comes out of MQTT and of the journal: every sample once, as exact as the converter."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import aiomqtt
import httpx
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.api.mqtt.payloads import TraceBlock
from otolith.drivers.board import Cell
from otolith.drivers.calibration import Linear
from otolith.drivers.replay.journal import Journal
from otolith.drivers.replay.library import RecordingLoads, shipped

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Serve, Served

Floats = NDArray[np.float64]

MONIKER = "sim:btracks?load=recording:BDS00004"
RATE = 125.0
MAX_OFFSET = 64
"""Samples that the board may have sent before the first one that counts."""


async def trace(served: "Served", samples: int) -> list[TraceBlock]:
    """Blocks of the trace topic until there are so many samples."""
    mqtt = served.ready["mqtt"]
    blocks: list[TraceBlock] = []
    account = {"username": mqtt["username"], "password": mqtt["password"]}
    async with aiomqtt.Client(mqtt["host"], mqtt["port"], **account) as client:
        await client.subscribe("otolith/v1/bench/board/+/trace/bin")
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            blocks.append(msgspec.msgpack.decode(message.payload, type=TraceBlock))
            if sum(len(block.force) for block in blocks) >= samples:
                return blocks
    raise AssertionError("the broker ended the subscription")


@pytest.mark.timeout(180)
async def test_sixty_seconds_come_out_as_they_went_in(serve: "Serve", tmp_path: Path) -> None:
    async with serve(tmp_path, MONIKER) as served:
        blocks = await asyncio.wait_for(trace(served, round(60 * RATE)), 120)
        async with httpx.AsyncClient(base_url=served.url, headers=served.headers) as http:
            (board,) = (await http.get("/api/v1/boards")).json()
    by_bus = {block.seq + i: (block.ml[i], block.ap[i]) for block in blocks for i in range(len(block.ml))}
    sequence = [block.seq + i for block in blocks for i in range(len(block.ml))]
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence))), "every sample once, in order"
    assert board["health"]["lost"] == 0

    (path,) = journals(tmp_path)
    journal = Journal(path)
    assert journal.recovery.complete
    assert journal.recovery.gaps == ()
    loads = np.concatenate([newtons for _, newtons in journal.loads()])
    expected = went_in(loads, journal.head.board.cells)
    assert isinstance(journal.head.calibration, Linear)
    half_a_count = np.asarray(journal.head.calibration.gain) / 2
    assert (np.abs(loads - expected) <= half_a_count * 1.000001).all(), "each load within half a count"

    cells = np.array([(cell.x, cell.y) for cell in journal.head.board.cells])
    cop = centre(loads, cells)
    assert (np.abs(cop - centre(expected, cells)) <= resolution(half_a_count, expected, cells)).all()
    on_the_bus = np.array([by_bus[seq] for seq in sequence])
    assert np.abs(on_the_bus - cop[sequence[0] : sequence[0] + len(sequence)]).max() <= 1e-9


def went_in(loads: Floats, cells: tuple[Cell, ...]) -> Floats:
    """The loads of the source at the samples that came out; the board discards a few at first, so find how many."""
    source = RecordingLoads(shipped("BDS00004"), cells)
    candidates = [source.loads((np.arange(len(loads)) + skip) / RATE) for skip in range(MAX_OFFSET)]
    return min(candidates, key=lambda candidate: float(np.abs(candidate - loads).max()))


def centre(loads: Floats, cells: Floats) -> Floats:
    """CoP ``(n, 2)``, mm."""
    quotient: Floats = loads @ cells / loads.sum(axis=1, keepdims=True)
    return quotient


def resolution(half_a_count: Floats, loads: Floats, cells: Floats) -> Floats:
    """How far rounding every cell's load can move the CoP at most, mm, sample by sample."""
    arms = np.abs(cells[None, :, :] - centre(loads, cells)[:, None, :])
    bound: Floats = (arms * half_a_count[None, :, None]).sum(axis=1) / (loads.sum(axis=1) - half_a_count.sum())[:, None]
    return bound


def journals(folder: Path) -> list[Path]:
    """Every journal below a folder, oldest first."""
    return sorted(folder.rglob("*.mcap"))
