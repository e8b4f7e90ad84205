"""Leans to a target, drawn."""

import math

import numpy as np
import pytest

from otolith.dsp.limits import along_and_across, control, excursion, weight_shift

RATE = 100.0


def test_bearings_turn_clockwise_from_forward() -> None:
    ml, ap = np.array([0.0, 3.0]), np.array([0.0, 4.0])
    for bearing, along, across in ((0.0, 4.0, 3.0), (90.0, 3.0, -4.0), (math.degrees(math.atan2(3, 4)), 5.0, 0.0)):
        found = along_and_across(ml, ap, bearing)
        assert (found[0][1], found[1][1]) == pytest.approx((along, across))


def test_a_lean_in_two_movements() -> None:
    """0.5 s of waiting, 4 degrees in 1 s, a second of rest, 2 degrees more; aside 0.5 degree and back meanwhile."""
    along = np.concatenate([np.zeros(50), np.linspace(0, 4, 101), np.full(100, 4.0), np.linspace(4, 6, 101)])
    across = np.interp(np.arange(len(along)), [50, 100, 150], [0.0, 0.5, 0.0])
    found = excursion(along, across, RATE)
    assert found.reaction_time == pytest.approx(0.5 + 0.08)
    assert (found.endpoint, found.maximum) == pytest.approx((4.0, 6.0))
    assert found.velocity == pytest.approx(4.0)
    towards = 4.0 - 0.32
    assert found.directional_control == pytest.approx(100.0 * (towards - 1.0 + 0.08) / towards)


def test_nobody_leans() -> None:
    with pytest.raises(ValueError, match="nobody leans"):
        excursion(np.zeros(10), np.zeros(10), RATE)
    assert math.isnan(control(0.0, 1.0))


def test_shifts_to_and_fro() -> None:
    along = np.concatenate([np.linspace(-3, 3, 101), np.linspace(3, -3, 101)[1:]])
    found = weight_shift(along, 0.25 * along, RATE)
    assert found.velocity == pytest.approx(6.0)
    assert found.directional_control == pytest.approx(75.0)
