import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.board import Cell
from otolith.drivers.errors import MonikerError
from otolith.drivers.loading import load_source
from otolith.drivers.loads import Constant, corner_loads
from otolith.drivers.phidget_bridge.geometry import btracks_cells
from otolith.drivers.script import SCRIPTS, Script

CELLS = btracks_cells()
X, Y = (np.array([getattr(cell, axis) for cell in CELLS]) for axis in "xy")


@given(
    st.just(0.0) | st.floats(1e-3, 3000.0),
    st.floats(-200.0, 200.0),
    st.floats(-300.0, 300.0),
    st.sampled_from([0, 90, 180, 270]),
)
def test_corner_loads_have_the_force_and_the_cop(force: float, ml: float, ap: float, turn: int) -> None:
    cells = btracks_cells(turn=turn)
    if turn in (90, 270):
        ml, ap = ap, ml
    loads = corner_loads(np.array([force]), np.array([ml]), np.array([ap]), cells)[0]
    assert (loads >= -1e-12 * force).all()
    assert loads.sum() == pytest.approx(force, rel=1e-14)
    moments = [float(loads @ np.array([getattr(cell, axis) for cell in cells])) for axis in "xy"]
    assert moments == pytest.approx([force * ml, force * ap], rel=1e-12, abs=1e-10 * force)


@pytest.mark.parametrize(
    "cells",
    [
        CELLS[:3],
        (*CELLS[:3], CELLS[0]),
        (*CELLS[:3], Cell("FL", -190.0, 300.0)),
        tuple(Cell(cell.name, 0.0, cell.y) for cell in CELLS),
    ],
)
def test_corner_loads_need_a_rectangle(cells: tuple[Cell, ...]) -> None:
    with pytest.raises(ValueError, match="four cells at the corners"):
        corner_loads(np.ones(1), np.zeros(1), np.zeros(1), cells)


def test_a_constant_stays() -> None:
    loads = Constant((1.0, 2.0, 3.0, 4.0)).loads(np.array([0.0, 5.0, 1e6]))
    assert (loads == [1.0, 2.0, 3.0, 4.0]).all()


def test_a_constant_by_name_stands_where_it_is_told() -> None:
    loads = load_source("constant:700@20,-30", CELLS).loads(np.array([3.0]))[0]
    assert loads.sum() == pytest.approx(700.0)
    assert (loads @ X / 700.0, loads @ Y / 700.0) == pytest.approx((20.0, -30.0))


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_go_through_their_frames_and_hold_the_last(name: str) -> None:
    frames = SCRIPTS[name]
    source = load_source(f"script:{name}", CELLS)
    t = np.array([frame.t for frame in frames] + [frames[-1].t + 100.0])
    assert source.loads(t).sum(axis=1) == pytest.approx([*(frame.force for frame in frames), frames[-1].force])
    assert (source.loads(np.linspace(0.0, 20.0, 500)) >= 0.0).all()


def test_between_frames_a_script_is_linear_in_the_loads() -> None:
    source = Script(SCRIPTS["step-off"], CELLS)
    a, b, c = source.loads(np.array([0.0, 2.0, 4.0]))
    assert b == pytest.approx((a + c) / 2.0)


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        ("weight:3", "no such kind"),
        ("constantt:700", "did you mean constant?"),
        ("constant:", "is newtons"),
        ("constant:heavy", "is newtons"),
        ("constant:nan", "between 0 and 5000 N"),
        ("constant:-1", "between 0 and 5000 N"),
        ("constant:700@300,0", "outside the board's cells"),
        ("constant:700@nan,0", "outside the board's cells"),
        ("constant:700@1", "is newtons"),
        ("script:stepoff", "did you mean step-off?"),
        ("recording:BDS0001", "did you mean BDS00001?"),
        ("recording:../../etc/passwd", "no recording"),
    ],
)
def test_loads_that_cannot_be_are_refused(load: str, reason: str) -> None:
    with pytest.raises(MonikerError, match="Right are: ") as refused:
        load_source(load, CELLS)
    assert reason in str(refused.value)
