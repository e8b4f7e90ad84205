"""Landings and rises worked out by hand."""

import math

import numpy as np
import pytest

from otolith.dsp.landing import contact, dynamic_stability, horizontal_time, settled, vertical_time
from otolith.dsp.sit_to_stand import rise

RATE = 100.0


def test_stability_is_the_distance_from_rest_over_body_weight() -> None:
    fz = np.concatenate([np.zeros(50), np.full(300, 900.0)])
    fx, fy = np.where(np.arange(350) % 2, 30.0, -30.0), np.full(350, 40.0)
    found = dynamic_stability(fx, fy, fz, RATE, 800.0)
    assert (found.medio_lateral, found.antero_posterior, found.vertical) == pytest.approx((30 / 800, 40 / 800, 1 / 8))
    assert found.overall == pytest.approx(math.sqrt(30**2 + 40**2 + 100**2) / 800)


def test_a_landing_needs_contact_and_three_seconds_after() -> None:
    with pytest.raises(ValueError, match="nobody lands"):
        contact(np.zeros(10))
    flat = np.full(299, 800.0)
    with pytest.raises(ValueError, match="less than 3 s"):
        dynamic_stability(flat, flat, flat, RATE, 800.0)


def test_the_vertical_force_is_stable_when_it_stays() -> None:
    fz = np.concatenate([np.zeros(10), np.full(70, 1000.0), np.full(20, 800.0), [900.0], np.full(150, 810.0)])
    assert vertical_time(fz, RATE, 800.0) == pytest.approx(0.91)
    assert math.isnan(vertical_time(fz[:150], RATE, 800.0))
    assert settled(np.ones(100, dtype=bool), RATE) == 0.0


def test_the_running_mean_of_a_decaying_force_settles() -> None:
    fz, force = np.full(300, 800.0), np.zeros(300)
    force[:100] = 90.0
    # Mean 30, SD sqrt(30 * 60) = 42.43; the running mean 9000 / k is within 10.607 of it from k = 221.6.
    assert horizontal_time(force, fz, RATE) == pytest.approx(2.21)
    assert horizontal_time(np.zeros(300), fz, RATE) == 0.0


def test_a_rise_from_a_chair() -> None:
    force = np.concatenate([np.full(100, 200.0), np.linspace(200.0, 960.0, 77), np.full(200, 800.0)])
    found = rise(force, RATE, 800.0)
    assert found.onset == pytest.approx(1.0 + 0.03)
    assert found.seat_off == pytest.approx(1.6)
    assert found.peak == 960.0
    assert found.steepest == pytest.approx(1000.0)
    assert found.settling == pytest.approx(0.17)
    with pytest.raises(ValueError, match="nobody rises"):
        rise(force[:120], RATE, 800.0)
    with pytest.raises(ValueError, match="begin with sitting"):
        rise(force[200:], RATE, 800.0)
