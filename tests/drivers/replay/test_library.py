from dataclasses import replace

import numpy as np
import pytest

from otolith.drivers.errors import RecordingError
from otolith.drivers.phidget_bridge.geometry import btracks_cells
from otolith.drivers.replay.library import RecordingLoads, names, shipped
from otolith.drivers.replay.recording import Recording

CELLS = btracks_cells()
X, Y = (np.array([getattr(cell, axis) for cell in CELLS]) for axis in "xy")


@pytest.fixture(scope="module")
def trial() -> Recording:
    return shipped("BDS00001")


def test_three_trials_ship() -> None:
    assert names() == ("BDS00001", "BDS00004", "BDS00007")


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("turn", [0, 90])
def test_every_trial_stands_on_the_board(name: str, turn: int) -> None:
    source = RecordingLoads(shipped(name), btracks_cells(turn=turn))
    assert (source.loads(np.arange(0.0, 120.0, 0.008)) >= 0.0).all()


def test_force_and_cop_are_the_recorded_ones_but_for_the_stated_offset(trial: Recording) -> None:
    """To a few units of the last place: 700 N and 300 mm leave 1e-12."""
    assert trial.ml is not None
    assert trial.ap is not None
    assert trial.force is not None
    source = RecordingLoads(trial, CELLS)
    assert source.offset == (10.0, -80.0)
    loads = source.loads(trial.t - trial.t[0])
    force = loads.sum(axis=1)
    np.testing.assert_allclose(force, trial.force, rtol=1e-14)
    np.testing.assert_allclose(loads @ X / force, trial.ml - 10.0, rtol=0.0, atol=1e-11)
    np.testing.assert_allclose(loads @ Y / force, trial.ap + 80.0, rtol=0.0, atol=1e-11)


def test_the_axes_are_the_data_set_s(trial: Recording) -> None:
    """First row of the file: COPx -7.988789 cm is antero-posterior, COPy 0.998673 cm medio-lateral."""
    assert trial.ml is not None
    assert trial.ap is not None
    assert (trial.ml[0], trial.ap[0]) == pytest.approx((9.98673, -79.88789), rel=1e-12)


def test_it_turns_round_at_its_end_and_never_jumps(trial: Recording) -> None:
    source = RecordingLoads(trial, CELLS)
    end = source.seconds
    assert end == pytest.approx(59.99)
    away = np.linspace(0.0, end, 77)
    np.testing.assert_allclose(source.loads(end + away), source.loads(end - away))
    np.testing.assert_allclose(source.loads(2 * end + away), source.loads(away))
    steps = np.abs(np.diff(source.loads(np.arange(55.0, 65.0, 0.01)), axis=0)).max()
    assert steps <= np.abs(np.diff(source.loads(np.arange(0.0, end, 0.01)), axis=0)).max()


def test_what_has_no_force_or_leaves_the_board_is_refused(trial: Recording) -> None:
    with pytest.raises(RecordingError, match="takes a CoP and a vertical force"):
        RecordingLoads(replace(trial, force=None), CELLS)
    assert trial.ml is not None
    with pytest.raises(RecordingError, match="leaves the board"):
        RecordingLoads(replace(trial, ml=trial.ml * 1000.0), CELLS)


def test_an_unknown_name_is_told_the_known_ones() -> None:
    with pytest.raises(RecordingError, match="there are BDS00001, BDS00004, BDS00007"):
        shipped("nothing-like-it")
