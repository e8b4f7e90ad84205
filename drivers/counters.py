"""What a stream keeps account of while it runs, and how long it may be silent."""

from dataclasses import dataclass
from typing import Final

PATIENCE: Final = 1.0
"""Seconds that a board may send nothing readable before it counts as silent."""


@dataclass(slots=True, eq=False)
class Counters:
    """``StreamStatistics`` while they grow; written by the reader thread alone."""

    reports: int = 0
    samples: int = 0
    missed: int = 0
    malformed: int = 0
    presses: int = 0


def patience(period: float) -> float:
    """Seconds of silence that a board with this sampling period is allowed."""
    return max(PATIENCE, 3.0 * period)
