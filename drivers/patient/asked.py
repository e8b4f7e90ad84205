"""What a person on a board can be asked to do; told by whoever conducts, in the words of the station."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ask = Literal["step-on", "step-off", "do"]
Course = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the circumstances from then on."""

    what: Ask
    """``do``: the task begins now; the person is on the board, or comes onto it as the task has it."""
    eyes: str = "open"
    surface: str = "firm"
    stance: str = "template"
    task: str = "stand"
    """Kind of the task of a condition."""
    form: str = ""
    """Of a jump: ``countermovement``, ``drop``, ``landing``."""
    bearing: float = 0.0
    """Of a lean, degrees: 0 forward, 90 to the right."""
    period_s: float | None = None
    """Of a rhythm."""
    knee_degrees: float = 0.0
    repetitions: int = 1
    """Of a rise."""
    side: str = "all"
    """Of a force that is followed: ``all``, ``left``, ``right``."""
    foreseen: bool = False
    """Whether they can see where the target goes next."""
    seen: bool = True
    """Whether they see how they do."""
    follow: Course | None = None
    """Where the target is, ``(n, 2)`` mm, or how much it asks for, ``(n, 1)`` N, of ``(n,)`` seconds from now."""
