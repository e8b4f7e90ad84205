"""Jumps whose height, phases and powers are known because they were drawn that way."""

import math

import numpy as np
import pytest

from otolith.dsp.jump import GRAVITY, countermovement, flight_height, flights, rebound

RATE = 1000.0
MASS = 70.0
WEIGHT = MASS * GRAVITY


def jump_curve(rate: float = RATE, mass: float = MASS) -> np.ndarray:
    """1 s still; -300 N for 0.3 s; +600 N until it stands still again (0.15 s) and 0.3 s on; 0.3 s in the air; landing.

    Take-off velocity 600 * 0.3 / 70 = 2.571 m/s (a flight of 0.524 s); the curve flies exactly so long.
    """
    weight = mass * GRAVITY
    flight = 2.0 * (600.0 * mass / 70.0 * 0.3 / mass) / GRAVITY
    push = mass / 70.0
    parts = [(1.0, weight), (0.3, weight - 300.0 * push), (0.45, weight + 600.0 * push), (flight, 0.0)]
    parts += [(0.2, 2.0 * weight), (1.0, weight)]
    return np.concatenate([np.full(round(seconds * rate), force) for seconds, force in parts])


def test_a_drawn_jump_comes_back_as_drawn() -> None:
    jump = countermovement(jump_curve(), RATE)
    velocity = 600.0 * 0.3 / MASS
    assert jump.weight == pytest.approx(WEIGHT)
    assert jump.take_off_velocity == pytest.approx(velocity, rel=0.01)
    assert jump.take_off == 1750
    assert jump.seconds(jump.take_off, jump.landing) == pytest.approx(2.0 * velocity / GRAVITY, abs=1e-3)
    assert jump.onset == 1000 - 30
    assert (jump.slowest, jump.lowest) == pytest.approx((1300, 1450), abs=2)
    assert jump.velocity[jump.slowest] == pytest.approx(-300.0 * 0.3 / MASS, rel=0.01)
    # Down: half of 0.3 s and of 0.15 s at the slowest speed.
    assert jump.displacement[: jump.take_off].min() == pytest.approx(-0.5 * 0.45 * 300.0 * 0.3 / MASS, rel=0.01)
    assert jump.power.max() == pytest.approx((WEIGHT + 600.0) * velocity, rel=0.01)


def test_height_by_flight_and_by_impulse_are_one() -> None:
    jump = countermovement(jump_curve(), RATE)
    by_flight = flight_height(jump.seconds(jump.take_off, jump.landing))
    assert by_flight == pytest.approx(1000.0 * jump.take_off_velocity**2 / (2.0 * GRAVITY), rel=0.01)
    assert flight_height(0.5) == pytest.approx(1000.0 * 9.80665 * 0.25 / 8.0)


def test_what_is_no_jump_is_refused() -> None:
    curve = jump_curve()
    with pytest.raises(ValueError, match="no flight"):
        countermovement(np.full(3000, WEIGHT), RATE)
    with pytest.raises(ValueError, match="no flight"):
        countermovement(curve[:2000], RATE)
    with pytest.raises(ValueError, match="nobody stands"):
        countermovement(np.zeros(3000), RATE)
    with pytest.raises(ValueError, match="not still"):
        countermovement(curve[900:], RATE)
    with pytest.raises(ValueError, match="nothing moves"):
        countermovement(np.concatenate([np.full(1000, WEIGHT), np.zeros(300), np.full(500, WEIGHT)]), RATE)


def test_the_head_of_an_empty_plate_is_no_flight() -> None:
    force = np.concatenate([np.zeros(500), np.full(200, 900.0), np.zeros(400), np.full(300, 700.0), np.zeros(100)])
    assert flights(force, RATE).tolist() == [[700, 1100]]
    blip = np.concatenate([np.full(100, 900.0), np.zeros(20), np.full(100, 900.0)])
    assert len(flights(blip, RATE)) == 0


def test_a_drop_jump_has_a_contact_and_a_flight() -> None:
    force = np.concatenate([np.zeros(500), np.full(200, 2000.0), np.zeros(400), np.full(300, 700.0)])
    found = rebound(force, RATE)
    assert (found.contact, found.flight) == pytest.approx((0.2, 0.4))
    assert math.isclose(flight_height(found.flight) / found.contact, 1000 * 9.80665 * 0.16 / 8 / 0.2)
    with pytest.raises(ValueError, match="empty plate"):
        rebound(force[600:], RATE)
    with pytest.raises(ValueError, match="no flight"):
        rebound(force[:900], RATE)
