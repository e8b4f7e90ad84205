"""Welch's spectrum against scipy's."""

import numpy as np
import pytest
from scipy import signal

from otolith.dsp.spectrum import Detrend, welch


@pytest.mark.parametrize(
    ("n", "segment", "overlap", "nfft", "detrend"),
    [
        (6000, 3000, 1500, None, "constant"),
        (3000, 1000, 500, 3000, "linear"),
        (2999, 999, 499, 2999, "linear"),
        (750, 250, 125, 750, "linear"),
        (101, 500, 50, None, "constant"),
    ],
)
def test_equal_to_scipy(n: int, segment: int, overlap: int, nfft: int | None, detrend: Detrend) -> None:
    x = np.cumsum(np.random.default_rng(2).normal(size=n))
    ours = welch(x, 100.0, segment, overlap, nfft=nfft, detrend=detrend)
    f, p = signal.welch(x, 100.0, "hann", min(segment, n), overlap, nfft, detrend)  # type: ignore[arg-type]  # the stubs misspell "linear"
    assert ours.frequency == pytest.approx(f, rel=1e-14)
    assert ours.density == pytest.approx(p, rel=1e-9, abs=1e-13 * p.max())


def test_the_density_of_white_noise_integrates_to_its_variance() -> None:
    x = np.random.default_rng(3).normal(size=100_000)
    spectrum = welch(x, 50.0, 1000, 500)
    assert np.trapezoid(spectrum.density, spectrum.frequency) == pytest.approx(1.0, rel=0.02)


def test_a_band_includes_both_its_ends() -> None:
    band = welch(np.arange(100.0), 10.0, 100, 50).band(0.5, 2.0)
    assert (band.frequency[0], band.frequency[-1]) == (0.5, 2.0)


def test_segments_that_do_not_advance_are_refused() -> None:
    with pytest.raises(ValueError, match="segments of 10 samples cannot overlap by 10"):
        welch(np.zeros(100), 10.0, 10, 10)
