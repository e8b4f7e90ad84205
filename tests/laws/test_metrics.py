"""Laws of the figures on signals whose figures are known; seeded by the example, tolerances stated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otolith.dsp.diffusion import fit, mean_squared_displacement
from otolith.dsp.entropy import coarse, multiscale_entropy, sample_entropy
from otolith.dsp.fractal import dfa_exponent
from otolith.dsp.metrics.metric import measure
from otolith.dsp.metrics.registry import METRICS
from otolith.dsp.trace import Trace

SEEDS = st.integers(0, 2**32 - 1)
LONG = 20_000
ELLIPSES = ["prediction_ellipse_area", "chi2_ellipse_area", "prieto_area_ce", "confidence_ellipse_area_ML_AND_AP"]


def noise(seed: int, n: int = LONG) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_white_noise_has_dfa_alpha_one_half(seed: int) -> None:
    """Small boxes read a little high: 0.1 of room for that and for chance, at 20 000 samples."""
    assert dfa_exponent(noise(seed)) == pytest.approx(0.5, abs=0.1)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_random_walk_has_dfa_alpha_three_halves(seed: int) -> None:
    assert dfa_exponent(np.cumsum(noise(seed))) == pytest.approx(1.5, abs=0.15)


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_a_random_walk_diffuses_with_hurst_exponent_one_half(seed: int) -> None:
    """Lags to 1 % of the walk, where the mean is over many independent stretches."""
    lags = LONG // 100
    displacement = mean_squared_displacement(np.cumsum(noise(seed)), lags)
    hurst = fit(np.log(np.arange(1, lags + 1)), np.log(displacement)).slope / 2.0
    assert hurst == pytest.approx(0.5, abs=0.1)


@given(SEEDS)
@settings(max_examples=15, deadline=None)
def test_the_registry_finds_it_too(seed: int) -> None:
    """The linear analysis of a planar walk of 5 minutes: D = variance of a step and axis, times the rate."""
    walk = np.cumsum(np.random.default_rng(seed).normal(size=(2, 30_000)), axis=1)
    trace = Trace(walk[0] - walk[0].mean(), walk[1] - walk[1].mean(), 100.0)
    assert measure(METRICS["sda_short_hurst"], trace).value == pytest.approx(0.5, abs=0.03)
    assert measure(METRICS["sda_short_diffusion"], trace).value == pytest.approx(100.0, rel=0.25)
    assert measure(METRICS["dfa_alpha_ML"], trace).value == pytest.approx(1.5, abs=0.15)


@given(SEEDS, st.floats(0.01, 100.0), st.sampled_from(ELLIPSES))
def test_an_ellipse_area_grows_with_the_square(seed: int, k: float, key: str) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, 600))
    before, after = (measure(METRICS[key], Trace(s * x, s * y, 50.0)).value for s in (1.0, k))
    assert after == pytest.approx(k * k * before, rel=1e-9)


@given(SEEDS, st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_path_is_as_long_wherever_it_lies(seed: int, dx: float, dy: float) -> None:
    x, y = np.cumsum(np.random.default_rng(seed).normal(size=(2, 400)), axis=1)
    here, there = Trace(x, y, 50.0), Trace(x + dx, y + dy, 50.0)
    for key in ("path_length", "mean_velocity", "hull_area", "prediction_ellipse_area", "range_ML_AND_AP"):
        assert measure(METRICS[key], there).value == pytest.approx(measure(METRICS[key], here).value, rel=1e-8)


@given(SEEDS, st.integers(2, 6))
@settings(max_examples=20, deadline=None)
def test_coarse_grained_white_noise_is_less_wide_and_so_more_regular(seed: int, scale: int) -> None:
    """Costa et al. 2002: with r of scale 1, the entropy of white noise falls with the scale."""
    x = noise(seed, 3000)
    assert coarse(x, scale).std() == pytest.approx(x.std() / np.sqrt(scale), rel=0.15)
    first, later = multiscale_entropy(x, (1, scale))
    assert first == sample_entropy(x)
    assert later < first
