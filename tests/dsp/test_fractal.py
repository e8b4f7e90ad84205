"""Detrended fluctuation analysis: against polynomial fits, and on noises whose exponents are known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.dsp.fractal import dfa_exponent, fluctuation, scales


@given(st.integers(0, 2**32 - 1))
def test_equal_to_fitting_every_box(seed: int) -> None:
    x = np.random.default_rng(seed).normal(size=400)
    profile = np.cumsum(x - x.mean())
    expected = []
    for size in (4, 7, 33, 400):
        boxes = profile[: 400 // size * size].reshape(-1, size).T
        t = np.arange(size)
        lines = np.polynomial.polynomial.polyval(t, np.polynomial.polynomial.polyfit(t, boxes, 1)).T
        expected.append(np.sqrt(np.mean((boxes - lines) ** 2)))
    assert fluctuation(x, np.array([4, 7, 33, 400], dtype=np.intp)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("walks", "alpha"), [(0, 0.5), (1, 1.5)])
def test_white_noise_and_its_sum(walks: int, alpha: float) -> None:
    x = np.random.default_rng(8).normal(size=20_000)
    for _ in range(walks):
        x = np.cumsum(x)
    assert dfa_exponent(x) == pytest.approx(alpha, abs=0.04)


def test_boxes_that_do_not_fit_are_refused() -> None:
    for size in (2, 101):
        with pytest.raises(ValueError, match="a box has at least three samples"):
            fluctuation(np.zeros(100), np.array([size], dtype=np.intp))


def test_the_scales_of_a_30_s_trial() -> None:
    assert scales(3000).tolist()[:6] == [4, 5, 6, 8, 9, 10]
    assert (len(scales(3000)), scales(3000)[-1]) == (30, 300)
