"""What a person on a board can be asked to do; told by whoever conducts, in the words of the station."""

from dataclasses import dataclass
from typing import Literal

Ask = Literal["step-on", "step-off", "stand"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the circumstances from then on."""

    what: Ask
    eyes: str = "open"
    surface: str = "firm"
    stance: str = "template"
    task: str = "stand"
    """Kind of the task of a condition."""
    bearing: float = 0.0
    """Of a target, degrees: 0 forward, 90 to the right."""
    reach_mm: float = 0.0
    """How far the target is, for the CoP."""
    period_s: float = 1.0
    """Of a rhythm."""
