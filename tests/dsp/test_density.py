"""Dwell times against looking at every sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.dsp import _density
from otolith.dsp.density import dwell


def looked_at(x: NDArray[np.float64], y: NDArray[np.float64], radius: float) -> list[int]:
    n, out = len(x), []
    for i in range(n):
        inside = (x - x[i]) ** 2 + (y - y[i]) ** 2 <= radius**2
        after = int(np.argmin(inside[i:])) if not inside[i:].all() else n - i
        before = int(np.argmin(inside[i::-1])) if not inside[: i + 1].all() else i + 1
        out.append(after - 1 + before - 1)
    return out


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.sampled_from([0.1, 1.0, 3.0, 1e9]))
def test_equal_to_looking_at_every_sample(seed: int, n: int, radius: float) -> None:
    x, y = np.cumsum(np.random.default_rng(seed).normal(size=(2, n)), axis=1)
    assert dwell(x, y, radius).tolist() == looked_at(x, y, radius)


def test_who_stands_still_stays_for_the_whole_record() -> None:
    assert dwell(np.ones(50), np.ones(50), 3.0).tolist() == [49] * 50


def test_a_scratch_of_the_wrong_size_is_refused() -> None:
    for rows in (6, 12):
        with pytest.raises(ValueError, match="scratch"):
            _density.stay(np.zeros(5), np.zeros(5), 1.0, np.empty((rows, 4)), np.empty(5, dtype=np.intp))
