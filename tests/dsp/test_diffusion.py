"""Displacement and its two regions: against the definition, and on signals whose scaling is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.dsp.diffusion import _smooth, fit, mean_squared_displacement, two_lines, two_regions


@given(st.integers(0, 2**32 - 1), st.integers(2, 400), st.data())
def test_equal_to_the_definition(seed: int, n: int, data: st.DataObject) -> None:
    lags = data.draw(st.integers(1, n - 1))
    x = np.cumsum(np.random.default_rng(seed).normal(size=n)) + 1000.0
    expected = [np.mean((x[m:] - x[:-m]) ** 2) for m in range(1, lags + 1)]
    assert mean_squared_displacement(x, lags) == pytest.approx(expected, rel=1e-9)


def test_a_random_walk_has_h_of_one_half() -> None:
    x = np.cumsum(np.random.default_rng(5).normal(size=200_000))
    displacement = mean_squared_displacement(x, 300)
    assert fit(np.log(np.arange(1, 301)), np.log(displacement)).slope / 2 == pytest.approx(0.5, abs=0.02)


def test_two_power_laws_are_found_with_their_meeting() -> None:
    t = np.arange(1, 1001) / 100
    displacement = np.where(t < 1.0, 4.0 * t**1.6, 4.0 * t**0.4)
    found = two_regions(displacement, 100.0)
    assert [found.short_exponent, found.long_exponent] == pytest.approx([0.8, 0.2])
    assert [found.short_coefficient, found.long_coefficient] == pytest.approx([4.0, 4.0])
    assert [found.critical_time, found.critical_displacement] == pytest.approx([1.0, 4.0])


def test_two_straight_lines_are_found_with_their_meeting() -> None:
    t = np.arange(1, 1001) / 100
    found = two_lines(np.minimum(10.0 * t, 8.0 + 2.0 * t), 100.0)
    assert [found.short_coefficient, found.long_coefficient] == pytest.approx([5.0, 1.0])
    assert [found.critical_time, found.critical_displacement] == pytest.approx([1.0, 10.0])
    assert found.short_exponent == pytest.approx(0.5)
    with pytest.raises(ValueError, match=r"3 lags up to 0\.5 s"):
        two_lines(np.arange(1.0, 100.0), 100.0)


def test_what_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="lags beyond"):
        two_regions(np.arange(1.0, 100.0), 100.0)
    with pytest.raises(ValueError, match="have lags 1 to 9"):
        mean_squared_displacement(np.zeros(10), 10)


@pytest.mark.parametrize("n", [1, 2, 7, 11, 13, 97, 1001, 3999, 4001, 39_999])
def test_smooth_lengths(n: int) -> None:
    found = _smooth(n)
    rest = found
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    assert rest == 1
    assert not any(_factors_smoothly(m) for m in range(n, found))


def _factors_smoothly(m: int) -> bool:
    for prime in (2, 3, 5):
        while m % prime == 0:
            m //= prime
    return m == 1
