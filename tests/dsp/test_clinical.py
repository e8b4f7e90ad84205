"""Scores worked out by hand."""

import math

import numpy as np
import pytest

from otolith.dsp.clinical import (
    COG_HEIGHT,
    Sensory,
    equilibrium_score,
    romberg,
    sensory_analysis,
    sot_composite,
    stability_indices,
    sway_angle,
    symmetry_index,
    weight_distribution_index,
)


def test_the_romberg_quotient_is_closed_over_open() -> None:
    assert romberg(15.0, 10.0) == 1.5
    assert math.isnan(romberg(1.0, 0.0))


def test_sway_becomes_an_angle_and_the_angle_a_score() -> None:
    stature = 1700.0
    angle = sway_angle(COG_HEIGHT * stature * np.sin(np.radians([-1.0, 0.0, 1.5])), stature)
    assert angle == pytest.approx([-1.0, 0.0, 1.5])
    assert equilibrium_score(angle) == pytest.approx(80.0)
    assert equilibrium_score(angle, fell=True) == 0.0
    assert equilibrium_score(np.array([-9.0, 9.0])) == 0.0
    with pytest.raises(ValueError, match="stature"):
        sway_angle(angle, 0.0)


def test_the_composite_weighs_the_hard_conditions_three_times() -> None:
    assert sot_composite([94, 92, 90, 80, 70, 60]) == pytest.approx((94 + 92 + 3 * 300) / 14)
    assert sensory_analysis([100, 90, 85, 80, 60, 55]) == Sensory(0.9, 0.8, 0.6, 140 / 150)
    for score in (sot_composite, sensory_analysis):
        with pytest.raises(ValueError, match="six conditions, not 2"):
            score([1.0, 2.0])


def test_stability_indices_are_tilts_about_level() -> None:
    found = stability_indices(np.array([3.0, -3.0]), np.array([4.0, -4.0]))
    assert (found.overall, found.antero_posterior, found.medio_lateral) == (5.0, 4.0, 3.0)


def test_loads_even_and_uneven() -> None:
    assert symmetry_index(300.0, 300.0) == 0.0
    assert symmetry_index(200.0, 400.0) == pytest.approx(200 / 3)
    assert math.isnan(symmetry_index(0.0, 0.0))
    assert weight_distribution_index([10, 10, 10, 10]) == 0.0
    assert weight_distribution_index([1, 0, 0, 0]) == pytest.approx(math.sqrt((75**2 + 3 * 25**2) / 4))
    assert math.isnan(weight_distribution_index([0, 0, 0, 0]))
    with pytest.raises(ValueError, match="four shares, not 3"):
        weight_distribution_index([1, 2, 3])
