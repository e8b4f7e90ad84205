"""The zero-phase filters against scipy's, to the bit's neighbourhood."""

import numpy as np
import pytest
from scipy.signal import butter, filtfilt

from otolith.dsp.zero_phase import WINTER, Kind, zero_phase


@pytest.mark.parametrize("rate", [25.0, 40.0, 100.0, 1000.0])
@pytest.mark.parametrize(("kind", "order", "ratio"), [("dual4", 4, 1.0), ("winter4", 2, 1 / WINTER)])
def test_equal_to_filtfilt(rate: float, kind: Kind, order: int, ratio: float) -> None:
    x = np.cumsum(np.random.default_rng(1).normal(size=3000)) + 80.0
    b, a = butter(order, 10.0 * ratio / (rate / 2))
    expected = filtfilt(b, a, x)
    assert np.abs(zero_phase(x, 10.0, rate, kind) - expected).max() <= 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize(("kind", "gain"), [("dual4", 0.5), ("winter4", 2**-0.5)])
def test_the_two_fourth_orders_differ_at_the_cut_off(kind: Kind, gain: float) -> None:
    t = np.arange(100_000) / 1000.0
    passed = zero_phase(np.sin(2 * np.pi * 10.0 * t), 10.0, 1000.0, kind)[10_000:-10_000]
    assert np.abs(passed).max() == pytest.approx(gain, abs=1e-3)


def test_a_constant_passes_and_the_input_stays() -> None:
    x = np.full(100, 7.0)
    x.setflags(write=False)
    assert zero_phase(x, 10.0, 100.0) == pytest.approx(x, rel=1e-9)


def test_what_cannot_be_filtered_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a rate above 20 Hz, not 20 Hz"):
        zero_phase(np.zeros(100), 10.0, 20.0)
    with pytest.raises(ValueError, match=r"above 24\.93 Hz"):
        zero_phase(np.zeros(100), 10.0, 24.0, "winter4")
    with pytest.raises(ValueError, match="more than 15 samples, not 15"):
        zero_phase(np.zeros(15), 10.0, 100.0)
