"""Designs and the causal kernel against scipy and the difference equation."""

import numpy as np
import pytest
from scipy import signal

from otolith.dsp._filter import filter_block
from otolith.dsp.filters import butter_lowpass, group_delay, steady_state
from otolith.dsp.reference.cascade import cascade

ORDERS = [1, 2, 3, 4, 5, 6, 8, 12]
CORNERS = [(10.0, 100.0), (10.0, 1000.0), (5.0, 50.0), (20.0, 125.0), (24.0, 50.0)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("cutoff", "rate"), CORNERS)
def test_the_design_answers_like_scipys(order: int, cutoff: float, rate: float) -> None:
    frequencies = np.linspace(0.0, rate / 2, 200)
    _, ours = signal.sosfreqz(butter_lowpass(order, cutoff, rate), frequencies, fs=rate)
    _, theirs = signal.sosfreqz(signal.butter(order, cutoff, fs=rate, output="sos"), frequencies, fs=rate)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-11 if order > 8 else 1e-12)


@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_even_orders_have_scipys_sections(order: int) -> None:
    theirs = signal.butter(order, 10.0, fs=1000.0, output="sos")
    np.testing.assert_allclose(butter_lowpass(order, 10.0, 1000.0), theirs, rtol=1e-12)
    np.testing.assert_allclose(steady_state(theirs), signal.sosfilt_zi(theirs), rtol=1e-9)


@pytest.mark.parametrize("order", ORDERS)
def test_a_constant_passes_from_the_first_sample(order: int) -> None:
    sos = butter_lowpass(order, 10.0, 125.0)
    rest, x = steady_state(sos), np.full((50, 1), 3.0)
    state, out = np.full((len(sos), 2, 1), np.nan), np.empty((50, 1))
    filter_block(sos, rest, state, x, out)
    np.testing.assert_allclose(out, 3.0, rtol=1e-10)


@pytest.mark.parametrize(
    ("order", "delay"),
    [(2, 0.0226), (4, 0.0416)],
)
def test_the_delay_of_a_feedback_loop(order: int, delay: float) -> None:
    """Seconds that slow sway (0.5-1 Hz) lags behind a 10 Hz low-pass at 1 kHz."""
    sos = butter_lowpass(order, 10.0, 1000.0)
    assert group_delay(sos, 0.75, 1000.0) == pytest.approx(delay, abs=2e-4)
    frequency, samples = signal.group_delay(signal.butter(order, 10.0, fs=1000.0), [2.0], fs=1000.0)
    assert group_delay(sos, float(frequency[0]), 1000.0) == pytest.approx(float(samples[0]) / 1000.0, rel=1e-6)


@pytest.mark.parametrize("order", [1, 2, 4, 5, 8])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_the_kernel_is_scipys_sosfilt(order: int, channels: int) -> None:
    sos = butter_lowpass(order, 10.0, 100.0)
    x = np.random.default_rng(order).normal(0.0, 30.0, (500, channels))
    state, out = np.full((len(sos), 2, channels), np.nan), np.empty_like(x)
    filter_block(sos, steady_state(sos), state, x, out)
    start = signal.sosfilt_zi(sos)[:, :, None] * x[0]
    expected, end = signal.sosfilt(sos, x, axis=0, zi=start)
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(state, end, rtol=0, atol=1e-11)


def test_gaps_restart_each_channel_by_itself() -> None:
    sos = butter_lowpass(4, 10.0, 100.0)
    x = np.random.default_rng(3).normal(0.0, 30.0, (200, 2))
    x[50:60, 0] = np.nan
    x[[0, 100], 1] = np.nan
    state, out = np.full((2, 2, 2), np.nan), np.empty_like(x)
    filter_block(sos, steady_state(sos), state, x, out)
    for channel in (0, 1):
        np.testing.assert_allclose(out[:, channel], cascade(sos, x[:, channel]), rtol=0, atol=1e-11)


def test_an_overflow_heals_itself() -> None:
    sos = butter_lowpass(2, 10.0, 100.0)
    x = np.ones((10, 1))
    x[3] = np.inf
    state, out = np.full((1, 2, 1), np.nan), np.empty_like(x)
    filter_block(sos, steady_state(sos), state, x, out)
    np.testing.assert_allclose(out[5:], 1.0)


def test_no_sections_pass_the_samples() -> None:
    x = np.array([[1.0], [2.0]])
    out = np.empty_like(x)
    filter_block(np.empty((0, 6)), np.empty((0, 2)), np.empty((0, 2, 1)), x, out)
    np.testing.assert_array_equal(out, x)


@pytest.mark.parametrize(
    ("order", "cutoff", "rate", "message"),
    [
        (0, 10.0, 100.0, "is 1 to 12 here, not 0"),
        (2, 50.0, 100.0, r"50.0 Hz does not fit into 0 to 50.0 Hz; lower the cutoff or raise the rate"),
        (2, 0.0, 100.0, "between 0 and half"),
        (2, float("nan"), 100.0, "between 0 and half"),
        (2, 10.0, float("inf"), "sample rate must be a positive number"),
    ],
)
def test_filters_that_do_not_exist(order: int, cutoff: float, rate: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        butter_lowpass(order, cutoff, rate)


def test_an_integrator_has_no_rest() -> None:
    with pytest.raises(ValueError, match="integrator"):
        steady_state(np.array([[1.0, 0.0, 0.0, 1.0, -1.0, 0.0]]))


def test_a_state_of_another_shape() -> None:
    sos, x = butter_lowpass(2, 10.0, 100.0), np.ones((4, 2))
    with pytest.raises(ValueError, match=r"is \(1, 2, 2\)"):
        filter_block(sos, steady_state(sos), np.zeros((1, 2, 1)), x, x.copy())
