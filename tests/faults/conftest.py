"""Journals to break."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, Cell
from otolith.drivers.calibration import Linear
from otolith.drivers.replay.block import MAGIC
from otolith.drivers.replay.journal_head import JournalHead
from otolith.drivers.replay.journal_writer import JournalWriter

CALIBRATION = Linear((0.5, 0.25), (10.0, 20.0), "factory")
INFO = BoardInfo(
    moniker="twin:7",
    family="twin",
    model="Two cells",
    serial="7",
    firmware="2.1",
    unit="count",
    rate=100.0,
    cells=(Cell("L", -100.0, 0.0), Cell("R", 100.0, 0.0)),
    calibration=CALIBRATION,
    simulated=True,
)


def journal_head() -> JournalHead:
    return JournalHead(
        station="station-1",
        id="20260101t000000000-abcdef",
        started="2026-01-01T00:00:00.000000Z",
        monotonic_ns=1_000,
        board=INFO,
        calibration=CALIBRATION,
        zero=(11.0, 21.0),
        versions={"otolith": "0"},
    )


def batch_of(seq: int, n: int, missed: int = 0, *, device_clock: bool = False) -> Batch:
    """Samples whose first count is their own number."""
    numbers = np.arange(seq, seq + n)
    counts = np.column_stack([numbers, np.sin(numbers)]).astype(float)
    t_device = numbers / 100.0 if device_clock else None
    return Batch(seq, counts, 1_000 + numbers * 10_000_000, (numbers % 3).astype(np.uint32), t_device, missed)


@pytest.fixture
def head() -> JournalHead:
    return journal_head()


@pytest.fixture
def batch() -> Callable[..., Batch]:
    return batch_of


def write_journal(path: Path, blocks: int) -> Path:
    writer = JournalWriter(path, journal_head())
    for number in range(blocks):
        writer.append(batch_of(8 * number, 8))
    writer.close()
    return path


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """A closed journal of some batches of eight samples."""

    def write(blocks: int = 20) -> Path:
        path = tmp_path / "whole.mcap"
        path.unlink(missing_ok=True)
        return write_journal(path, blocks)

    return write


@pytest.fixture(scope="session")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes, int]:
    """A journal of twenty blocks of eight samples: a place for it, its bytes, where the first block's record begins."""
    path = write_journal(tmp_path_factory.mktemp("journal") / "twenty.mcap", 20)
    data = path.read_bytes()
    return path, data, data.index(MAGIC, data.index(b"otolith.journal")) - 31
