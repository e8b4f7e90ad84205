"""A station that is killed loses no acknowledged sample, and its successor closes the books."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from otolith.drivers.replay.journal import Journal
from otolith.service.config import Config
from otolith.service.station import Station

DOOMED = Path(__file__).parent / "doomed.py"


def run_and_kill(folder: Path, lines: int) -> int:
    """Run a recording station and kill it after it acknowledged so many times; the last acknowledged sample."""
    command = [sys.executable, str(DOOMED), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own script
        assert process.stdout is not None
        try:
            acknowledged = [int(process.stdout.readline()) for _ in range(lines)]
        finally:
            process.send_signal(signal.SIGKILL)
        rest = process.stdout.read().split(b"\n")[:-1]
    return int(rest[-1]) if rest else acknowledged[-1]


@pytest.mark.parametrize("seed", range(4))
def test_every_acknowledged_sample_is_there_in_order_once(tmp_path: Path, seed: int) -> None:
    acknowledged = run_and_kill(tmp_path, random.Random(seed).randint(1, 400))
    [path] = (tmp_path / "recordings" / "twin-1").iterdir()
    journal = Journal(path)
    counts = np.concatenate([batch.counts for batch in journal.batches()])
    assert not journal.recovery.complete
    assert journal.recovery.gaps == ()
    assert len(counts) > acknowledged
    np.testing.assert_array_equal(counts[:, 0], np.arange(len(counts)))
    np.testing.assert_array_equal(counts[:, 1], -np.arange(len(counts)))


async def test_the_next_station_closes_the_books(
    tmp_path: Path,
) -> None:
    acknowledged = await asyncio.to_thread(run_and_kill, tmp_path, 20)
    async with Station(Config(folder=tmp_path)) as station:
        [row] = (await station.store.recordings.list()).items
        async with asyncio.timeout(10):
            while row.ended is None:
                await asyncio.sleep(0.01)
                row = await station.store.recordings.get(row.id)
        assert row.end_reason == "interrupted"
        assert row.samples > acknowledged
        assert row.size == (tmp_path / row.path).stat().st_size
