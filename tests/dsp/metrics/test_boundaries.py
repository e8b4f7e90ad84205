"""Time to boundary and the centre of gravity, worked out on paths one can draw."""

import numpy as np
import pytest

from otolith.dsp.clinical import COG_HEIGHT
from otolith.dsp.cog import GRAVITY, HEIGHT, INERTIA
from otolith.dsp.metrics.boundaries import axis_times, minima
from otolith.dsp.metrics.metric import MetricRefused, measure
from otolith.dsp.metrics.registry import METRICS
from otolith.dsp.trace import Trace

BASE = np.array([[-50.0, -40.0], [50.0, -40.0], [50.0, 60.0], [-50.0, 60.0]])
T = np.arange(3000) / 100.0
SWAY = Trace(10.0 * np.sin(2 * np.pi * 0.5 * T), 20.0 * np.sin(2 * np.pi * 0.5 * T), 100.0, 0.0, 10.0)
"""Around (0, 10) mm, which is the middle of the base."""


def value(key: str, trace: Trace) -> float:
    return measure(METRICS[key], trace).value


def test_a_sine_meets_the_border_soonest_where_distance_over_speed_is_least() -> None:
    """(50 - 20 sin u) / (20 w cos u) is least where sin u = 20 / 50, with the value sqrt(50² - 20²) / (20 w)."""
    trace = SWAY.of_person(base=BASE)
    w = 2 * np.pi * 0.5
    expected = np.sqrt(50.0**2 - 20.0**2) / (20.0 * w)
    for key in ("ttb_axis_mean_AP", "ttb_axis_least_AP"):
        assert value(key, trace) == pytest.approx(expected, rel=1e-3)
    assert value("ttb_axis_sd_AP", trace) < 0.01 * expected
    # The x border is 50 mm away from a sway of 10 mm: the polygon's nearest edge is that of y.
    assert value("ttb_linear_least", trace) == pytest.approx(expected, rel=1e-3)


def test_the_middle_that_the_recipe_took_away_counts() -> None:
    trace = SWAY.of_person(base=BASE)
    moved = Trace(SWAY.ml, SWAY.ap, 100.0, 300.0, 210.0).of_person(base=BASE + np.array([300.0, 200.0]))
    for key in ("ttb_linear_mean", "ttb_quadratic_sd", "ttb_axis_least_ML"):
        assert value(key, moved) == pytest.approx(value(key, trace), rel=1e-9)


def test_outside_the_base_there_is_no_time() -> None:
    outside = SWAY.of_person(base=BASE + np.array([0.0, 45.0]))
    times = axis_times(outside, "ap")
    assert np.isnan(times).any()
    with pytest.raises(MetricRefused, match="0 minima here, and needs 3"):
        minima(np.full(9, np.nan))


def test_the_centre_of_gravity_of_a_sine_is_the_sine_the_pendulum_lets_through() -> None:
    stature = 1700.0
    trace = SWAY.of_person(stature=stature)
    h = HEIGHT * 1.7
    w0 = GRAVITY * h / (INERTIA["ap"] * 1.7**2 + h**2)
    gain = w0 / (w0 + np.pi**2)
    assert value("cog_rms_AP", trace) == pytest.approx(20.0 * gain / np.sqrt(2.0), rel=5e-3)
    assert value("cop_cog_rms_AP", trace) == pytest.approx(20.0 * (1.0 - gain) / np.sqrt(2.0), rel=2e-2)
    assert value("cog_range_AP", trace) == pytest.approx(40.0 * gain, rel=2e-2)
    lean = np.degrees(np.arcsin(20.0 * gain / (COG_HEIGHT * stature)))
    assert value("equilibrium_score", trace) == pytest.approx(100.0 * (1.0 - 2.0 * lean / 12.5), rel=1e-2)
