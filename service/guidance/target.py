"""What a task asks for, moment by moment: a place on the floor, or a force."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.paths import Path, appearances, paced, ramp, towards
from otolith.service.challenges.tasks import Keep, Lean, Load, React, Shift, Task, Trace
from otolith.service.guidance.guidance import Quantity

Column = NDArray[np.float64]
Shape = Literal["circle", "square"]
LEAN_HEIGHT: float = 0.55
"""Height of the centre of gravity, of stature."""


@dataclass(frozen=True, slots=True)
class Target:
    """A task's demand as a function of the time since the record began."""

    quantity: Quantity
    at: Callable[[Column], Column]
    """``(n,)`` seconds to ``(n, 2)`` mm from the person's own middle, or to ``(n, 1)`` N."""
    band: float
    """mm, or N: closer than this is on target."""
    moving: bool
    """Whether it is followed, rather than reached and kept."""
    shape: Shape = "circle"
    """Of the band around a place."""
    foreseeable: bool = True
    """Whether anybody may see where it goes next."""
    side: Literal["all", "left", "right"] = "all"
    """Of a force: whose."""

    def error(self, done: Column, asked: Column) -> Column:
        """``(n,)`` mm or N between what is done and what is asked for, ``(n, 2)`` or ``(n, 1)`` each."""
        away = np.abs(done - asked)
        if away.shape[1] == 1:
            return away[:, 0]
        return away.max(axis=1) if self.shape == "square" else np.hypot(away[:, 0], away[:, 1])


@dataclass(frozen=True, slots=True)
class Person:
    """What a target is scaled by."""

    weight_n: float
    """Body weight, as measured while settling."""
    stature_mm: float = 1700.0
    seed: int = 1
    """For what must not be foreseen."""


def target(task: Task, person: Person, duration: float) -> Target | None:
    """What ``task`` asks for; None where it asks for nothing that can be drawn."""
    make = _MAKERS.get(task.kind)
    return None if make is None else make(task, person, duration)


def excursion_mm(degrees: float, stature_mm: float) -> float:
    """How far the CoP is moved for a lean of the centre of gravity, on the floor."""
    return LEAN_HEIGHT * stature_mm * float(np.sin(np.radians(degrees)))


def _trace(task: Trace, _person: Person, _duration: float) -> Target:
    path = Path(task.path, task.width_mm, task.height_mm, task.period_s, task.clockwise, task.points)
    return Target("place", path.at, task.band_mm, moving=True)


def _keep(task: Keep, _person: Person, _duration: float) -> Target:
    return _still((task.ml_mm, task.ap_mm), task.radius_mm, task.shape)


def _lean(task: Lean, person: Person, _duration: float) -> Target:
    return _still(towards(task.bearing, excursion_mm(task.degrees, person.stature_mm)), 15.0)


def _still(place: tuple[float, float], band: float, shape: Shape = "circle") -> Target:
    return Target("place", lambda t: np.tile(np.array(place), (len(t), 1)), band, moving=False, shape=shape)


def _shift(task: Shift, person: Person, _duration: float) -> Target:
    end = np.array(towards(task.bearing, excursion_mm(task.degrees, person.stature_mm)))
    return Target("place", lambda t: paced(t, task.period_s)[:, None] * end, 20.0, moving=True)


def _react(task: React, person: Person, _duration: float) -> Target:
    at, places = react_course(task, person.seed)

    def place(t: Column) -> Column:
        return places[np.maximum(np.searchsorted(at, t, "right") - 1, 0)]

    return Target("place", place, task.band_mm, moving=False, foreseeable=False)


def react_course(task: React, seed: int) -> tuple[Column, Column]:
    """When each target appears ``(n + 1,)`` s and where ``(n + 1, 2)`` mm; the first is the middle, at once."""
    found = appearances(task.targets, task.shortest_s, task.longest_s, task.seed or seed)
    at = np.array([0.0, *(when for when, _ in found)])
    return at, np.array([(0.0, 0.0), *(towards(bearing, task.radius_mm) for _, bearing in found)])


def _load(task: Load, person: Person, _duration: float) -> Target:
    newtons = task.newtons if task.newtons is not None else (task.percent or 0.0) / 100.0 * person.weight_n
    band = newtons * task.band_percent / 100.0
    return Target("force", lambda t: (newtons * ramp(t, task.rise_s))[:, None], band, moving=False, side=task.side)


_MAKERS: dict[str, Callable[..., Target]] = {
    "trace": _trace,
    "keep": _keep,
    "lean": _lean,
    "shift": _shift,
    "react": _react,
    "load": _load,
}
"""By kind of task."""
