"""The Wii board's three-point calibration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.dsp.piecewise import STANDARD_GRAVITY, ThreePoints

BOARD = ThreePoints(
    zero=np.array([4000.0, 17000.0, 9000.0, 5000.0]),
    middle=np.array([5768.0, 18741.0, 10733.0, 6814.0]),
    full=np.array([7540.0, 20489.0, 12470.0, 8634.0]),
)


def test_the_three_points_are_met() -> None:
    kilograms = BOARD.loads(np.stack([BOARD.zero, BOARD.middle, BOARD.full])) / STANDARD_GRAVITY
    np.testing.assert_allclose(kilograms, np.array([[0.0], [17.0], [34.0]]) @ np.ones((1, 4)), atol=1e-12)


def test_both_lines_go_on_and_keep_their_sign() -> None:
    loads = BOARD.loads(np.stack([BOARD.zero - 100.0, BOARD.full + 100.0]))
    assert (loads[0] < 0).all()
    np.testing.assert_allclose(loads[1] / STANDARD_GRAVITY, 34.0 + 1700.0 / (BOARD.full - BOARD.middle), rtol=1e-12)


def test_what_nobody_measured_is_marked() -> None:
    counts = np.stack(
        [
            BOARD.middle,
            BOARD.full + np.array([0.0, 1.0, 0.0, 0.0]),
            [65535.0, *BOARD.middle[1:]],
            [0.0, *BOARD.middle[1:]],
        ]
    )
    np.testing.assert_array_equal(BOARD.extrapolated(counts), [False, True, True, False])
    np.testing.assert_array_equal(BOARD.saturated(counts), [False, False, True, True])


@given(st.lists(st.floats(-500.0, 1500.0), min_size=4, max_size=4))
def test_counts_invert_loads(newtons: list[float]) -> None:
    loads = np.array([newtons])
    np.testing.assert_allclose(BOARD.loads(BOARD.counts(loads)), loads, rtol=0, atol=1e-9)


def test_calibrations_that_do_not_increase() -> None:
    with pytest.raises(ValueError, match="must increase from 0 to 17 to 34 kg"):
        ThreePoints(np.array([1.0]), np.array([1.0]), np.array([2.0]))
    with pytest.raises(ValueError, match="gravity"):
        ThreePoints(np.array([1.0]), np.array([2.0]), np.array([3.0]), gravity=0.0)
