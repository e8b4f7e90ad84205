"""What a simulated person brings to a task."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ability:
    """Of one person."""

    weight: float
    """N."""
    skill: float = 1.0
    """Sway, lateness and unevenness are divided by it."""
    strength: float = 1.5
    """Vertical force that they bring about at most, over body weight, for a skill of 1: of both legs as of one."""
    left: float = 0.5
    """Part of the weight on the left foot while they stand by themselves."""
