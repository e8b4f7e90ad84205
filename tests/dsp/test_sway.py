"""The rolling window against the whole-window definitions, facts with known answers, and its life."""

from dataclasses import astuple, fields
from math import nan, pi

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from otolith.dsp._stream import CopStream
from otolith.dsp._sway import SwayWindow
from otolith.dsp.reference.sway import sway as textbook
from otolith.dsp.sway import Ellipse, Sums, Sway, prediction_ellipse, sway_of

Array = NDArray[np.float64]


def walk(n: int, seed: int = 1) -> Array:
    """A trace that wanders, far from the origin."""
    rng = np.random.default_rng(seed)
    steps: Array = rng.normal(0.0, [0.3, 0.5], (n, 2))
    steps[0] += [150.0, -80.0]
    return steps.cumsum(axis=0)


def windowed(trace: Array, window: int, rate: float = 100.0) -> SwayWindow:
    sway = SwayWindow(window, rate=rate)
    sway.run(trace)
    return sway


def assert_close(ours: Sway, theirs: Sway, tolerance: float = 1e-9) -> None:
    for field in fields(Sway):
        np.testing.assert_allclose(
            getattr(ours, field.name), getattr(theirs, field.name), rtol=tolerance, atol=1e-12, err_msg=field.name
        )


@pytest.mark.parametrize("window", [3, 4, 17, 100])
@pytest.mark.parametrize("n", [3, 16, 17, 18, 99, 100, 101, 200, 457])
def test_the_window_is_the_newest_samples(window: int, n: int) -> None:
    trace = walk(n)
    assert_close(windowed(trace, window).figures(), textbook(trace[-window:], 100.0))


def test_nan_and_gaps_break_the_path_only() -> None:
    trace = walk(400)
    trace[[10, 11, 250, 333]] = np.nan
    trace[300, 1] = np.nan
    assert_close(windowed(trace, 150).figures(), textbook(trace[-150:], 100.0))
    broken = SwayWindow(150, rate=100.0)
    broken.run(trace[:320])
    broken.gap()
    broken.run(trace[320:])
    step = float(np.hypot(*(trace[320] - trace[319])))
    expected = textbook(trace[-150:], 100.0).path_length - step
    assert broken.figures().path_length == pytest.approx(expected, rel=1e-12)


def test_nobody_for_a_whole_window_and_back() -> None:
    sway = windowed(walk(50), 20)
    sway.run(np.full((20, 2), np.nan))
    assert astuple(sway.figures())[:2] == (0, 0.0)
    assert np.isnan(astuple(sway.figures())[2:]).all()
    back = walk(30, seed=4)
    sway.run(back)
    assert_close(sway.figures(), textbook(back[-20:], 100.0))


def test_figures_of_too_few_samples_are_nan() -> None:
    sway = SwayWindow(10, rate=100.0)
    sway.push(1.0, 2.0)
    one = sway.figures()
    assert (one.n, one.mean_ml, one.mean_ap) == (1, 1.0, 2.0)
    assert np.isnan([one.path_length, one.rms_ml, one.range_ap, one.mean_frequency, one.ellipse_major]).all()
    sway.push(4.0, 6.0)
    two = sway.figures()
    assert (two.path_length, two.mean_velocity, two.range_ml) == (5.0, 250.0, 3.0)
    assert np.isnan(two.prediction_ellipse_area)


def test_a_person_of_stone_has_no_frequency() -> None:
    still = windowed(np.full((10, 2), 3.0), 10).figures()
    assert (still.path_length, still.rms_radius, still.prediction_ellipse_area) == (0.0, 0.0, 0.0)
    assert np.isnan(still.mean_frequency)


def test_a_circle_has_its_own_frequency() -> None:
    """Walking round a circle at 0.5 Hz is a mean frequency of 0.5 Hz (Prieto et al. 1996)."""
    t = np.arange(0, 2000) / 100.0
    circle = 10.0 * np.column_stack([np.cos(pi * t), np.sin(pi * t)])
    assert windowed(circle, 2000).figures().mean_frequency == pytest.approx(0.5, rel=1e-3)


