"""How tasks are done: vertical force as a part of the body weight, and the CoP, as functions of the time since."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.patient.ability import Ability
from otolith.drivers.patient.asked import Asked

Column = NDArray[np.float64]
MOVEMENT_S: Final = 0.8
"""To get from one place to another, for a person of skill 1."""
G: Final = 9.80665
REACTION_S: Final = 0.35
"""Of a person of skill 1; less skill is slower in proportion."""
FORESEEN_S: Final = 0.12, 0.3
"""Reaction and movement where the target can be foreseen: people are ahead of it then (Poulton 1974)."""
RHYTHM_S: Final = 0.12
"""Behind a tone that can be foreseen."""
LEAN_MM: Final = 140.0
"""How far the CoP is moved at most, for a skill of 1: about the limits of stability of an adult."""
RESTING: Final = 0.12
"""Of the body weight, that a foot at rest leaves on the board."""
TREMOR: Final = 0.04
"""Of the force: noise grows with it (Harris, Wolpert 1998)."""


@dataclass(frozen=True, slots=True)
class Movement:
    """What a task adds to standing still."""

    share: Column
    """``(n,)`` vertical force over body weight."""
    ml: Column
    """``(n,)`` mm, added to the sway."""
    ap: Column
    left: Column | None = None
    """``(n,)`` part of the load on the left foot; None as they stand by themselves."""


def still(t: Column) -> Movement:
    """Standing."""
    return Movement(np.ones_like(t), np.zeros_like(t), np.zeros_like(t))


def move(asked: Asked, t: Column, able: Ability) -> Movement:
    """What ``asked`` looks like ``t`` seconds after it was."""
    if asked.follow is not None:
        return _followed(asked, asked.follow, t, able)
    make = _TASKS.get(asked.form or asked.task)
    return still(t) if make is None else make(asked, t, able)


def _followed(asked: Asked, course: Callable[[Column], Column], t: Column, able: Ability) -> Movement:
    """Late by reaction and movement, and no faster than a body moves: corners are cut."""
    reaction, movement = FORESEEN_S if asked.foreseen else (REACTION_S, MOVEMENT_S)
    steps = np.linspace(0.0, movement / able.skill, 7)
    seen = t[:, None] - reaction / able.skill - steps
    place = course(np.maximum(seen.ravel(), 0.0)).reshape(len(t), len(steps), -1)
    place = (place * (seen >= 0.0)[..., None]).mean(axis=1)
    if place.shape[1] == 1:
        return _pushed(asked.side, place[:, 0] / able.weight, t, able)
    far = np.maximum(np.hypot(place[:, 0], place[:, 1]) / (LEAN_MM * able.skill), 1.0)
    return Movement(np.ones_like(t), place[:, 0] / far, place[:, 1] / far)


def _pushed(side: str, share: Column, t: Column, able: Ability) -> Movement:
    """A force over body weight: no more than there is strength, and never quite steady."""
    tremor = 0.6 * np.sin(5.7 * t) + 0.8 * np.sin(2.3 * t + 1.0)
    share = np.minimum(share, able.strength * able.skill) * (1.0 + TREMOR / able.skill * tremor)
    zero = np.zeros_like(t)
    if side == "all":
        return Movement(np.maximum(share, RESTING), zero, zero)
    one = np.clip(share, 0.02, 0.98)
    return Movement(np.ones_like(t), zero, zero, one if side == "left" else 1.0 - one)


def _behind(t: Column, skill: float) -> Column:
    """The time that somebody lives in who keeps up with a tone: a little late, and not always by the same."""
    late: Column = t - RHYTHM_S / skill * (1.0 + 0.5 * np.sin(0.8 * t))
    return late


def _uneven(u: Column, bend: float, able: Ability) -> Column:
    """Part of the load on the left while the knees bend ``bend`` degrees: the better side takes more of it."""
    favour = (able.left - 0.5) * (1.0 + bend / 45.0)
    left: Column = 0.5 + (favour + 0.02 * (1.0 + bend / 30.0) * np.sin(1.7 * u)) / able.skill
    return np.clip(left, 0.02, 0.98)


def _squat(asked: Asked, t: Column, able: Ability) -> Movement:
    """Down in a second and kept, or down and up in the rhythm; the body's acceleration is in the force."""
    depth = 0.35 * np.sin(np.radians(asked.knee_degrees) / 2.0)
    left = _uneven(t, asked.knee_degrees, able)
    if asked.period_s is None:
        u = np.clip(t - 0.2, 0.0, 1.0)
        acceleration = -depth * (60.0 * u - 180.0 * u**2 + 120.0 * u**3) * ((u > 0.0) & (u < 1.0))
        return Movement(1.0 + acceleration / G, np.zeros_like(t), 20.0 * depth * u, left)
    omega = 2.0 * np.pi / asked.period_s
    swing = depth / 2.0 * omega**2 * np.cos(omega * _behind(t, able.skill)) / G
    return Movement(np.maximum(1.0 - swing, 0.0), np.zeros_like(t), np.zeros_like(t), left)


