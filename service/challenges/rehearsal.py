"""A run in virtual time on a simulated person: from start to result in seconds, the same every time."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from otolith.drivers.monikers import Sim
from otolith.drivers.paced import BLOCK_S, Paced
from otolith.drivers.patient.person import Person, Standing
from otolith.drivers.twins import twin_cells
from otolith.service.baseline import compared
from otolith.service.challenges.agenda import TrialPlan
from otolith.service.challenges.asking import asked
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.measuring import measured
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.records import result_content, zeros_content
from otolith.service.challenges.run import Run
from otolith.service.challenges.scoring import score
from otolith.service.challenges.setting import Setting, device_class
from otolith.service.challenges.stage import ZeroReading
from otolith.service.challenges.trial import Samples, Trial
from otolith.service.clock import VirtualClock, rfc3339
from otolith.service.guidance.aim import STATURE_MM
from otolith.service.guidance.delay import delay_of
from otolith.service.guidance.guidance import Guidance
from otolith.service.ids import Ids
from otolith.service.norms.file import norms
from otolith.service.norms.placing import placed
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig
from otolith.service.zero_check import drift_of

TURNS: Final = 3
"""Of the event loop after each batch, so that a zero that is complete is noticed."""


class Rehearsal:
    """A stage without a station: one simulated board, one person, nothing on disk.

    ``clock``: a course of many runs has one; ``block_s`` of samples come at a time.
    """

    def __init__(
        self,
        challenge: Challenge,
        moniker: Sim,
        person: Person,
        clock: VirtualClock | None = None,
        block_s: float = BLOCK_S,
        *,
        ids: Ids | None = None,
    ) -> None:
        self.events: list[SessionEvent] = []
        self.moments: list[Guidance] = []
        """Every guidance that was published."""
        self._challenge = challenge
        self._clock = clock or VirtualClock()
        self._began_ns = self._clock.monotonic_ns()
        self._ids = ids or Ids()
        self._weight = person.weight
        self._person = Standing(person, twin_cells(moniker))
        self._source = Paced(moniker, self._person, block_s)
        info = self._source.info
        self.board, self.rate = info.id, info.rate
        self._info = info
        self.delay = delay_of(info.latency, PipelineConfig(), info.rate)
        self._pipeline = Pipeline(info, info.calibration, PipelineConfig(), info.calibration.zero)
        self._zeroed = False
        self._setting = Setting(
            device=device_class(info.family, info.plates),
            rate_hz=info.rate,
            simulated=True,
            cells=info.cells,
            plates=info.plates,
            stature_mm=STATURE_MM,
        )

    async def play(self, run: Run) -> None:
        """Until the run is over."""
        while not run.over:
            batch = self._source.take()
            frame = self._pipeline(batch)
            await self._clock.advance((self._began_ns + self._source.t_ns - self._clock.monotonic_ns()) / 1e9)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            await run.feed(frame)

    def now(self) -> str:
        """RFC 3339, virtual."""
        return rfc3339(self._clock.now())

    def monotonic_ns(self) -> int:
        """Virtual."""
        return self._clock.monotonic_ns()

    def make_id(self) -> str:
        """A name for a record."""
        return self._ids.make(self._clock.now())

    async def take_zero(self, seconds: float) -> ZeroReading:
        """See ``Stage``."""
        before, first = self._pipeline.zero, not self._zeroed
        zero = await asyncio.wrap_future(self._pipeline.take_zero(seconds))
        self._zeroed = True
        if first:
            return ZeroReading(self.now(), zero.noise, None)
        drift = drift_of(self._info, self._info.calibration, before, zero.counts)
        return ZeroReading(self.now(), zero.noise, drift.force, drift.worst)

    async def begin_journal(self, plan: TrialPlan) -> str:
        """Nothing is written."""
        del plan
        return ""

    async def end_journal(self) -> None:
        """Nothing was written."""

    async def measure(self, plan: TrialPlan, samples: Samples, trial: Trial) -> Trial:
        """See ``Stage``."""
        del plan
        return measured(trial, samples, self._challenge.scoring, self._setting)

    async def keep(self, trial: Trial) -> None:
        """The run itself holds its trials."""

    async def conclude(
        self, trials: Sequence[Trial], zeros: Sequence[ZeroReading], ended: Phase, reason: str
    ) -> Mapping[str, object]:
        """See ``Stage``."""
        del ended, reason
        result = compared(score(self._challenge, trials, self._setting), self._challenge, ())
        found = await asyncio.to_thread(norms)
        return result_content(placed(result, self._challenge, found.norms, self._setting)) | zeros_content(zeros)

    async def guide(self, moment: Guidance) -> None:
        """Keep the moment."""
        self.moments.append(moment)

    async def tell(self, event: SessionEvent) -> None:
        """Keep the event, and let the person hear it."""
        self.events.append(event)
        if (request := asked(self._challenge, event, self._weight)) is not None:
            self._person.hear(self._source.t_ns / 1e9, request)
