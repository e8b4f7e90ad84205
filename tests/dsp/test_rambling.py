"""The spline against scipy's; a set point that is known; and what cannot be taken apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import CubicSpline

from otolith.dsp.rambling import spline, take_apart


@given(st.integers(0, 2**32 - 1), st.integers(4, 100))
def test_the_spline_is_scipys(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.5, 20.0, n))
    y = rng.normal(size=n)
    at = np.sort(np.concatenate([x, rng.uniform(x[0], x[-1], 200)]))
    assert spline(x, y, at) == pytest.approx(CubicSpline(x, y)(at), abs=1e-9)


def test_a_slow_set_point_is_told_from_a_fast_sway() -> None:
    t = np.arange(6000) / 100
    slow, fast = 5.0 * np.sin(2 * np.pi * 0.05 * t), np.sin(2 * np.pi * 1.0 * t + 0.3)
    parts = take_apart(slow + fast, 3.0 * fast)
    inside = slice(parts.start, parts.start + len(parts.rambling))
    assert parts.instants == 120
    assert parts.rambling == pytest.approx(slow[inside], abs=0.02)
    assert parts.trembling == pytest.approx(fast[inside], abs=0.02)


def test_too_few_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="zero 1 times only: rambling needs 4"):
        take_apart(np.zeros(100), np.arange(100.0))
    with pytest.raises(ValueError, match="four knots"):
        spline(np.arange(3.0), np.zeros(3), np.zeros(1))
