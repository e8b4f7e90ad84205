"""Time to boundary where it can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.dsp.boundary import Motion, time_to_boundary

SQUARE = np.array([[-100.0, -100.0], [100.0, -100.0], [100.0, 100.0], [-100.0, 100.0]])


@pytest.mark.parametrize("motion", ["linear", "quadratic"])
@pytest.mark.parametrize("base", [SQUARE, SQUARE[::-1]])
def test_steady_motion_meets_the_edge_ahead(motion: Motion, base: np.ndarray) -> None:
    t = np.arange(100) / 100
    times = time_to_boundary(50.0 * t, 10.0 * t, 100.0, base, motion)
    assert times == pytest.approx((100.0 - 50.0 * t) / 50.0)


def test_braking_is_seen_by_the_quadratic_one_only() -> None:
    t = np.arange(200) / 1000
    x = 50.0 * t - 40.0 * t**2
    linear, quadratic = (time_to_boundary(x, 0 * t, 1000.0, SQUARE, motion) for motion in ("linear", "quadratic"))
    assert linear[10] == pytest.approx((100 - x[10]) / (50 - 80 * t[10]), rel=1e-6)
    # It turns round at 15.6 mm and then leaves by the other side: -100 = 50 t - 40 t².
    leaves = (50 + np.sqrt(50**2 + 4 * 40 * 100)) / 80
    assert quadratic[10] == pytest.approx(leaves - t[10], rel=1e-6)


def test_at_rest_there_is_all_the_time_and_outside_there_is_none() -> None:
    assert np.isinf(time_to_boundary(np.zeros(9), np.zeros(9), 100.0, SQUARE)).all()
    assert np.isnan(time_to_boundary(np.full(9, 101.0), np.zeros(9), 100.0, SQUARE)).all()


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10.0))
def test_the_unit_of_length_does_not_matter(seed: int, k: float) -> None:
    x, y = np.cumsum(np.random.default_rng(seed).normal(size=(2, 60)), axis=1)
    times = time_to_boundary(x, y, 50.0, SQUARE)
    assert times == pytest.approx(time_to_boundary(k * x, k * y, 50.0, k * SQUARE), rel=1e-6)
    assert (times >= 0).all()


@pytest.mark.parametrize("base", [SQUARE[:2], SQUARE[[0, 2, 1, 3]], np.array([[0, 0], [1, 0], [2, 0], [1, 1.0]])])
def test_what_is_not_convex_is_refused(base: np.ndarray) -> None:
    with pytest.raises(ValueError, match="convex polygon"):
        time_to_boundary(np.zeros(9), np.zeros(9), 100.0, base)
