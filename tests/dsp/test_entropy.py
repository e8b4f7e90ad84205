"""Entropies against antropy and against counting every pair."""

import math

import antropy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.dsp import _entropy
from otolith.dsp.entropy import approximate_entropy, coarse, multiscale_entropy, pair_counts, sample_entropy

SEEDS = st.integers(0, 2**32 - 1)


def every_pair(x: NDArray[np.float64], m: int, r: float) -> tuple[int, int]:
    n = len(x) - m
    rows = np.stack([x[k : k + n] for k in range(m + 1)], axis=1)
    apart = np.abs(rows[:, None] - rows[None])
    upper = np.triu_indices(n, 1)
    return int((apart[..., :m].max(-1) <= r)[upper].sum()), int((apart.max(-1) <= r)[upper].sum())


@given(seed=SEEDS, m=st.integers(1, 4), r=st.floats(0.05, 2.0), walk=st.booleans())
def test_pairs_are_those_of_comparing_all(seed: int, m: int, r: float, *, walk: bool) -> None:
    x = np.random.default_rng(seed).normal(size=80)
    x = np.cumsum(x) if walk else np.round(x, 1)
    assert pair_counts(x, m, r) == every_pair(x, m, r)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_equal_to_antropy(m: int) -> None:
    x = np.cumsum(np.random.default_rng(4).normal(size=1000))
    assert sample_entropy(x, m) == antropy.sample_entropy(x, m)
    assert approximate_entropy(x, m) == pytest.approx(antropy.app_entropy(x, m), rel=1e-12)
    assert sample_entropy(x, m, 0.7) == antropy.sample_entropy(x, m, 0.7)


@given(SEEDS, st.floats(0.1, 10.0), st.floats(-100, 100))
def test_scale_and_place_change_nothing(seed: int, k: float, place: float) -> None:
    x = np.random.default_rng(seed).integers(-50, 50, 200).astype(np.float64)
    # An irrational share of the SD: no distance ties with it, whatever the rounding.
    r = 0.2 * float(x.std()) + math.pi / 100
    assert pair_counts(k * x + place, 2, k * r) == pair_counts(x, 2, r)


def test_what_never_repeats_is_infinite_and_what_cannot_is_nan() -> None:
    assert sample_entropy(np.array([0.0, 0.0, 1.0, 0.0, 0.0, 9.0]), 2, 0.1) == math.inf
    assert math.isnan(sample_entropy(np.exp2(np.arange(20.0)), 2, 0.1))


def test_coarse_grains_are_means_of_whole_groups() -> None:
    assert coarse(np.arange(8.0), 3).tolist() == [1.0, 4.0]


def test_multiscale_entropy_keeps_the_tolerance_of_the_signal() -> None:
    x: NDArray[np.float64] = np.random.default_rng(6).normal(size=3000)
    r = 0.2 * float(x.std())
    expected = [antropy.sample_entropy(coarse(x, k), 2, r) for k in (1, 2, 5)]
    found = multiscale_entropy(x, (1, 2, 5))
    assert found == pytest.approx(expected, rel=1e-12)
    assert found[0] > found[1] > found[2], "white noise has nothing new to say at larger scales"


def test_stretches_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="2 samples have no stretches of 2 samples"):
        pair_counts(np.zeros(2), 2, 1.0)
    with pytest.raises(ValueError, match="have no stretches"):
        approximate_entropy(np.zeros(3), 0)
    with pytest.raises(ValueError, match="a stretch has"):
        _entropy.pairs(np.zeros((1, 5)), 1.0)
    with pytest.raises(ValueError, match="a stretch has"):
        _entropy.neighbours(np.zeros((3, 5)), 1.0, np.zeros((2, 4), dtype=np.intp))
