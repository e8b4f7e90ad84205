"""What decides, besides the task, where a target is: kept with every trial, so that it can be computed again."""

from dataclasses import dataclass
from typing import Final
from zlib import crc32

from otolith.service.challenges.tasks import Task
from otolith.service.guidance.target import Person, Target, target

STATURE_MM: Final = 1700.0
"""Where a person's is not known: a middling one."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Of one trial."""

    weight_n: float = 0.0
    """Mean vertical force while settling."""
    middle: tuple[float, float] | None = None
    """Mean CoP while settling, mm; None where nobody was there long enough."""
    stature_mm: float | None = None
    """None where it is not known; targets are then those of :data:`STATURE_MM`."""
    seed: int = 1
    """Of what must not be foreseen."""

    @property
    def stature(self) -> float:
        """mm, as targets are scaled by it."""
        return self.stature_mm or STATURE_MM

    def target(self, task: Task, duration: float) -> Target | None:
        """What the task asks of this person; None where it asks for nothing that can be drawn."""
        return target(task, Person(self.weight_n, self.stature, self.seed), duration)


def seed_of(run: str, trial: str, attempt: int) -> int:
    """Of one trial of a run: the same whenever it is asked for, another for every trial; never 0."""
    return 1 + crc32(f"{run}/{trial}/{attempt}".encode())
