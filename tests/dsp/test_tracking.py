"""Pursuit and loading: a copy follows without error, a delayed copy by its delay, and a circle is a circle."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.dsp.paths import Path, appearances, paced, ramp, towards
from otolith.dsp.tracking import loading, timing_errors, tracking

RATE = 100.0
FORMS = ("line", "diagonal", "circle", "figure-of-eight")


def pursued(form: str, seconds: float = 12.0, period: float = 6.0) -> np.ndarray:
    path = Path(form, 80.0, 60.0, period)  # type: ignore[arg-type]  # one of FORMS
    return path.at(np.arange(round(seconds * RATE)) / RATE)


@pytest.mark.parametrize("form", FORMS)
def test_a_copy_follows_perfectly(form: str) -> None:
    target = pursued(form)
    found = tracking(target, target, RATE, 10.0)
    assert (found.rms_error, found.in_band) == (0.0, 100.0)
    assert found.lag == pytest.approx(0.0, abs=1e-9)
    assert found.path_ratio == pytest.approx(1.0)
    assert found.directional_control == pytest.approx(100.0)


@given(delay=st.floats(0.02, 1.0), form=st.sampled_from(FORMS))
def test_a_late_copy_lags_by_its_delay(delay: float, form: str) -> None:
    path = Path(form, 80.0, 60.0, 6.0)  # type: ignore[arg-type]  # one of FORMS
    t = np.arange(1200) / RATE
    found = tracking(path.at(t - delay), path.at(t), RATE, 10.0)
    assert found.lag == pytest.approx(delay, abs=0.003)
    assert found.spatial_error < 1.5


def test_someone_who_does_not_move_has_no_lag() -> None:
    target = pursued("circle")
    found = tracking(np.zeros_like(target), target, RATE, 10.0)
    assert np.isnan(found.lag)
    assert found.path_ratio == 0.0
    assert np.isnan(found.directional_control)


def test_going_the_other_way_round_is_no_control() -> None:
    t = np.arange(1200) / RATE
    there, back = (Path("circle", 60.0, 60.0, 6.0, clockwise=way).at(t) for way in (True, False))
    assert abs(tracking(back, there, RATE, 10.0).directional_control) < 1.0


def test_a_circle_has_its_circumference() -> None:
    assert Path("circle", 100.0, 100.0, 5.0).length == pytest.approx(np.pi * 100.0, rel=1e-6)


def test_a_free_path_runs_through_its_points_in_equal_times() -> None:
    points = ((0.0, 40.0), (50.0, 0.0), (0.0, -40.0), (-50.0, 0.0))
    path = Path("free", 100.0, 80.0, 4.0, points=points)
    np.testing.assert_allclose(path.at(np.arange(4.0)), points, atol=1e-9)


@given(
    count=st.integers(1, 30),
    shortest=st.floats(0.5, 5.0),
    more=st.floats(0.0, 5.0),
    seed=st.integers(0, 2**32 - 1),
)
def test_targets_keep_their_distance_in_time_and_never_repeat(
    count: int, shortest: float, more: float, seed: int
) -> None:
    found = appearances(count, shortest, shortest + more, seed)
    at, bearing = np.array(found).T
    pauses = np.diff(at, prepend=0.0)
    assert (pauses >= shortest - 1e-9).all()
    assert (pauses <= shortest + more + 1e-9).all()
    assert (np.diff(bearing) != 0.0).all()
    assert found == appearances(count, shortest, shortest + more, seed)


def test_forward_is_up_and_right_is_right() -> None:
    assert towards(0.0, 50.0) == pytest.approx((0.0, 50.0))
    assert towards(90.0, 50.0) == pytest.approx((50.0, 0.0))


def test_a_force_that_follows_its_ramp_is_in_the_band() -> None:
    t = np.arange(800) / RATE
    asked = 300.0 * ramp(t, 3.0)
    found = loading(asked + 5.0, asked, RATE, 30.0)
    assert found.in_band == 100.0
    assert [found.peak, found.mean] == pytest.approx([305.0, 305.0])
    assert found.rate == pytest.approx(100.0, rel=1e-6)
    assert found.rms_error == pytest.approx(5.0)


def test_timing_is_late_by_what_it_is_late() -> None:
    beats = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(timing_errors(beats + 0.1, beats), 0.1)
    assert np.isnan(timing_errors(np.array([]), beats)).all()
    assert paced(np.array([0.0, 1.0, 2.0]), 1.0) == pytest.approx([-1.0, 1.0, -1.0])
