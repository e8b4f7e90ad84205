"""Every entry of the registry: complete, defined on real sway, and true to its own unit."""

import math
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otolith.dsp.metrics.core import fisher_95
from otolith.dsp.metrics.metric import MetricRefused, measure
from otolith.dsp.metrics.registry import METRICS, SETS, chosen
from otolith.dsp.recipes import RECIPES, recipe_named
from otolith.dsp.trace import Trace

SIZED = {"mean_peak_Sway_Density", "mean_distance_peak_Sway_Density", "cog_sway_velocity", "equilibrium_score"}
"""These look at a circle of 3 mm, or at an angle over a stature, and so are not in proportion."""
SPECTRAL = ("prieto_power", "prieto_f50", "prieto_f95", "prieto_cfreq", "prieto_freqd")
"""The spectrum of the radius is of the plane too, but Welch's segments leave samples out at one end."""
PLANAR = [
    *("path_length", "mean_velocity", "prediction_ellipse_area", "rms_radius", "hull_area", "mean_frequency"),
    *("chi2_ellipse_area", "range_ML_AND_AP", "planar_deviation_ML_AND_AP", "LFS_ML_AND_AP", "mean_distance_Radius"),
    *("maximal_distance_Radius", "rms_Radius", "fractal_dimension_ML_AND_AP", "mean_velocity_ML_AND_AP"),
    *("mean_frequency_ML_AND_AP", "sway_area_per_second_ML_AND_AP"),
    *(
        key
        for key in METRICS
        if key.startswith(("sda_", "prieto_area", "prieto_fd"))
        or (key.endswith("_rd") and not key.startswith(SPECTRAL))
    ),
]
"""Figures of the path in the plane, wherever its axes lie and whichever way it runs."""
SQUARE = np.array([[-300.0, -300.0], [300.0, -300.0], [300.0, 300.0], [-300.0, 300.0]])
"""A base of support that leaves room; mm."""


def path(seed: int = 1, seconds: float = 30.0, rate: float = 50.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    walk = np.cumsum(rng.normal(size=(2, n)), axis=1) * 0.3
    kernel = np.hanning(15) / np.hanning(15).sum()
    x, y = (np.convolve(axis, kernel, "same") for axis in walk)
    return x - x.mean(), 2.0 * (y - y.mean())


def known(trace: Trace, k: float = 1.0) -> Trace:
    """With all that a metric may ask for: horizontal forces, the base of support, the stature."""
    n = len(trace)
    force = np.random.default_rng(2).normal(size=(2, n))
    return trace.with_force(Trace(force[0], force[1], trace.rate)).of_person(stature=1700.0, base=k * SQUARE)


def measured(trace: Trace, unit: str = "mm") -> dict[str, float]:
    return {key: measure(metric, trace, unit).value for key, metric in METRICS.items()}


@pytest.mark.parametrize("key", METRICS)
def test_an_entry_is_complete(key: str) -> None:
    metric = METRICS[key]
    assert metric.id == key
    assert metric.name
    assert metric.symbol
    assert metric.formula
    assert metric.source.authors
    assert metric.source.year > 1900
    assert metric.dimension.unit
    assert metric.status in {"verified", "unverified"}
    assert metric.rate >= 10.0
    assert metric.seconds >= 1.0
    assert "@" not in metric.id + metric.name + metric.symbol + metric.formula
    assert metric.formula.count("{") == metric.formula.count("}")


@pytest.mark.parametrize("key", METRICS)
def test_an_entry_is_a_number_on_sway(key: str) -> None:
    assert math.isfinite(measure(METRICS[key], known(Trace(*path(), 50.0))).value)


def test_sets_name_what_there_is() -> None:
    assert {name: len(SETS[name]) for name in ("core", "quijoux72")} == {"core": 10, "quijoux72": 72}
    assert set(SETS["all"]) == set(METRICS)
    with pytest.raises(ValueError, match="no set of metrics is called 'none': there are core, quijoux72"):
        chosen("none")


@given(k=st.floats(0.05, 20.0))
@settings(max_examples=15, deadline=None)
def test_a_figure_grows_with_the_power_of_length_in_its_unit(k: float) -> None:
    x, y = path()
    before, after = measured(known(Trace(x, y, 50.0))), measured(known(Trace(k * x, k * y, 50.0, 0.0, 0.0), k))
    for key in before.keys() - SIZED:
        assert after[key] == pytest.approx(before[key] * k ** METRICS[key].dimension.length, rel=1e-6, abs=1e-9), key


def test_centimetres_are_ten_millimetres_to_that_power() -> None:
    trace = known(Trace(*path(), 50.0))
    mm, cm = measured(trace), measured(trace, "cm")
    for key, metric in METRICS.items():
        assert cm[key] * 10.0**metric.dimension.length == pytest.approx(mm[key], rel=1e-12), key
    assert measure(METRICS["hull_area"], trace, "cm").unit == "cm²"


@given(st.floats(0.0, 2.0 * math.pi), st.booleans())
def test_turning_or_reversing_the_path_leaves_planar_figures(angle: float, backwards: bool) -> None:
    x, y = path(seconds=20.0)
    c, s = math.cos(angle), math.sin(angle)
    turned = Trace(c * x - s * y, s * x + c * y, 50.0)
    if backwards:
        turned = Trace(turned.ml[::-1], turned.ap[::-1], 50.0)
    plain = Trace(x, y, 50.0)
    for key in PLANAR:
        assert measure(METRICS[key], turned).value == pytest.approx(measure(METRICS[key], plain).value, rel=1e-8), key


def test_a_path_is_as_long_as_its_two_halves() -> None:
    x, y = path()
    length = METRICS["path_length"]
    whole = measure(length, Trace(x, y, 50.0)).value
    halves = [measure(length, Trace(x[cut], y[cut], 50.0)).value for cut in (slice(0, 701), slice(700, None))]
    assert whole == pytest.approx(sum(halves), rel=1e-12)


def test_axes_are_not_exchanged() -> None:
    trace = Trace(*path(), 50.0)
    swapped = Trace(trace.ap, trace.ml, 50.0)
    assert measure(METRICS["rms_ml"], trace).value == measure(METRICS["rms_ap"], swapped).value
    assert measure(METRICS["rms_ml"], trace).value < measure(METRICS["rms_ap"], trace).value


@pytest.mark.parametrize("key", METRICS)
def test_below_its_limits_an_entry_refuses(key: str) -> None:
    metric = METRICS[key]
    short = max(int(0.99 * metric.seconds * 50.0), 5)
    x, y = path()
    with pytest.raises(MetricRefused, match=f"{key} needs at least .* s, not"):
        measure(metric, known(Trace(x[:short], y[:short], 50.0)))
    with pytest.raises(MetricRefused, match=f"{key} needs at least .* samples a second"):
        measure(metric, known(Trace(x, y, 0.99 * metric.rate)))


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (("rambling_rms_ML", "trembling_rms_AP"), "horizontal forces"),
        (("ttb_linear_mean", "ttb_quadratic_least", "ttb_axis_sd_AP"), "base of support"),
        (("cog_rms_ML", "equilibrium_score", "cog_sway_velocity"), "stature"),
    ],
)
def test_what_an_entry_needs_besides_it_says(keys: tuple[str, ...], reason: str) -> None:
    for key in keys:
        with pytest.raises(MetricRefused, match=reason):
            measure(METRICS[key], Trace(*path(), 50.0))


