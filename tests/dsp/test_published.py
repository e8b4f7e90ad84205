"""The kernels on real trials against what the trials' own authors printed (Santos & Duarte 2016, PeerJ 4:e2648)."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.dsp import _wrench
from otolith.dsp._stream import CopStream
from otolith.dsp._sway import SwayWindow

LIBRARY = Path(__file__).parents[2] / "drivers" / "replay" / "library"
PUBLISHED = {
    "BDS00001": (0.9446915167229832, 0.620189911656219),
    "BDS00004": (0.47030488668360965, 0.6041856234389986),
    "BDS00007": (3.949594818211452, 2.005028481735169),
}
"""COParea cm² and COPvelo cm/s of BDSinfoCOP.txt."""


def trial(name: str) -> NDArray[np.float64]:
    with gzip.open(LIBRARY / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        return np.loadtxt(file, skiprows=1)


@pytest.mark.parametrize("name", PUBLISHED)
def test_streaming_sway_of_a_whole_trial_is_the_published_one(name: str) -> None:
    rows = trial(name)
    window = SwayWindow(len(rows), rate=100.0)
    window.run(np.ascontiguousarray(10.0 * rows[:, [8, 7]]))
    figures = window.figures()
    area, velocity = PUBLISHED[name]
    assert figures.prediction_ellipse_area / 100.0 == pytest.approx(area, rel=1e-9)
    assert figures.mean_velocity / 10.0 == pytest.approx(velocity, rel=1e-9)


@pytest.mark.parametrize("name", PUBLISHED)
def test_wrenches_of_a_real_plate_give_the_stored_cop(name: str) -> None:
    """To the six digits that the file has of its moments."""
    rows = trial(name)
    wrench = np.ascontiguousarray(rows[:, 1:7] * [1.0, 1.0, 1.0, 1e3, 1e3, 1e3])
    cop, free_moment = np.empty((len(rows), 2)), np.empty(len(rows))
    _wrench.centres(wrench, np.zeros(3), 20.0, cop, free_moment)
    np.testing.assert_allclose(cop, 10.0 * rows[:, 7:9], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", PUBLISHED)
def test_corner_loads_of_a_trial_come_back_as_its_cop(name: str) -> None:
    """Loads that a four-cell board would feel under that trial, through the whole real-time path."""
    rows = trial(name)
    x, y = np.array([-200.0, 200.0, -200.0, 200.0]), np.array([150.0, 150.0, -150.0, -150.0])
    cop, force = 10.0 * rows[:, [8, 7]], rows[:, 3]
    loads = 0.25 * force[:, None] * (1 + cop[:, :1] / 200.0 * np.sign(x) + cop[:, 1:] / 150.0 * np.sign(y))
    n = len(rows)
    out = np.empty((n, 4)), np.empty(n), np.empty((n, 2)), np.empty((n, 2))
    stream = CopStream(x, y, [1.0] * 4, [0.0] * 4, rate=100.0, window=n)
    assert stream.run(np.ascontiguousarray(loads), *out) == 0
    np.testing.assert_allclose(out[1], force, rtol=1e-13)
    np.testing.assert_allclose(out[2], cop, rtol=0, atol=1e-10)
    area, velocity = PUBLISHED[name]
    assert stream.figures().prediction_ellipse_area / 100.0 == pytest.approx(area, rel=1e-9)
    assert stream.figures().mean_velocity / 10.0 == pytest.approx(velocity, rel=1e-9)
