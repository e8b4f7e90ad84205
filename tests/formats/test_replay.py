"""Recordings of every format as boards: the pipeline finds in them what the analysis finds, at their own times."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo
from otolith.drivers.errors import MonikerError, RecordingError
from otolith.drivers.opening import open_board
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.journal_head import JournalHead
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.drivers.rig.tape import Tape, record
from otolith.service.pipeline import Pipeline
from otolith.service.platforms import compose
from otolith.service.sections import PipelineConfig

Array = NDArray[np.float64]
Person = Callable[..., Array]
TURNED = np.eye(6) + np.random.default_rng(3).normal(0.0, 0.01, (6, 6)).astype(np.float32)


async def played(moniker: str) -> tuple[Tape, BoardInfo]:
    async with await open_board(moniker) as board:
        return await record(board, lambda _: False, 30.0), board.info


def positions(tape: Tape, info: BoardInfo) -> Array:
    """CoP by the station's own pipeline."""
    pipeline = Pipeline(info, info.calibration, PipelineConfig(), info.calibration.zero)
    return np.concatenate([pipeline(batch).cop for batch in tape.batches])


@pytest.mark.parametrize("kind", [1, 2, 3, 4])
@pytest.mark.parametrize("axes", ["ml=x,ap=y", "ml=-y,ap=x"])
async def test_a_platform_plays_the_cop_that_the_analysis_finds(
    lab: Any, person: Person, tmp_path: Path, kind: int, axes: str
) -> None:
    file = lab([kind], [person(kind, 500)], FORCE_PLATFORM__CAL_MATRIX=TURNED[:, :, None])
    path = file.write(tmp_path / "trial.c3d")
    tape, info = await played(f"replay:{path}?speed=max&columns={axes}")
    assert (len(info.plates), info.cells, info.rate, info.simulated) == (1, (), 1000.0, True)
    known = compose(C3dFile(path), None, dict(pair.split("=") for pair in axes.split(",")))
    assert known.ml is not None
    assert known.ap is not None
    found, whole = positions(tape, info), np.column_stack([known.ml, known.ap])
    np.testing.assert_allclose(found - found[0], whole - whole[0], atol=1e-6)


async def test_several_platforms_are_one_board_or_one_is_chosen(lab: Any, person: Person, tmp_path: Path) -> None:
    path = lab([2, 3], [person(2, 500), person(3, 500, seed=1)]).write(tmp_path / "two.c3d")
    tape, info = await played(f"replay:{path}?speed=max")
    assert tape.counts.shape == (500, 12)
    assert [(plate.x, plate.y) for plate in info.plates] == [(-350.0, 0.0), (350.0, 0.0)]
    assert [plate.turn for plate in info.plates] == [90.0, 90.0]
    known = compose(C3dFile(path))
    assert known.ml is not None
    found = positions(tape, info)[:, 0]
    np.testing.assert_allclose(found - found[0], known.ml - known.ml[0], atol=1e-6)
    _, one = await played(f"replay:{path}?speed=max&plate=2")
    assert [(plate.name, plate.x) for plate in one.plates] == [("2", 0.0)]


async def test_the_ground_pushes_up_whatever_the_file_holds(lab: Any, person: Person, tmp_path: Path) -> None:
    up, _ = await played(f"replay:{lab([2], [person(2, 300)]).write(tmp_path / 'up.c3d')}?speed=max")
    down, _ = await played(f"replay:{lab([2], [-person(2, 300)]).write(tmp_path / 'down.c3d')}?speed=max")
    assert (up.counts[:, 2] > 600).all()
    np.testing.assert_array_equal(up.counts, down.counts)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("?plate=3", "there is no force platform 3; the file has 1 to 1"),
        ("?stream=a", "stream= chooses a stream of an XDF file"),
        ("?columns=ml=x,ap=-x", "cannot both be along"),
        ("?columns=ml=Fx1,ap=Fy1", "need ml and ap by the lab's axes"),
        ("?rate=50", "the file says 1000 Hz"),
    ],
)
async def test_what_does_not_fit_a_c3d_file_is_refused(
    lab: Any, person: Person, tmp_path: Path, options: str, words: str
) -> None:
    path = lab([2], [person(2, 300)]).write(tmp_path / "trial.c3d")
    with pytest.raises(RecordingError, match=words):
        await open_board(f"replay:{path}{options}")