def test_a_base_that_is_none_is_refused() -> None:
    trace = Trace(*path(), 50.0)
    with pytest.raises(ValueError, match="list of corners"):
        trace.of_person(base=np.zeros(4))
    with pytest.raises(ValueError, match="positive number of mm"):
        trace.of_person(stature=-1.0)
    with pytest.raises(MetricRefused, match="convex polygon"):
        measure(METRICS["ttb_linear_mean"], trace.of_person(base=SQUARE[[0, 2, 1, 3]]))
    with pytest.raises(MetricRefused, match="is the base right"):
        measure(METRICS["ttb_linear_mean"], trace.of_person(base=SQUARE + 5000.0))


@pytest.mark.parametrize("n", [3, 10, 120, 6000, 1_000_000])
def test_the_quantile_of_f_is_scipys(n: int) -> None:
    from scipy.stats import f  # noqa: PLC0415  # scipy.stats takes a second to import

    assert fisher_95(n) == pytest.approx(float(f.ppf(0.95, 2, n - 2)), rel=1e-9)


@pytest.mark.parametrize("name", RECIPES)
def test_recipes_leave_a_centred_path_and_remember_the_centre(name: str) -> None:
    x, y = path(seconds=40.0, rate=100.0)
    t = np.arange(len(x)) / 100.0
    trace = recipe_named(name).function(t, x + 30.0, y - 70.0, 100.0)
    assert [trace.mean_ml, trace.mean_ap] == pytest.approx([30.0, -70.0], abs=0.5)
    assert abs(trace.ml.mean()) < 0.5
    assert recipe_named(name).steps


def test_unknown_recipes_are_named() -> None:
    with pytest.raises(ValueError, match="no recipe is called 'x': there are ispgr, raw"):
        recipe_named("x")


@pytest.mark.parametrize(
    ("ml", "ap", "rate", "sentence"),
    [
        (np.zeros(4), np.zeros(4), 50.0, "5 or more samples"),
        (np.zeros(9), np.zeros(8), 50.0, "on both axes"),
        (np.full(9, np.nan), np.zeros(9), 50.0, "NaN"),
        (np.zeros(9), np.zeros(9), 0.0, "positive number"),
    ],
)
def test_what_is_no_trace_is_refused(ml: np.ndarray, ap: np.ndarray, rate: float, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Trace(ml, ap, rate)


@given(st.integers(5, 400), st.sampled_from([8.0, 10.0, 25.0, 50.0]), st.sampled_from(["walk", "still", "line"]))
@settings(max_examples=40, deadline=None)
def test_any_trace_gives_a_figure_or_a_reason(n: int, rate: float, kind: str) -> None:
    walk = np.cumsum(np.random.default_rng(n).normal(size=n))
    trace = Trace(0.0 * walk if kind == "still" else walk, 0.0 * walk if kind != "walk" else walk[::-1], rate)
    for metric in METRICS.values():
        with suppress(MetricRefused):
            assert isinstance(measure(metric, trace).value, float)


def test_threads_may_share_a_trace() -> None:
    trace = known(Trace(*path(), 50.0))
    alone = measured(known(Trace(trace.ml, trace.ap, 50.0)))
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda _: measured(trace), range(8)))
    assert all(found == alone for found in together)


def test_forces_must_belong_to_the_positions() -> None:
    with pytest.raises(ValueError, match="do not belong"):
        Trace(np.zeros(9), np.zeros(9), 50.0).with_force(Trace(np.zeros(8), np.zeros(8), 50.0))
