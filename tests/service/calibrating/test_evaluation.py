"""Every kind of calibration from observations in thought; gravity and plans."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.drivers.board import BoardInfo, WrenchPlate
from otolith.drivers.calibration import Calibration, Matrix, Piecewise
from otolith.drivers.loads import corner_loads
from otolith.dsp.calibration.known import known_loads
from otolith.service.calibrating.content import ConditionsTable
from otolith.service.calibrating.evaluation import evaluate, known_of, stretched
from otolith.service.calibrating.gravity import gravity_at, standard_gravity, stated_gravity
from otolith.service.calibrating.plan import BUOYANCY, Plan, check_plan, default_plan, read_plan, weight_set
from otolith.service.calibrating.procedure import Observation
from otolith.service.calibrating.reading import Reading
from otolith.service.calibrating.record import content_of, recompute
from otolith.service.calibrating.report import report_of
from otolith.service.errors import CalibrationError

Array = NDArray[np.float64]
CURVE = Piecewise(
    (0.0, 170.0, 340.0), ((1000.0,) * 4, (2700.0, 2600.0, 2800.0, 2500.0), (4500.0, 4300.0, 4700.0, 4100.0)), "factory"
)
WRENCH_PLAN = """
u_place = 0.5
weights = [{ kg = 10.0, u = 0.001 }, { kg = 20.0, u = 0.001 }]
places = [
    { name = "middle", x = 0, y = 0, height = 40 },
    { name = "front right", x = 120, y = 200, height = 40 },
    { name = "back left", x = -120, y = -200, height = 40 },
    { name = "front left", x = -120, y = 200, height = 40 },
    { name = "cord to the right", x = 0, y = 0, height = 40, push = [1, 0, 0] },
    { name = "cord forward", x = 0, y = 0, height = 40, push = [0, 1, 0] },
    { name = "cord to the right, in front", x = 0, y = 200, height = 40, push = [1, 0, 0] },
]
"""


def observed(plan: Plan, counts: Array, noise: float = 0.5, seed: int = 0) -> list[Observation]:
    """Readings of 400 samples around these means ``(steps, k)``, ten seconds apart."""
    rng = np.random.default_rng(seed)
    found = []
    for n, (step, row) in enumerate(zip(plan.steps, counts, strict=True)):
        means = tuple(map(float, row + rng.normal(0.0, noise / 20.0, len(row))))
        reading = Reading(means, (noise,) * len(row), 400, 0.0, 0.0)
        found.append(Observation(step, reading, f"2026-01-01T00:{n // 6:02d}:{n % 6 * 10:02d}Z"))
    return found


def loads_of(plan: Plan, info: BoardInfo) -> Array:
    f = np.array([plan.newtons(step) for step in plan.steps])
    x, y = np.array([(step.standing.x, step.standing.y) for step in plan.steps]).T
    return corner_loads(f, x, y, info.cells)


def test_a_board_with_a_curve_keeps_it_stretched(info: Callable[..., BoardInfo]) -> None:
    board = info(calibration=CURVE)
    plan = default_plan(board, weight_set([20.0, 30.0, 40.0], 1e-5), stated_gravity(9.81))
    factors = np.array([1.01, 0.99, 1.02, 0.98])
    counts = CURVE.counts(loads_of(plan, board) / factors + 3.0)
    found = evaluate(board, plan, observed(plan, counts))
    assert found.kind == "piecewise"
    np.testing.assert_allclose(found.fit.coefficients, factors, atol=4.0 * found.fit.u.max())
    assert found.fit.u.max() < 1e-3
    np.testing.assert_allclose(found.calibration.loads(counts).sum(axis=1), loads_of(plan, board).sum(axis=1), atol=0.5)


def test_cells_with_a_matrix_of_their_own_keep_its_crosstalk(info: Callable[..., BoardInfo]) -> None:
    rows = 0.01 * (np.eye(4) + 0.05)
    own = Matrix(tuple(map(tuple, rows.tolist())), (100.0,) * 4, "factory")
    board = info(calibration=own)
    plan = default_plan(board, weight_set([20.0, 40.0], 1e-5), stated_gravity(9.81))
    factors = np.array([1.01, 0.99, 1.02, 0.98])
    found = evaluate(board, plan, observed(plan, own.counts(loads_of(plan, board) / factors)))
    assert isinstance(found.calibration, Matrix)
    np.testing.assert_allclose(found.calibration.rows, factors[:, None] * rows, rtol=2e-3)


def test_a_board_of_boards_is_calibrated_in_its_parts(info: Callable[..., BoardInfo]) -> None:
    board = info(family="fused")
    with pytest.raises(CalibrationError, match="made of other boards"):
        check_plan(default_plan(board, weight_set([10.0]), standard_gravity()), board)


def test_cells_that_stand_elsewhere_are_told(info: Callable[..., BoardInfo]) -> None:
    """The driver thinks 400 mm across, and they are 380: places read too far right and left, and only these."""
    board = info()
    narrow = tuple(replace(cell, x=0.95 * cell.x) for cell in board.cells)
    plan = default_plan(board, weight_set([20.0, 40.0], 1e-5), stated_gravity(9.81))
    counts = board.calibration.counts(loads_of(plan, info(cells=narrow)))
    found = evaluate(board, plan, observed(plan, counts))
    told = [warning for warning in found.warnings if "as far from the middle" in warning]
    assert len(told) == 1
    assert told[0].startswith("places right and left read 1.05")


@given(
    st.lists(st.floats(0.5, 2.0), min_size=4, max_size=4), st.lists(st.floats(900.0, 1500.0), min_size=4, max_size=4)
)
def test_stretching_a_curve_is_exact(factors: list[float], zero: list[float]) -> None:
    found = stretched(CURVE, np.array(factors), zero)
    counts = np.linspace(0.0, 6000.0, 50)[:, None] * np.ones(4)
    expected = (CURVE.loads(counts) - CURVE.loads(np.array([zero]))) * factors
    np.testing.assert_allclose(found.loads(counts), expected, atol=1e-6)


def test_a_plate_of_six_loads_is_calibrated_by_pushes_and_pulls(tmp_path: Path, wrench_info: BoardInfo) -> None:
    (tmp_path / "plan.toml").write_text(WRENCH_PLAN)
    plan = read_plan(tmp_path / "plan.toml", stated_gravity(9.81))
    check_plan(plan, wrench_info)
    true = Matrix(tuple(map(tuple, (np.eye(6) + 0.02).tolist())), (5.0,) * 6, "true")
    standings = [step.standing for step in plan.steps]
    counts = true.counts(known_loads(standings, 9.81, buoyancy=BUOYANCY).wrench)
    observations = observed(plan, counts, noise=0.05)
    found = evaluate(wrench_info, plan, observations)
    assert found.kind == "matrix"
    np.testing.assert_allclose(found.fit.coefficients, np.ravel(true.rows), atol=5.0 * found.fit.u.max())
    assert 1.0 < found.surface.cop.max() < 5.0
    content = content_of(wrench_info, plan, observations, found, ConditionsTable())
    again = recompute(content, wrench_info)
    np.testing.assert_allclose(again.fit.coefficients, found.fit.coefficients, rtol=1e-12)
    report = report_of(wrench_info, plan, observations, found, content)
    assert report.coefficients[13].name == "Fz of channel 2"
    assert report.coefficients[13].unit == "N/count"
    assert report.residuals[0].cop is None


def test_weights_alone_cannot_calibrate_six_loads(wrench_info: BoardInfo) -> None:
    with pytest.raises(CalibrationError, match="a plan that also pulls sideways"):
        default_plan(wrench_info, weight_set([1.0]), standard_gravity())


def test_two_plates_are_calibrated_one_at_a_time(info: Callable[..., BoardInfo]) -> None:
    board = info(cells=(), plates=(WrenchPlate("a"), WrenchPlate("b")))
    with pytest.raises(CalibrationError, match="one at a time"):
        evaluate(board, Plan((), ()), [])


@pytest.mark.parametrize("count", [0, 1])
def test_too_little_is_refused(info: Callable[..., BoardInfo], count: int) -> None:
    board = info()
    plan = default_plan(board, weight_set([10.0]), standard_gravity())
    counts = np.zeros((len(plan.steps), 4))
    observations = observed(plan, counts)[count : count + 1]
    with pytest.raises(CalibrationError, match=r"no load was measured|empty plate"):
        evaluate(board, plan, observations)


def test_one_cell_has_one_place(info: Callable[..., BoardInfo]) -> None:
    board = info(cells=info().cells[:1])
    plan = default_plan(board, weight_set([10.0]), standard_gravity(), places=9)
    assert len(plan.places) == 1


@pytest.mark.parametrize(
    ("latitude", "expected"),
    [(0.0, 9.7803253359), (90.0, 9.8321849379), (45.0, 9.8061977694)],
)
def test_gravity_by_latitude(latitude: float, expected: float) -> None:
    """Equator and pole: NGA.STND.0036 (2014), table 3.6."""
    assert gravity_at(latitude).value == pytest.approx(expected, abs=2e-9)
    assert gravity_at(latitude, 1000.0).value == pytest.approx(expected - 3.086e-3, abs=1e-6)


@pytest.mark.parametrize("wrong", [lambda: gravity_at(91.0), lambda: gravity_at(0.0, 1e5), lambda: stated_gravity(1.6)])
def test_gravity_elsewhere_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match="not"):
        wrong()


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "weights"), ("weights = 3", "weights"), ("x = [", "plan.toml"), (WRENCH_PLAN.replace("10.0", "-1"), "kg")],
)
def test_a_wrong_plan_says_where(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "plan.toml").write_text(text)
    with pytest.raises(CalibrationError, match=words):
        read_plan(tmp_path / "plan.toml", standard_gravity())
    with pytest.raises(CalibrationError, match="No such file"):
        read_plan(tmp_path / "none.toml", standard_gravity())


def test_weights_of_equal_mass_are_told_apart() -> None:
    assert [piece.name for piece in weight_set([5.0, 5.0, 2.5, 5.0])] == ["5 kg", "5 kg no. 2", "2.5 kg", "5 kg no. 3"]


def test_what_is_known_names_its_sources(info: Callable[..., BoardInfo]) -> None:
    plan = default_plan(info(), weight_set([10.0]), standard_gravity(), places=1)
    known = known_of(plan, observed(plan, np.zeros((3, 4))))
    assert known.names == ("gravity", "mass of 10 kg", "x of middle", "y of middle")
    calibration: Calibration = info().calibration
    assert calibration.source == "nominal"
