"""What a station recorded can be analysed: counts become newtons, newtons a CoP, losses gaps."""

from pathlib import Path

import numpy as np
import pytest

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo, Cell
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import RecordingError
from otolith.drivers.loads import corner_loads
from otolith.drivers.replay.journal_head import JournalHead
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.drivers.replay.recording import Gap, Recording
from otolith.drivers.replay.trial import read_recording
from otolith.service.analysis import Plan, analyse

CELLS = (Cell("TL", -200, 150), Cell("TR", 200, 150), Cell("BL", -200, -150), Cell("BR", 200, -150))
LINEAR = Linear((0.01,) * 4, (1000.0,) * 4, "nominal")


def head() -> JournalHead:
    board = BoardInfo("twin:1", "twin", "Four", "1", "1", "count", 100.0, CELLS, LINEAR, simulated=True)
    return JournalHead("s", "r", "2026-01-01T00:00:00.000000Z", 0, board, LINEAR, LINEAR.zero, {})


def record(path: Path, *, lost: int = 0) -> Path:
    """40 s of a slow circle of 20 mm, in blocks of ten; ``lost`` samples are missing at 10 s."""
    writer = JournalWriter(path, head())
    t = np.arange(4000) / 100
    counts = LINEAR.counts(corner_loads(np.full(4000, 700.0), 20 * np.cos(t), 20 * np.sin(t), CELLS))
    t_host = (t * 1e9).astype(np.int64)
    flags = np.zeros(4000, dtype=np.uint32)
    flags[2003] = Flag.SATURATED
    for block in range(0, 4000, 10):
        first = block + (lost if block == 1000 else 0)
        here = slice(first, block + 10)
        writer.append(Batch(first, counts[here], t_host[here], flags[here], missed=first - block))
    writer.close()
    return path


def test_a_journal_is_told_by_its_first_bytes_and_gives_loads(tmp_path: Path) -> None:
    recording = read_recording(record(tmp_path / "trial", lost=4))
    assert isinstance(recording, Recording)
    assert recording.loads is not None
    assert (len(recording), recording.rate, recording.cells) == (3996, 100.0, CELLS)
    assert recording.gaps == (Gap(1000, 0, 4, 9.99), Gap(1999, 1, 0, 20.02))
    assert recording.loads[0].sum() == pytest.approx(700.0)


def test_a_journal_is_analysed_without_a_column_map(tmp_path: Path) -> None:
    result = analyse(record(tmp_path / "trial.mcap", lost=4), Plan(units="mm", recipe="raw"))
    assert result.metrics["mean_velocity"].value == pytest.approx(20.0, rel=1e-3)
    assert result.metrics["range_ml"].value == pytest.approx(40.0, rel=1e-3)
    assert result.warnings == ("5 missing samples were interpolated",)


def test_a_journal_without_samples_is_refused(tmp_path: Path) -> None:
    JournalWriter(tmp_path / "empty.mcap", head()).close()
    with pytest.raises(RecordingError, match="the journal holds no samples"):
        analyse(tmp_path / "empty.mcap", Plan())


def test_a_journal_that_was_torn_off_says_so(tmp_path: Path) -> None:
    path = record(tmp_path / "trial")
    path.write_bytes(path.read_bytes()[:-3000])
    result = analyse(path, Plan(recipe="raw"))
    assert result.warnings[0] == "the journal was never closed; it ends with the last whole block"
    assert 3000 < result.n < 4000