@pytest.mark.parametrize("n", [3, 4, 10, 1000, 10**6])
def test_the_quantile_is_fishers(n: int) -> None:
    """Schubert & Kirchner (2014) with scipy's F distribution, for the unit covariance."""
    sums = Sums(n=n, sxx=n - 1.0, syy=n - 1.0)
    area = pi * stats.f.ppf(0.95, 2, n - 2) * 2 * (n - 1) * (n + 1) / (n * (n - 2))
    assert prediction_ellipse(sums).area == pytest.approx(area, rel=1e-9)


@pytest.mark.parametrize(
    ("sxx", "syy", "sxy", "angle"),
    [
        (4.0, 1.0, 0.0, 0.0),
        (1.0, 4.0, 0.0, pi / 2),
        (1.0, 4.0, -0.0, pi / 2),
        (2.0, 2.0, 1.0, pi / 4),
        (2, 2, -1, -pi / 4),
    ],
)
def test_the_angle_is_that_of_the_major_axis(sxx: float, syy: float, sxy: float, angle: float) -> None:
    assert prediction_ellipse(Sums(n=100, sxx=sxx, syy=syy, sxy=sxy)).angle == pytest.approx(angle)


def test_a_line_has_no_width() -> None:
    line = prediction_ellipse(Sums(n=50, sxx=3.0, syy=3.0, sxy=3.0))
    assert line.minor == 0.0
    assert line.area == 0.0
    assert str(prediction_ellipse(Sums(n=2))) == str(Ellipse(nan, nan, nan))
    assert sway_of(Sums(), 100.0).n == 0


def test_an_overflow_is_forgotten_with_its_window() -> None:
    trace = walk(100)
    trace[30] = 1e300
    sway = windowed(trace[:35], 20)
    assert not np.isfinite(sway.figures().rms_ml)
    sway.run(trace[35:])
    assert_close(sway.figures(), textbook(trace[-20:], 100.0))


@pytest.mark.parametrize(
    "samples", [pytest.param(10**7, marks=pytest.mark.slow, id="1e7"), pytest.param(300_000, id="3e5")]
)
def test_long_streams_stay_exact(samples: int) -> None:
    """A drifting trace: after all of it, the window is within 1e-9 of exact (it is within 1e-11)."""
    sway, rng = SwayWindow(1000, rate=1000.0), np.random.default_rng(11)
    start = np.array([120.0, 40.0])
    for _ in range(samples // 100_000):
        block = start + rng.normal(0.0, 0.05, (100_000, 2)).cumsum(axis=0)
        sway.run(block)
        start = block[-1]
    sway.run(block[: 1000 - 3])
    assert_close(sway.figures(), textbook(np.concatenate([block[-3:], block[:997]]), 1000.0), 1e-9)


@pytest.mark.parametrize(("window", "rate", "message"), [(2, 100.0, "at least 3 samples"), (10, 0.0, "sample rate")])
def test_windows_that_make_no_sense(window: int, rate: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        SwayWindow(window, rate=rate)
    with pytest.raises(ValueError, match=r"shape \(n, 2\)"):
        SwayWindow(10, rate=1.0).run(np.ones((3, 3)))


def test_a_window_that_was_never_set_up_refuses() -> None:
    window, stream = SwayWindow.__new__(SwayWindow), CopStream.__new__(CopStream)
    calls = (
        lambda: window.push(1.0, 2.0),
        lambda: window.run(np.ones((1, 2))),
        window.figures,
        lambda: stream.push(1.0, 2.0, 3.0, 4.0),
        lambda: stream.run(np.ones((1, 0)), np.ones((1, 0)), np.ones(1), np.ones((1, 2)), np.ones((1, 2))),
        lambda: stream.tare([]),
        stream.figures,
        stream.gap,
        stream.reset,
    )
    for call in calls:
        with pytest.raises(ValueError, match="never set up"):
            call()
