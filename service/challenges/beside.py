"""What stands beside a figure of a result: the person's own before, and other people."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Baseline:
    """One figure against the person's own earlier ones."""

    verdict: Literal["changed", "within-variation", "refused"]
    statement: str
    """Plain English; of a refusal, its reason."""
    now: float | None = None
    before: float | None = None
    change: float | None = None
    percent: float | None = None
    """Of before."""
    mdc: float | None = None
    """Minimal detectable change at 95 %, in the figure's unit."""
    sem: float | None = None
    degrees: int = 0
    across: str = ""
    """``visits`` or ``trials``: what the variation was learnt from."""
    runs: tuple[str, ...] = ()
    """Ids of the earlier runs."""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Placement:
    """One figure against one norm: where it lies, or why that cannot be said."""

    norm: str
    name: str
    source: str
    refused: str = ""
    """Every circumstance that differs; empty where the figure has a place."""
    band: str = ""
    n: int = 0
    """People in the band."""
    percentile: float | None = None
    """Of people with a smaller figure; None where refused, and beyond the norm's outermost percentiles."""
    rank: str = ""
    """The same in words: ``42``, ``under 5``, ``over 95``."""
    z: float | None = None
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    """5th percentile."""
    high: float | None = None
    """95th percentile."""
    cautions: tuple[str, ...] = ()
