"""Boards of one or two vertical forces: the force is good, a centre of pressure does not exist."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo, Cell, WrenchPlate
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.journal_head import JournalHead
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.service.analysis import Plan, analyse
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

ONE = (Cell("Fz", 0.0, 0.0),)
TWO = (Cell("L", -200.0, 0.0), Cell("R", 200.0, 0.0))


def force_only(info: Callable[..., BoardInfo], cells: tuple[Cell, ...]) -> BoardInfo:
    return info(cells=cells, calibration=Linear((0.5,) * len(cells), (10.0,) * len(cells), "factory"))


@pytest.mark.parametrize("cells", [ONE, TWO], ids=["one", "two"])
def test_the_force_is_valid_and_the_cop_is_undefined_with_a_reason(
    info: Callable[..., BoardInfo], cells: tuple[Cell, ...]
) -> None:
    board = force_only(info, cells)
    pipeline = Pipeline(board, board.calibration, PipelineConfig(), board.calibration.zero)
    counts = np.vstack([np.full((300, len(cells)), 1210.0), np.full((3, len(cells)), 12.0)])
    frame = pipeline(Batch(0, counts, np.arange(303) * 8_000_000, np.zeros(303, np.uint32)))
    assert frame.force.tolist() == [600.0 * len(cells)] * 300 + [1.0 * len(cells)] * 3
    assert np.isnan(frame.cop).all()
    assert np.isnan(frame.smooth).all()
    assert frame.sway is None
    assert frame.flags.tolist() == [Flag.NO_COP] * 300 + [Flag.NO_COP | Flag.UNLOADED] * 3


def test_such_a_board_is_tared_like_any_other(info: Callable[..., BoardInfo]) -> None:
    board = force_only(info, ONE)
    pipeline = Pipeline(board, board.calibration, PipelineConfig(), board.calibration.zero)
    future = pipeline.take_zero(1.0)
    for at in range(0, 250, 25):
        pipeline(Batch(at, np.full((25, 1), 30.0), np.arange(25), np.zeros(25, np.uint32)))
    assert future.result(0).counts == (30.0,)
    frame = pipeline(Batch(250, np.full((1, 1), 30.0), np.arange(1), np.zeros(1, np.uint32)))
    assert frame.force.tolist() == [0.0]


@pytest.mark.parametrize(
    ("cells", "plates", "has"),
    [
        (ONE, (), False),
        (TWO, (), False),
        ((*TWO, Cell("M", 0.0, 0.0)), (), False),
        ((*TWO, Cell("F", 0.0, 150.0)), (), True),
        ((), (WrenchPlate("P"),), True),
    ],
)
def test_a_centre_takes_a_triangle_or_a_wrench(
    info: Callable[..., BoardInfo], cells: tuple[Cell, ...], plates: tuple[WrenchPlate, ...], *, has: bool
) -> None:
    assert info(cells=cells, plates=plates).has_cop is has


def test_an_analysis_of_sway_says_why_there_is_none(info: Callable[..., BoardInfo], tmp_path: Path) -> None:
    board = force_only(info, ONE)
    path = tmp_path / "one.mcap"
    head = JournalHead("s", "r", "2026-01-01T00:00:00Z", 0, board, board.calibration, board.calibration.zero, {})
    writer = JournalWriter(path, head)
    writer.append(Batch(0, np.full((250, 1), 1210.0), np.arange(250) * 8_000_000, np.zeros(250, np.uint32)))
    writer.close()
    with pytest.raises(
        RecordingError, match=r"one\.mcap: this board has no centre of pressure: it measures 1 vertical"
    ):
        analyse(path, Plan())
