"""The metronome of a task: when its tones are due, and which."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from otolith.service.challenges.tasks import Task

Pitch = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Beat:
    """One tone."""

    at: float
    """Seconds since the record began."""
    pitch: Pitch
    """``low`` for back, left and down; ``high`` for forward, right and up."""


TONES_A_PERIOD: Final = {"shift": 1, "step": 1, "squat": 2}
"""A transition from line to line, a step; a squat has one at the bottom and one at the top."""
FIRST: Final[dict[str, Pitch]] = {"shift": "high", "step": "low", "squat": "low"}


def beats(task: Task, duration: float) -> tuple[Beat, ...]:
    """Of a record of ``duration`` seconds; those that begin and end it are not among them. Empty without a rhythm."""
    period = getattr(task, "period_s", None)
    if task.kind not in TONES_A_PERIOD or period is None:
        return ()
    step = period / TONES_A_PERIOD[task.kind]
    count = int(np.ceil(duration / step - 1e-9)) - 1
    first = FIRST[task.kind]
    other: Pitch = "low" if first == "high" else "high"
    return tuple(Beat(n * step, first if n % 2 else other) for n in range(1, count + 1))
