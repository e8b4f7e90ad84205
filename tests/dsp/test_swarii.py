"""SWARII and its spike filter against the definition, written down once more without any speed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.dsp.swarii import STRICT, purge, swarii

Array = NDArray[np.float64]


def weighted(t: Array, x: Array, s: float, window: float) -> float:
    """One output sample by the corrected equation."""
    half = (window - STRICT) / 2
    inside = np.flatnonzero(np.abs(t - s) < half)
    if len(inside) == 1:
        return float(x[inside[0]])
    left = [(t[i] + t[i - 1]) / 2 for i in inside]
    right = [(t[i] + t[i + 1]) / 2 for i in inside[:-1]]
    left[0] = max(t[0], s - half)
    right.append(min(t[-1], s + half))
    weights = np.subtract(right, left)
    return float(weights @ x[inside] / weights.sum())


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.6), st.sampled_from([10.0, 25.0, 40.0, 100.0]))
def test_every_sample_is_the_weighted_mean_of_its_window(seed: int, window: float, rate: float) -> None:
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.uniform(0.005, 0.04, 200))
    x, y = rng.normal(size=(2, 200))
    even = swarii(t, x, y, rate, max(window, 0.1))
    assert even.empty == 0
    assert even.ml == pytest.approx([weighted(t, x, s, max(window, 0.1)) for s in even.t], abs=1e-10)
    assert even.ap == pytest.approx([weighted(t, y, s, max(window, 0.1)) for s in even.t], abs=1e-10)


def test_samples_on_the_windows_edge_stay_outside() -> None:
    t = np.arange(0.0, 2.0, 0.02)
    x = (np.arange(len(t)) % 2).astype(np.float64)
    even = swarii(t, x, x, 25.0, 0.08)
    three = (0.03 * 1 + 0.02 * 0 + 0.03 * 1) / 0.08
    assert even.ml[1:-1] == pytest.approx(three, abs=1e-4)


def test_empty_windows_are_bridged_and_counted() -> None:
    t = np.concatenate([np.arange(0, 1, 0.02), np.arange(1.5, 2.5, 0.02)])
    even = swarii(t, t, 2 * t)
    assert even.empty == 11
    assert np.abs(np.diff(even.t) - 0.04).max() < 1e-12
    assert even.ml[2:-2] == pytest.approx(even.t[2:-2], abs=0.03)


@given(st.integers(0, 2**32 - 1))
def test_a_constant_stays_and_the_mean_lies_within(seed: int) -> None:
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.uniform(0.005, 0.1, 60))
    x = rng.normal(size=60)
    even = swarii(t, np.full(60, 4.0), x)
    assert even.ml == pytest.approx(4.0, rel=1e-12)
    assert x.min() - 1e-9 <= even.ap.min() <= even.ap.max() <= x.max() + 1e-9


def test_spikes_go_and_steps_stay() -> None:
    t = np.arange(100) / 100
    x = np.zeros(100)
    x[30] = 25.0
    x[50:52] = 25.0
    x[70:] = 25.0
    kept = np.flatnonzero(purge(t, x, np.zeros(100)))
    assert kept.tolist() == [i for i in range(10, 99) if i not in {30, 50, 51}]


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="SWARII needs"):
        swarii(np.zeros(1), np.zeros(1), np.zeros(1))
    with pytest.raises(ValueError, match="SWARII needs"):
        swarii(np.arange(9.0), np.zeros(9), np.zeros(9), window=0.0)
