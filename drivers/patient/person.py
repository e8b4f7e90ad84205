"""A person who does what is asked, as well as they can: on the board or beside it, swaying, moving, sometimes not."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell
from otolith.drivers.loads import corner_loads
from otolith.drivers.patient.ability import Ability
from otolith.drivers.patient.asked import Asked
from otolith.drivers.patient.movement import Movement, move, still
from otolith.drivers.patient.sway import Sway

STEP_S: Final = 0.6
"""Seconds to step on or off."""
SWAY_MM: Final = {"firm": (2.5, 4.0), "foam": (7.0, 10.0)}
"""Standard deviation ML and AP with eyes open; other surfaces as foam."""
BLIND: Final = {"open": 1.0, "closed": 1.3, "conflict": 1.4}
NARROW: Final = {"semi-tandem": 1.5, "tandem": 2.0, "single-left": 2.4, "single-right": 2.4}
UNSEEN: Final = 1.5
"""Times as unsteady at a target without seeing how it goes."""
EDGE: Final = 0.95
"""Of the way to the cells: nobody's CoP gets beyond the board."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that goes wrong once."""

    kind: Literal["step-off", "fall", "rail"]
    """``fall``: the CoP runs to the edge, then nobody is there; ``rail``: a hand takes a sixth of the weight."""
    at: int
    """The how-manieth task that is done, from 1."""
    after_s: float
    """Since it began."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands there."""

    weight: float = 700.0
    """N."""
    seed: int = 1
    skill: float = 1.0
    """Sway is divided by it, and so is the time to react."""
    left: float = 0.5
    """Part of the weight on the left foot: 0.5 is even."""
    strength: float = 1.5
    """Vertical force at most, over body weight, for a skill of 1."""
    endurance_s: float = math.inf
    """How long a stance is held before a foot comes down, for a skill of 1."""
    mishaps: tuple[Mishap, ...] = ()


class Standing:
    """A load source that hears: what was asked holds from its moment on. Moments come in order."""

    def __init__(self, person: Person, cells: Sequence[Cell], *, on: bool = False) -> None:
        self._person = person
        self._able = Ability(person.weight, person.skill, person.strength, person.left)
        self._cells = cells
        self._half = max(abs(cell.x) for cell in cells)
        self._reach = np.array([max(abs(cell.x) for cell in cells), max(abs(cell.y) for cell in cells)]) * EDGE
        self._ml, self._ap = Sway(person.seed), Sway(person.seed + 1)
        self._since = -1e9
        self._asked = Asked("step-on" if on else "step-off")
        self._was_on = on
        self._done = 0

    def hear(self, t: float, asked: Asked) -> None:
        """At ``t`` seconds since the source began."""
        self._was_on = self._asked.what != "step-off"
        self._since, self._asked = t, asked
        self._done += asked.what == "do"

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, 4)`` newtons."""
        since = t - self._since
        done = self._movement(since)
        sway = np.asarray(SWAY_MM.get(self._asked.surface, SWAY_MM["foam"])) * self._unsteady
        place = np.column_stack(
            [self._between(done) + done.ml + sway[0] * self._ml.at(t), done.ap + sway[1] * self._ap.at(t)],
        )
        share, place = self._mishap(since, done.share * self._present(since), place)
        ml, ap = np.clip(place, -self._reach, self._reach).T
        return corner_loads(self._person.weight * share, ml, ap, self._cells)

    def _movement(self, since: NDArray[np.float64]) -> Movement:
        return move(self._asked, since, self._able) if self._asked.what == "do" else still(since)

    def _between(self, done: Movement) -> NDArray[np.float64]:
        """``(n,)`` mm: where the CoP is for what each foot bears, the feet standing over the cells."""
        left = self._able.left if done.left is None else done.left
        return np.broadcast_to(self._half * (1.0 - 2.0 * np.asarray(left)), done.share.shape)

    def _present(self, since: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much of the person is on the board, apart from what they do there."""
        goes_on = self._asked.what != "step-off"
        if goes_on == self._was_on:
            return np.full_like(since, float(goes_on))
        on = np.clip(since / STEP_S, 0.0, 1.0)
        return on if goes_on else 1.0 - on

    def _mishap(
        self, since: NDArray[np.float64], share: NDArray[np.float64], place: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        for one in (*self._person.mishaps, *self._tired()):
            if self._asked.what != "do" or one.at != self._done:
                continue
            late = np.clip((since - one.after_s) / STEP_S, 0.0, 1.0)
            if one.kind == "rail":
                share = share * (1.0 - late / 6.0)
            else:
                share = share * (late < 1.0 if one.kind == "fall" else 1.0 - late)
            if one.kind == "fall":
                place = place + late[:, None] * self._reach
        return share, place

    def _tired(self) -> tuple[Mishap, ...]:
        """Nobody holds a stance for ever."""
        lasts = self._person.endurance_s * self._person.skill
        return (Mishap("step-off", self._done, lasts),) if self._asked.task == "hold" and lasts < math.inf else ()

    @property
    def _unsteady(self) -> float:
        asked = self._asked
        guessing = UNSEEN if asked.follow is not None and not asked.seen else 1.0
        return guessing * BLIND.get(asked.eyes, 1.0) * NARROW.get(asked.stance, 1.0) / self._person.skill
