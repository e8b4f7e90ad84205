"""How far a zero went, and when that is too far."""

from collections.abc import Callable

import numpy as np
import pytest

from otolith.drivers.board import BoardInfo, WrenchPlate
from otolith.drivers.calibration import Matrix
from otolith.service.challenges.stage import ZeroReading
from otolith.service.zero_check import Drift, drift_of


@pytest.mark.parametrize(
    ("counts", "force", "worst", "drifted"),
    [
        ((1000.0,) * 4, 0.0, 0.0, False),
        ((1100.0,) * 4, 4.0, 1.0, False),
        ((1200.0,) * 4, 8.0, 2.0, True),
        ((1600.0, 400.0, 1000.0, 1000.0), 0.0, 6.0, True),
    ],
)
def test_cells_and_their_sum_are_judged(
    info: Callable[..., BoardInfo], counts: tuple[float, ...], force: float, worst: float, *, drifted: bool
) -> None:
    board = info()
    found = drift_of(board, board.calibration, (1000.0,) * 4, counts)
    assert [found.force, abs(found.worst)] == pytest.approx([force, worst])
    assert ZeroReading("now", 0.1, found.force, found.worst, allowed_n=5.0).drifted is drifted
    assert not ZeroReading("now", 0.1, found.force, found.worst).drifted


def test_a_plate_of_six_loads_is_judged_by_its_forces(info: Callable[..., BoardInfo]) -> None:
    matrix = Matrix(tuple(map(tuple, np.eye(6).tolist())), (0.0,) * 6, "factory")
    board = info(cells=(), calibration=matrix, plates=(WrenchPlate("plate"),))
    assert drift_of(board, matrix, (0.0,) * 6, (3.0, 0.0, 1.0, 900.0, 0.0, 0.0)) == Drift(1.0, 3.0)