async def test_a_ramp_and_an_unknown_platform_are_no_boards(lab: Any, person: Person, tmp_path: Path) -> None:
    corners = np.array([[520.0, 180.0, 55.0], [520.0, 580.0, 5.0], [-80.0, 580.0, 5.0], [-80.0, 180.0, 55.0]])
    ramp = lab([2], [person(2, 300)], FORCE_PLATFORM__CORNERS=corners.T[:, :, None]).write(tmp_path / "ramp.c3d")
    with pytest.raises(RecordingError, match="force platform 1: it is not level"):
        await open_board(f"replay:{ramp}")
    split = lab([11], [np.ones((300, 8))]).write(tmp_path / "split.c3d")
    with pytest.raises(RecordingError, match="type 11 cannot be played"):
        await open_board(f"replay:{split}")
    with pytest.raises(MonikerError, match="plate"):
        await open_board(f"replay:{ramp}?plate=0")


async def test_irregular_times_of_an_xdf_stream_stay_as_they_are(xdf_file: Callable[..., Path]) -> None:
    pytest.importorskip("pyxdf", reason="no pyxdf: pip install 'otolith[xdf]'")
    rng = np.random.default_rng(1)
    t = 50.0 + np.cumsum(rng.uniform(0.006, 0.016, 400))
    values = np.column_stack([np.sin(t), np.cos(t), np.full(400, 700.0)])
    stream = {"type": "CoP", "labels": ["ml", "ap", "fz"], "units": ["mm", "mm", "N"], "rate": 100, "t": t}
    path = xdf_file(stream | {"name": "wii", "values": values}, stream | {"name": "other", "values": values})
    tape, info = await played(f"replay:{path}?speed=max&stream=wii")
    device = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    np.testing.assert_allclose(device, t - t[0], atol=1e-9)
    np.testing.assert_allclose(positions(tape, info), values[:, :2], atol=1e-9)
    with pytest.raises(RecordingError, match="say which stream"):
        await open_board(f"replay:{path}")


@pytest.fixture
def journal(tmp_path: Path) -> Callable[..., Path]:
    """A journal of two plates, ``n`` samples; the last third after a gap."""

    def write(info: BoardInfo, batches: list[Batch]) -> Path:
        path = tmp_path / "trial.mcap"
        zero = info.calibration.zero
        head = JournalHead("s", "1", "2026-01-01T00:00:00+00:00", 0, info, info.calibration, zero, {})
        writer = JournalWriter(path, head)
        for batch in batches:
            writer.append(batch)
        writer.close()
        return path

    return write


async def test_a_journal_of_plates_plays_at_the_boards_own_times(
    lab: Any, person: Person, tmp_path: Path, journal: Callable[..., Path]
) -> None:
    path = lab([2, 3], [person(2, 600), person(3, 600, seed=1)]).write(tmp_path / "two.c3d")
    tape, info = await played(f"replay:{path}?speed=max")
    odd = [
        Batch(b.seq + 5 * (i > 3), b.counts, b.t_host, b.flags, np.linspace(i, i + 0.5, len(b)), 5 * (i == 4))
        for i, b in enumerate(tape.batches)
    ]
    again, played_info = await played(f"replay:{journal(info, odd)}?speed=max")
    assert played_info.plates == info.plates
    assert again.missed == sum(batch.missed for batch in odd)
    assert again.misnumbered() == []
    np.testing.assert_array_equal(again.counts, tape.counts)
    device = np.concatenate([batch.t_device for batch in again.batches if batch.t_device is not None])
    np.testing.assert_array_equal(
        device, np.concatenate([batch.t_device for batch in odd if batch.t_device is not None])
    )


async def test_the_clock_goes_on_when_a_loop_begins_again(lab: Any, person: Person, tmp_path: Path) -> None:
    path = lab([2], [person(2, 300)]).write(tmp_path / "trial.c3d")
    async with await open_board(f"replay:{path}?speed=max&loop=yes") as board:
        tape = await record(board, lambda tape: len(tape) >= 900, 30.0)
    device = np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])
    np.testing.assert_allclose(np.diff(device), 0.001, atol=1e-9)
    assert tape.misnumbered() == []
