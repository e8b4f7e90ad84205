"""A person who does what is asked: stands on the board or beside it, sways as eyes, surface and stance have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell
from otolith.drivers.loads import corner_loads
from otolith.drivers.patient.asked import Asked
from otolith.drivers.patient.sway import Sway

STEP_S: Final = 0.6
"""Seconds to step on or off."""
SWAY_MM: Final = {"firm": (2.5, 4.0), "foam": (7.0, 10.0)}
"""Standard deviation ML and AP with eyes open; other surfaces as foam."""
BLIND: Final = {"open": 1.0, "closed": 1.3, "conflict": 1.4}
NARROW: Final = {"semi-tandem": 1.5, "tandem": 2.0, "single-left": 2.4, "single-right": 2.4}


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands there."""

    weight: float = 700.0
    """N."""
    seed: int = 1
    skill: float = 1.0
    """Sway is divided by it."""


class Standing:
    """A load source that hears: what was asked holds from its moment on. Moments come in order."""

    def __init__(self, person: Person, cells: Sequence[Cell], *, on: bool = False) -> None:
        self._person = person
        self._cells = cells
        self._ml, self._ap = Sway(person.seed), Sway(person.seed + 1)
        self._asked: list[tuple[float, Asked]] = [(-1e9, Asked("step-on" if on else "step-off"))]

    def hear(self, t: float, asked: Asked) -> None:
        """At ``t`` seconds since the source began."""
        self._asked.append((t, asked))

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, 4)`` newtons."""
        since, now = self._asked[-1]
        on = np.clip((t - since) / STEP_S, 0.0, 1.0)
        share = 1.0 - on if now.what == "step-off" else on
        if now.what == "stand" or self._was(now):
            share = np.full_like(t, 0.0 if now.what == "step-off" else 1.0)
        size = np.asarray(SWAY_MM.get(now.surface, SWAY_MM["foam"])) * self._unsteady(now)
        return corner_loads(
            self._person.weight * share, size[0] * self._ml.at(t), size[1] * self._ap.at(t), self._cells
        )

    def _was(self, now: Asked) -> bool:
        """Whether the request before was the same."""
        before = self._asked[-2][1] if len(self._asked) > 1 else None
        standing = before is not None and before.what != "step-off"
        return before is None or standing == (now.what != "step-off")

    def _unsteady(self, now: Asked) -> float:
        return BLIND.get(now.eyes, 1.0) * NARROW.get(now.stance, 1.0) / self._person.skill
