"""One recorded run of a condition: what it was, what it gave, and whether it counts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.replay.recording import Recording, gaps_of
from otolith.dsp.metrics.metric import Figure
from otolith.service.challenges.agenda import TrialPlan
from otolith.service.frame import Frame
from otolith.service.guidance.aim import Aim


class Verdict(StrEnum):
    """Whether a trial counts."""

    VALID = "valid"
    INVALID = "invalid"
    SKIPPED = "skipped"
    SUPERSEDED = "superseded"
    """It was valid or skipped, and the operator asked for it again."""
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """What was recorded between the cue and the end; arrays are read-only by agreement."""

    board: str
    rate: float
    t: NDArray[np.int64]
    """``(n,)`` nanoseconds of the station's monotonic clock."""
    cop: NDArray[np.float64]
    """``(n, 2)`` ML and AP, mm; NaN where nobody stands."""
    force: NDArray[np.float64]
    """``(n,)`` N."""
    loads: NDArray[np.float64]
    """``(n, k)`` N."""
    flags: NDArray[np.uint32]
    missed: NDArray[np.int64]
    """``(n,)`` samples lost immediately before each."""
    first_seq: int
    sides: NDArray[np.float64] | None = None
    """``(n, 2)`` N left and right; None where the board cannot tell. See ``Frame.sides``."""

    def __len__(self) -> int:
        return len(self.t)

    @classmethod
    def of(cls, frames: list[Frame], rate: float) -> "Samples":
        """The samples of consecutive frames, at least one. A gap before the first is not theirs."""
        missed = np.concatenate([np.r_[frame.missed, np.zeros(len(frame) - 1, np.int64)] for frame in frames])
        missed[0] = 0
        return cls(
            board=frames[0].board,
            rate=rate,
            t=np.concatenate([frame.t for frame in frames]),
            cop=np.concatenate([frame.cop for frame in frames]),
            force=np.concatenate([frame.force for frame in frames]),
            loads=np.concatenate([frame.loads for frame in frames]),
            flags=np.concatenate([frame.flags for frame in frames]),
            missed=missed,
            first_seq=frames[0].seq,
            sides=_sides(frames),
        )

    def recording(self, name: str) -> Recording:
        """As the analysis takes it."""
        t = (self.t - self.t[0]) / 1e9
        bad = np.isnan(self.cop).sum(axis=1) > 0
        return Recording(
            name=name,
            source=name,
            rate=self.rate,
            t=t,
            ml=self.cop[:, 0],
            ap=self.cop[:, 1],
            force=self.force,
            gaps=gaps_of(t, bad, self.missed),
        )


def _sides(frames: list[Frame]) -> NDArray[np.float64] | None:
    known = [frame.sides for frame in frames if frame.sides is not None]
    return np.concatenate(known) if len(known) == len(frames) else None


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial that was begun, and how it ended. Kept whatever its verdict."""

    id: str
    """Of the record; sorts by time."""
    plan: TrialPlan
    attempt: int
    verdict: Verdict
    reason: str
    """Why it does not count; for a fall or a stance that was left, what happened."""
    started: str
    """RFC 3339, of the first sample."""
    seconds: float
    """Recorded."""
    weight_n: float
    """Mean vertical force while settling."""
    held_s: float | None = None
    """How long the stance was held, where that is what is measured."""
    fell: bool = False
    errors: int = 0
    notes: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    """Metric id to its figure."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Metric id to the reason why there is none."""
    warnings: tuple[str, ...] = ()
    recording: str = ""
    """Id of the journal that holds the samples."""
    first_seq: int = 0
    samples: int = 0
    missed: int = 0
    aim: Aim = field(default_factory=Aim)
    """What the targets were scaled by and where they were."""
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    """From sample to published guidance as measured, ``p50`` and ``p95``, and as ``declared``; empty without guidance.

    Delay itself changes how people sway."""
    keyed: Mapping[str, float] = field(default_factory=dict)
    """What the operator keyed in: a reach in mm."""
