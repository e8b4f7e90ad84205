"""How tasks are done: vertical force as a part of the body weight, and the CoP, as functions of the time since."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.patient.asked import Asked

Column = NDArray[np.float64]
MOVEMENT_S: Final = 0.8
"""To get from one place to another, for a person of skill 1."""
G: Final = 9.80665
REACTION_S: Final = 0.35
"""Of a person of skill 1; less skill is slower in proportion."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What a task adds to standing still."""

    share: Column
    """``(n,)`` vertical force over body weight."""
    ml: Column
    """``(n,)`` mm, added to the sway."""
    ap: Column


def still(t: Column) -> Movement:
    """Standing."""
    return Movement(np.ones_like(t), np.zeros_like(t), np.zeros_like(t))


def move(asked: Asked, t: Column, weight: float, skill: float) -> Movement:
    """What ``asked`` looks like ``t`` seconds after it was; ``weight`` in N."""
    if asked.follow is not None:
        return _followed(asked.follow, t, weight, skill)
    make = _TASKS.get(asked.form or asked.task)
    return still(t) if make is None else make(asked, t, skill)


def _followed(course: Callable[[Column], Column], t: Column, weight: float, skill: float) -> Movement:
    """Late by the reaction time, as everybody is who cannot foresee, and no faster than a body moves."""
    steps = np.linspace(0.0, MOVEMENT_S / skill, 7)
    seen = t[:, None] - REACTION_S / skill - steps
    place = course(np.maximum(seen.ravel(), 0.0)).reshape(len(t), len(steps), -1)
    place = (place * (seen >= 0.0)[..., None]).mean(axis=1)
    if place.shape[1] == 1:
        return Movement(place[:, 0] / weight, np.zeros_like(t), np.zeros_like(t))
    return Movement(np.ones_like(t), place[:, 0], place[:, 1])


def _squat(asked: Asked, t: Column, _skill: float) -> Movement:
    """Down in a second and kept, or down and up in the rhythm; the body's acceleration is in the force."""
    depth = 0.35 * np.sin(np.radians(asked.knee_degrees) / 2.0)
    if asked.period_s is None:
        u = np.clip(t - 0.2, 0.0, 1.0)
        acceleration = -depth * (60.0 * u - 180.0 * u**2 + 120.0 * u**3) * ((u > 0.0) & (u < 1.0))
        return Movement(1.0 + acceleration / G, np.zeros_like(t), 20.0 * depth * u)
    omega = 2.0 * np.pi / asked.period_s
    return Movement(1.0 - depth / 2.0 * omega**2 * np.cos(omega * t) / G, np.zeros_like(t), np.zeros_like(t))


def _rise(_asked: Asked, t: Column, skill: float) -> Movement:
    """A quarter of the weight while seated; lift-off with a peak above body weight, then standing."""
    u = np.clip((t - 2.0 * REACTION_S / skill) / 1.2, 0.0, 1.0)
    seated = 0.25 + 0.75 * (3.0 * u**2 - 2.0 * u**3)
    return Movement(seated + 0.25 * np.sin(np.pi * u) ** 2 * u, np.zeros_like(t), 20.0 * (1.0 - u))


def _reach(_asked: Asked, t: Column, skill: float) -> Movement:
    """Forward in one and a half seconds, and there."""
    u = np.clip((t - REACTION_S / skill) / 1.5, 0.0, 1.0)
    return Movement(np.ones_like(t), np.zeros_like(t), 70.0 * (3.0 * u**2 - 2.0 * u**3))


def _step(asked: Asked, t: Column, _skill: float) -> Movement:
    """From foot to foot."""
    side = 60.0 * np.sin(np.pi * t / (asked.period_s or 1.0))
    return Movement(np.ones_like(t), side, np.zeros_like(t))


def _lobe(t: Column, begin: float, seconds: float, size: float) -> Column:
    """Half a sine."""
    u = (t - begin) / seconds
    lobe: Column = size * np.sin(np.pi * u) * ((u >= 0.0) & (u <= 1.0))
    return lobe


def _countermovement(_asked: Asked, t: Column, skill: float) -> Movement:
    """Stands for 1.2 s; impulses add up to the take-off velocity, and the landing takes it away again."""
    velocity = 2.4 * min(skill, 1.4)
    down, up, land = 0.3, 0.35, 0.25
    unweighting = 0.6
    push = (velocity / G + unweighting * 2.0 * down / np.pi) * np.pi / (2.0 * up)
    start, off = 1.2, 1.2 + down + up
    contact = off + 2.0 * velocity / G
    share = 1.0 - _lobe(t, start, down, unweighting) + _lobe(t, start + down, up, push)
    share = share + _lobe(t, contact, land, velocity / G * np.pi / (2.0 * land))
    share = np.where((t >= off) & (t < contact), 0.0, share)
    return Movement(share, np.zeros_like(t), np.zeros_like(t))


def _landing(_asked: Asked, t: Column, skill: float) -> Movement:
    """In the air for half a second, then contact at 2 m/s and a decaying sway."""
    contact, land, velocity = 0.5, 0.25, 2.0
    share = np.where(t >= contact, 1.0, 0.0) + _lobe(t, contact, land, velocity / G * np.pi / (2.0 * land))
    since = np.maximum(t - contact, 0.0)
    swing = 25.0 / skill * np.exp(-since / 0.8) * np.sin(2.0 * np.pi * 1.2 * since)
    return Movement(share, swing, np.zeros_like(t))


_TASKS: Final[dict[str, Callable[[Asked, Column, float], Movement]]] = {
    "squat": _squat,
    "rise": _rise,
    "reach": _reach,
    "step": _step,
    "countermovement": _countermovement,
    "landing": _landing,
}
