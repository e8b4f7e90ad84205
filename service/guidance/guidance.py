"""What a screen draws while somebody follows a target: one moment of a task, and where the target goes next."""

from dataclasses import dataclass
from typing import Literal

Quantity = Literal["place", "force"]
Point = tuple[float, ...]
"""mm ML and AP, or N."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """A moment of a task, and the path of the target over the next second, so that a client can draw ahead."""

    session: str
    run: str
    trial: str
    board: str
    seq: int
    """Number of this moment in its record, from 0."""
    t_ns: int
    """The station's monotonic clock, of the sample."""
    elapsed_s: float
    """Since the record began."""
    quantity: Quantity
    target: Point
    """mm from the person's own middle, or N."""
    band: float
    """mm or N: closer than this is on target."""
    shape: Literal["circle", "square"]
    """Of the band around a place."""
    cursor: Point | None
    """The same, with gain and assistance; None where the person is not to see it."""
    error: float | None
    """mm or N, of what the person does, without gain and assistance; None where nobody stands on the board."""
    on_target: bool
    ahead: tuple[Point, ...]
    """Where the target will be, every ``ahead_s`` from here; it stays where it is if nobody is to foresee it."""
    ahead_s: float
    beat_s: float | None
    """Seconds to the next tone of the metronome; None where there is none."""
    rate_hz: float
    """How many of these a second are made of this board's samples."""
    latency_ms: float
    """From the load to this message, as designed: the board, its batch, the filter. The way to the screen is on top."""
