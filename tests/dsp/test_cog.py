"""The centre of gravity of an inverted pendulum."""

import numpy as np
import pytest

from otolith.dsp.cog import GRAVITY, HEIGHT, INERTIA, centre_of_gravity


def test_slow_sway_passes_and_fast_sway_is_damped_by_the_pendulum() -> None:
    t = np.arange(12_000) / 100
    h = HEIGHT * 1.7
    w0 = GRAVITY * h / (INERTIA["ap"] * 1.7**2 + h**2)
    for f in (0.05, 0.5, 3.0):
        out = centre_of_gravity(np.sin(2 * np.pi * f * t), 100.0, 1.7)[3000:-3000]
        assert np.abs(out).max() == pytest.approx(w0 / (w0 + (2 * np.pi * f) ** 2), rel=0.01)


def test_a_still_person_stays_where_they_are() -> None:
    assert centre_of_gravity(np.full(300, -80.0), 100.0, 1.6) == pytest.approx(-80.0)


def test_nonsense_is_refused() -> None:
    for n, stature in ((100, 1.7), (300, 0.0), (300, float("nan"))):
        with pytest.raises(ValueError, match="more than a second of samples and a stature"):
            centre_of_gravity(np.zeros(n), 100.0, stature)
