"""``kill -9`` at random moments: what the station had acknowledged is in the journal, once, in order."""

import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from otolith.drivers.replay.journal import Journal

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Serve, Served

MONIKER = "sim:btracks?load=recording:BDS00001"


async def acknowledged(served: "Served", at_least: int) -> int:
    """The newest sample that the station calls safe, once there are so many."""
    async with httpx.AsyncClient(base_url=served.url, headers=served.headers) as http:
        while True:
            (board,) = (await http.get("/api/v1/boards")).json()
            recording = board["recording"]
            if recording and recording["samples"] >= at_least:
                return int(recording["seq"])
            await asyncio.sleep(0.02)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_acknowledged_sample_is_lost(serve: "Serve", tmp_path: Path, seed: int) -> None:
    moment = random.Random(seed).randint(40, 400)
    async with serve(tmp_path, MONIKER) as served:
        safe = await asyncio.wait_for(acknowledged(served, moment), 60)
        await served.kill()
    (path,) = journals(tmp_path)
    sequence = [batch.seq + i for batch in Journal(path).batches() for i in range(len(batch))]
    assert sequence == list(range(sequence[0], sequence[0] + len(sequence)))
    assert sequence[-1] >= safe


@pytest.mark.timeout(180)
async def test_the_next_start_goes_on_beside_the_torn_journal(serve: "Serve", tmp_path: Path) -> None:
    async with serve(tmp_path, MONIKER) as served:
        await asyncio.wait_for(acknowledged(served, 100), 60)
        await served.kill()
    async with serve(tmp_path, MONIKER) as served:
        await asyncio.wait_for(acknowledged(served, 100), 60)
        async with httpx.AsyncClient(base_url=served.url, headers=served.headers) as http:
            listed = (await http.get("/api/v1/recordings")).json()
    written = journals(tmp_path)
    assert len(written) == 2
    assert {recording["id"] for recording in listed["items"]} == {path.stem for path in written}


def journals(folder: Path) -> list[Path]:
    """Every journal below a folder, oldest first."""
    return sorted(folder.rglob("*.mcap"))
