"""First-order uncertainty against drawn noise: the same figure, many times over (seeded)."""

import math

import numpy as np
import pytest

from otolith.dsp.metrics.metric import measure
from otolith.dsp.metrics.registry import METRICS
from otolith.dsp.recipes import recipe_named
from otolith.dsp.trace import Trace
from otolith.dsp.uncertainty import Noise, cop_noise

RATE, N = 100.0, 2000
DRAWS = 300
T = np.arange(N) / RATE
X, Y = np.array([-200.0, 200.0, -200.0, 200.0]), np.array([150.0, 150.0, -150.0, -150.0])
KEYS = ["path_length", "mean_velocity", "rms_ml", "rms_radius", "prediction_ellipse_area", "mean_velocity_AP"]


def sway() -> np.ndarray:
    """``(2, n)`` mm, slow and smooth."""
    steps = np.random.default_rng(5).normal(size=(2, N + 200)) * [[0.25], [0.5]]
    kernel = np.hanning(25) / np.hanning(25).sum()
    path = np.cumsum([np.convolve(axis, kernel, "same") for axis in steps], axis=1)[:, 100:-100]
    centred: np.ndarray = path - path.mean(axis=1, keepdims=True)
    return centred


def corner_loads(path: np.ndarray) -> np.ndarray:
    """``(n, 4)`` N of a person of 700 N on a plate of four cells."""
    loads: np.ndarray = 175.0 * (1.0 + np.outer(path[0], np.sign(X) / 200.0) + np.outer(path[1], np.sign(Y) / 150.0))
    return loads


def centre(loads: np.ndarray) -> np.ndarray:
    cop: np.ndarray = np.stack([X, Y]) @ loads.T / loads.sum(axis=1)
    return cop


def prepared(recipe: str, path: np.ndarray) -> Trace:
    return recipe_named(recipe).function(T, path[0], path[1], RATE)


@pytest.mark.parametrize(("recipe", "sd"), [("raw", (0.002, 0.003)), ("ispgr", (0.04, 0.06))])
def test_drawn_noise_does_what_the_formulas_say(recipe: str, sd: tuple[float, float]) -> None:
    truth, rng = sway(), np.random.default_rng(6)
    noise = Noise(*sd, recipe_named(recipe).kernel(RATE))
    figures = []
    for _ in range(DRAWS):
        trace = prepared(recipe, truth + rng.normal(size=truth.shape) * np.array(sd)[:, None]).in_doubt(noise)
        figures.append([measure(METRICS[key], trace) for key in KEYS])
    for key, drawn in zip(KEYS, zip(*figures, strict=True), strict=True):
        true, values = measure(METRICS[key], prepared(recipe, truth)).value, np.array([f.value for f in drawn])
        bias = np.mean([f.noise_bias for f in drawn if f.noise_bias is not None])
        uncertainty = np.mean([f.uncertainty for f in drawn if f.uncertainty is not None])
        chance = 4.0 * values.std() / math.sqrt(DRAWS)
        assert values.mean() - true == pytest.approx(bias, rel=0.15, abs=chance), key
        assert values.std() == pytest.approx(uncertainty, rel=0.2), key


def test_noise_that_turns_the_steps_leaves_the_uncertainty_on_the_safe_side() -> None:
    truth, rng, noise = sway(), np.random.default_rng(6), Noise(0.012, 0.016)
    drawn = [prepared("raw", truth + rng.normal(size=truth.shape) * [[0.012], [0.016]]) for _ in range(DRAWS)]
    figures = [measure(METRICS["path_length"], trace.in_doubt(noise)) for trace in drawn]
    scatter = np.std([figure.value for figure in figures])
    assert all(scatter < (figure.uncertainty or 0.0) < 2.0 * scatter for figure in figures)


def test_noise_of_the_cells_becomes_noise_of_the_position() -> None:
    loads, rng = corner_loads(sway() + np.array([[30.0], [-20.0]])), np.random.default_rng(7)
    drawn = centre(loads + rng.normal(0.0, 0.5, loads.shape)) - centre(loads)
    assert drawn.std(axis=1) == pytest.approx(cop_noise(loads, X, Y, 0.5), rel=0.05)
    # In the middle it is sd sqrt(4 X²) / F: 0.5 * 400 / 700 and 0.5 * 300 / 700 mm.
    assert cop_noise(np.full((5, 4), 175.0), X, Y, 0.5) == pytest.approx((0.5 * 400 / 700, 0.5 * 300 / 700))
    with pytest.raises(ValueError, match="nothing is loaded"):
        cop_noise(np.zeros((5, 4)), X, Y, 0.5)


def test_drawn_gains_scatter_every_figure_as_said() -> None:
    """Cells wrong by 1 % (one standard uncertainty), each by its own draw, in figures without a closed form too."""
    path, rng = sway() + np.array([[60.0], [-40.0]]), np.random.default_rng(8)
    loads = corner_loads(path)
    keys = ["mean_velocity", "rms_ap", "prediction_ellipse_area", "hull_area", "mean_value_ML", "path_length"]
    displaced = [prepared("raw", centre(loads * (1.0 + 0.01 * one))) for one in np.eye(4)]
    trace = prepared("raw", path).in_doubt(None, displaced)
    drawn = [prepared("raw", centre(loads * rng.normal(1.0, 0.01, 4))) for _ in range(DRAWS)]
    for key in keys:
        said = measure(METRICS[key], trace).uncertainty
        assert said is not None
        assert np.std([measure(METRICS[key], other).value for other in drawn]) == pytest.approx(said, rel=0.2), key


def test_what_is_not_known_is_not_said() -> None:
    path = sway()
    plain = measure(METRICS["hull_area"], prepared("raw", path))
    assert (plain.uncertainty, plain.noise_bias) == (None, None)
    noisy = measure(METRICS["hull_area"], prepared("raw", path).in_doubt(Noise(0.01, 0.01)))
    assert (noisy.uncertainty, noisy.noise_bias) == (None, None)
    assert recipe_named("quijoux25").even is False
    with pytest.raises(ValueError, match="quijoux25 resamples"):
        recipe_named("quijoux25").kernel(RATE)
    with pytest.raises(ValueError, match="as long as"):
        prepared("raw", path).in_doubt(None, [Trace(np.zeros(9), np.zeros(9), RATE)])


def test_doubt_scales_with_the_unit() -> None:
    trace = prepared("raw", sway()).in_doubt(Noise(0.01, 0.01))
    mm, cm = (measure(METRICS["prediction_ellipse_area"], trace, unit) for unit in ("mm", "cm"))
    assert mm.uncertainty is not None
    assert mm.noise_bias is not None
    assert (cm.uncertainty, cm.noise_bias) == pytest.approx((mm.uncertainty / 100.0, mm.noise_bias / 100.0))


def test_all_noise_and_no_sway_is_all_bias() -> None:
    still = Trace(np.zeros(900), np.zeros(900), RATE).in_doubt(Noise(0.1, 0.1))
    assert measure(METRICS["path_length"], still).noise_bias == 0.0
    tiny = np.random.default_rng(9).normal(0.0, 0.1, (2, 500))
    noisy = measure(METRICS["path_length"], Trace(tiny[0], tiny[1], RATE).in_doubt(Noise(0.2, 0.2)))
    assert noisy.noise_bias == pytest.approx(noisy.value)