def _rise(asked: Asked, t: Column, able: Ability) -> Movement:
    """A quarter of the weight while seated; lift-off with a peak above body weight, then standing."""
    if asked.repetitions > 1:
        return _rises(asked.repetitions, t, able)
    u = np.clip((t - 2.0 * REACTION_S / able.skill) / 1.2, 0.0, 1.0)
    seated = 0.25 + 0.75 * (3.0 * u**2 - 2.0 * u**3)
    return Movement(seated + 0.25 * np.sin(np.pi * u) ** 2 * u, np.zeros_like(t), 20.0 * (1.0 - u))


def _rises(count: int, t: Column, able: Ability) -> Movement:
    """Up and down again and again, four seconds each for a skill of 1; after the last they stay up."""
    since = np.maximum(t - 2.0 * REACTION_S / able.skill, 0.0) * able.skill
    number = np.minimum(np.floor(since / 4.0), count - 1)
    u = since - 4.0 * number
    up = np.clip(u / 1.2, 0.0, 1.0)
    down = np.where(number < count - 1, np.clip((u - 2.4) / 1.2, 0.0, 1.0), 0.0)
    stood = (3.0 * up**2 - 2.0 * up**3) * (1.0 - (3.0 * down**2 - 2.0 * down**3))
    share = 0.25 + 0.75 * stood + 0.25 * np.sin(np.pi * up) ** 2 * up
    return Movement(share, np.zeros_like(t), 20.0 * (1.0 - stood), _uneven(t, 60.0, able))


def _reach(_asked: Asked, t: Column, able: Ability) -> Movement:
    """Forward in one and a half seconds, and there; the less skill, the less far."""
    u = np.clip((t - REACTION_S / able.skill) / 1.5, 0.0, 1.0)
    return Movement(np.ones_like(t), np.zeros_like(t), 70.0 * min(able.skill, 1.6) * (3.0 * u**2 - 2.0 * u**3))


def _step(asked: Asked, t: Column, able: Ability) -> Movement:
    """From foot to foot in the rhythm, each foot pushing off in turn; the worse side is left the sooner."""
    beat = np.pi * _behind(t, able.skill) / (asked.period_s or 1.0)
    left = 0.5 - 0.35 * np.sin(beat) + (able.left - 0.5)
    return Movement(1.0 + 0.06 * np.cos(2.0 * beat), np.zeros_like(t), np.zeros_like(t), np.clip(left, 0.02, 0.98))


def _lobe(t: Column, begin: float, seconds: float, size: float) -> Column:
    """Half a sine."""
    u = (t - begin) / seconds
    lobe: Column = size * np.sin(np.pi * u) * ((u >= 0.0) & (u <= 1.0))
    return lobe


def _countermovement(_asked: Asked, t: Column, able: Ability) -> Movement:
    """Stands for 1.2 s; impulses add up to the take-off velocity, and the landing takes it away again."""
    velocity = 2.4 * min(able.skill, 1.4)
    down, up, land = 0.3, 0.35, 0.25
    unweighting = 0.6
    push = (velocity / G + unweighting * 2.0 * down / np.pi) * np.pi / (2.0 * up)
    start, off = 1.2, 1.2 + down + up
    contact = off + 2.0 * velocity / G
    share = 1.0 - _lobe(t, start, down, unweighting) + _lobe(t, start + down, up, push)
    share = share + _lobe(t, contact, land, velocity / G * np.pi / (2.0 * land))
    share = np.where((t >= off) & (t < contact), 0.0, share)
    return Movement(share, np.zeros_like(t), np.zeros_like(t))


def _drop(_asked: Asked, t: Column, able: Ability) -> Movement:
    """Off a box of 30 cm, contact and away again in a quarter of a second, a flight, and the landing from it."""
    drop, velocity = 2.4, 2.2 * min(able.skill, 1.4)
    contact, push, land = 0.5, 0.25, 0.25
    off = contact + push
    again = off + 2.0 * velocity / G
    share = _lobe(t, contact, push, np.pi / (2.0 * push) * ((drop + velocity) / G + push))
    share = share + np.where(t >= again, 1.0, 0.0) + _lobe(t, again, land, velocity / G * np.pi / (2.0 * land))
    return Movement(share, np.zeros_like(t), np.zeros_like(t))


def _landing(_asked: Asked, t: Column, able: Ability) -> Movement:
    """In the air for half a second, then contact at 2 m/s and a decaying sway."""
    contact, land, velocity = 0.5, 0.25, 2.0
    share = np.where(t >= contact, 1.0, 0.0) + _lobe(t, contact, land, velocity / G * np.pi / (2.0 * land))
    since = np.maximum(t - contact, 0.0)
    swing = 25.0 / able.skill * np.exp(-since / 0.8) * np.sin(2.0 * np.pi * 1.2 * since)
    return Movement(share, swing, np.zeros_like(t))


_TASKS: Final[dict[str, Callable[[Asked, Column, Ability], Movement]]] = {
    "squat": _squat,
    "rise": _rise,
    "reach": _reach,
    "step": _step,
    "countermovement": _countermovement,
    "drop": _drop,
    "landing": _landing,
}
