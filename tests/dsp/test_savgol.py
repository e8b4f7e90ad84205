"""The Savitzky-Golay velocity against scipy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import savgol_filter

from otolith.dsp.savgol import velocity


@given(st.integers(0, 2**32 - 1), st.integers(5, 200), st.sampled_from([25.0, 100.0, 1000.0]))
def test_equal_to_scipy(seed: int, n: int, rate: float) -> None:
    x = np.random.default_rng(seed).normal(size=n)
    assert velocity(x, rate) == pytest.approx(savgol_filter(x, 5, 3, deriv=1, delta=1 / rate), abs=1e-9 * rate)
