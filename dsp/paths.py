"""Paths that a person follows with the CoP: places on the floor as functions of time. Millimetres and seconds."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.float64]
Form = Literal["line", "diagonal", "circle", "figure-of-eight", "free"]
FREE_POINTS = 3
"""The fewest that a closed curve runs through."""


@dataclass(frozen=True, slots=True)
class Path:
    """A closed path of ``period`` seconds a lap, in a rectangle ``width`` (ML) by ``height`` (AP) about the origin.

    ``line`` runs left and right where it is wider than high, else fore and aft, and ``diagonal`` from corner to
    corner, both as a sine; ``circle`` is an ellipse; ``figure-of-eight`` is Gerono's lemniscate along the longer side;
    ``free`` is a closed Catmull-Rom curve (Catmull, Rom 1974) through ``points``, moved along in equal times.
    Raises ValueError where that is no path.
    """

    form: Form
    width: float
    height: float
    period: float
    clockwise: bool = True
    points: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not (self.width > 0.0 and self.height > 0.0 and self.period > 0.0):
            raise ValueError("a path has a positive width, height and period")
        if (self.form == "free") != (len(self.points) >= FREE_POINTS):
            raise ValueError(f"a free path runs through {FREE_POINTS} points or more, and no other path has any")

    def at(self, t: Column) -> Column:
        """``(n, 2)`` ML and AP at ``t`` ``(n,)``."""
        turn = 2.0 * np.pi * t / self.period * (1.0 if self.clockwise else -1.0)
        if self.form == "free":
            return _through(np.asarray(self.points), turn / (2.0 * np.pi))
        a, b = self.width / 2.0, self.height / 2.0
        wide = self.width >= self.height
        there = np.sin(turn)
        if self.form == "circle":
            return np.column_stack([a * there, b * np.cos(turn)])
        if self.form == "diagonal":
            return np.column_stack([a * there, b * there])
        aside = np.sin(2.0 * turn) if self.form == "figure-of-eight" else np.zeros_like(turn)
        return np.column_stack([a * there, b * aside] if wide else [a * aside, b * there])

    @property
    def length(self) -> float:
        """Of one lap, mm, by 4096 chords."""
        return float(np.hypot(*np.diff(self.at(np.linspace(0.0, self.period, 4097)), axis=0).T).sum())

    @property
    def straight(self) -> bool:
        """Whether it runs along one line: the simple end of the axis from linear to non-linear motion."""
        return self.form in ("line", "diagonal")


def _through(points: Column, lap: Column) -> Column:
    """The closed Catmull-Rom curve at ``lap`` (1 is once around)."""
    n = len(points)
    place = (lap % 1.0) * n
    knot = np.floor(place).astype(int) % n
    u = (place - np.floor(place))[:, None]
    p0, p1, p2, p3 = (points[(knot + step) % n] for step in (-1, 0, 1, 2))
    curve: Column = 0.5 * (
        2.0 * p1 + (p2 - p0) * u + (2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3) * u**2 + (3.0 * (p1 - p2) + p3 - p0) * u**3
    )
    return curve


def appearances(count: int, shortest: float, longest: float, seed: int) -> tuple[tuple[float, float], ...]:
    """When targets appear (s) and in which direction (degrees, 0 forward, 90 right): drawn, the same for one seed.

    No direction comes twice in a row. Raises ValueError where ``shortest`` is not positive or above ``longest``.
    """
    if not 0.0 < shortest <= longest:
        raise ValueError("the shortest pause between targets is positive and not above the longest")
    draw = np.random.default_rng(seed)
    at, bearing, found = 0.0, -1, []
    for _ in range(count):
        at += float(draw.uniform(shortest, longest))
        bearing = int(draw.choice([one for one in range(8) if one != bearing]))
        found.append((at, 45.0 * bearing))
    return tuple(found)


def towards(bearing: float, radius: float) -> tuple[float, float]:
    """ML and AP of a target."""
    return radius * math.sin(math.radians(bearing)), radius * math.cos(math.radians(bearing))


def paced(t: Column, period: float) -> Column:
    """-1 to 1 and back in the rhythm of a tone: a transition takes ``period`` seconds; ``(n,)``."""
    side: Column = -np.cos(np.pi * t / period)
    return side


def ramp(t: Column, rise: float) -> Column:
    """0 to 1 in ``rise`` seconds, then 1; ``(n,)``."""
    return np.clip(t / rise, 0.0, 1.0) if rise > 0.0 else np.ones_like(t)
