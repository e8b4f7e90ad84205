"""What a run needs of the station it happens on; a rehearsal in virtual time offers the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from otolith.service.challenges.agenda import TrialPlan
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.trial import Samples, Trial
from otolith.service.guidance.delay import Delay
from otolith.service.guidance.guidance import Guidance


@dataclass(frozen=True, slots=True)
class ZeroReading:
    """A zero that was taken."""

    at: str
    noise_n: float
    drift_n: float | None
    """How far the summed force of the empty board is from the zero before; None for the first."""
    worst_n: float | None = None
    """The same of the cell (or the force of a plate) that went farthest, which moves the CoP where the sum stays."""
    allowed_n: float = 0.0
    """0 where it may drift as far as it likes."""

    @property
    def drifted(self) -> bool:
        """Further than is allowed."""
        far = max(abs(self.drift_n or 0.0), abs(self.worst_n or 0.0))
        return bool(self.allowed_n) and far > self.allowed_n


class Stage(Protocol):
    """The board, the clock and the records, for one run."""

    board: str
    """Id."""
    rate: float
    """Nominal samples per second."""
    delay: Delay
    """Between a load and its sample, filtered."""

    def now(self) -> str:
        """RFC 3339."""
        ...

    def monotonic_ns(self) -> int:
        """The clock that samples are timed by."""
        ...

    def make_id(self) -> str:
        """A name for a record."""
        ...

    async def take_zero(self, seconds: float) -> ZeroReading:
        """Measure the empty board; runs beside the frames. Raises TareRefused."""
        ...

    async def begin_journal(self, plan: TrialPlan) -> str:
        """Have what comes written to disk; the id of the recording, empty where it is recorded anyway or cannot be."""
        ...

    async def end_journal(self) -> None:
        """Close it; safe where there is none."""
        ...

    async def measure(self, plan: TrialPlan, samples: Samples, trial: Trial) -> Trial:
        """The trial with its figures."""
        ...

    async def keep(self, trial: Trial) -> None:
        """Make the trial safe on disk, or change what is kept of it; returns when it is. Its samples are journalled."""
        ...

    async def conclude(
        self, trials: Sequence[Trial], zeros: Sequence[ZeroReading], ended: Phase, reason: str
    ) -> Mapping[str, object]:
        """Close the run's record; its scores and its zeros, as they are published. Raises OSError, ServiceError."""
        ...

    async def guide(self, moment: Guidance) -> None:
        """Publish a moment of live feedback."""
        ...

    async def tell(self, event: SessionEvent) -> None:
        """Publish."""
        ...
