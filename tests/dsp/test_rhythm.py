"""When a swing was made: by its phase, which waiting and swaying at its end do not move."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.dsp.rhythm import swings, turns

RATE, PERIOD = 100.0, 2.0
BEATS: NDArray[np.float64] = np.arange(1.0, 8.0) * PERIOD
SIGNS: NDArray[np.float64] = np.where(np.arange(1, 8) % 2 == 1, 1.0, -1.0)
T = np.arange(0.0, 16.0, 1.0 / RATE)


def swinging(late: float, size: float = 30.0) -> NDArray[np.float64]:
    side: NDArray[np.float64] = -size * np.cos(np.pi * (T - late) / PERIOD)
    return side


@given(st.floats(-0.4, 0.4), st.floats(1.0, 200.0))
def test_the_lateness_of_a_pure_swing_is_found_whatever_its_size(late: float, size: float) -> None:
    when, reached = swings(swinging(late, size), RATE, BEATS, SIGNS, PERIOD / 2)
    assert when - BEATS == pytest.approx(np.full(7, late), abs=0.01)
    assert SIGNS * reached == pytest.approx(np.full(7, size), rel=0.01)


def test_waiting_and_swaying_at_the_lines_is_in_time() -> None:
    sway = 4.0 * np.sin(2 * np.pi * 0.9 * T + 1.0)
    waiting: NDArray[np.float64] = np.clip(1.6 * swinging(0.0), -30.0, 30.0) + sway
    late = swings(waiting, RATE, BEATS, SIGNS, PERIOD / 2)[0] - BEATS
    by_extreme = turns(waiting, RATE, BEATS, SIGNS, PERIOD / 2)[0] - BEATS
    assert np.abs(late).max() < 0.1 < np.abs(by_extreme).max()


def test_a_swing_to_the_other_side_and_one_beyond_the_record_are_none() -> None:
    other = swings(-swinging(0.0), RATE, BEATS, SIGNS, PERIOD / 2)[0]
    assert np.isnan(other).all()
    short = swings(swinging(0.0)[:1250], RATE, BEATS, SIGNS, PERIOD / 2)[0]
    assert np.isfinite(short).tolist() == [True] * 5 + [False] * 2
