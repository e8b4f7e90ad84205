"""The stage that a running station is: its board, its clock, its records, its hub."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from otolith.drivers.board import Cell
from otolith.service.baseline import compared, earlier_runs
from otolith.service.challenges.agenda import TrialPlan
from otolith.service.challenges.asking import asked
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.measuring import measured
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.records import result_content, trial_row, zeros_content
from otolith.service.challenges.scoring import Result, score
from otolith.service.challenges.setting import Setting, device_class
from otolith.service.challenges.stage import ZeroReading
from otolith.service.challenges.trial import Samples, Trial
from otolith.service.clock import rfc3339
from otolith.service.errors import RecordingRefused, UnknownPerson
from otolith.service.guidance.delay import delay_of
from otolith.service.guidance.guidance import Guidance
from otolith.service.norms.file import norms
from otolith.service.norms.placing import placed
from otolith.service.station import Station
from otolith.service.store import PersonRow, RunRow

WEIGHT_N = 700.0
"""Of the simulated people; it scales what they are asked to push, and nothing that is measured."""


class OnStation:
    """One run's stage. ``rate`` is the board's when the run began."""

    def __init__(self, station: Station, board: str, run: RunRow, challenge: Challenge) -> None:
        self.board = board
        state = station.board(board)
        self.rate = state.rate_nominal
        self.delay = delay_of(state.latency_s, station.config.pipeline, self.rate)
        self.row = run
        self.latest: SessionEvent | None = None
        """The newest event of a phase: where the run is, for whoever joins."""
        self._station = station
        self._challenge = challenge
        self._zero: tuple[float, ...] = ()
        self._journal: str | None = None

    def now(self) -> str:
        """RFC 3339."""
        return rfc3339(self._station.clock.now())

    def monotonic_ns(self) -> int:
        """The station's."""
        return self._station.clock.monotonic_ns()

    def make_id(self) -> str:
        """A name for a record."""
        return self._station.store.ids.make(self._station.clock.now())

    async def take_zero(self, seconds: float) -> ZeroReading:
        """See ``Stage``; the zero is the station's from now on."""
        tare = await self._station.tare(self.board, self.row.by, seconds)
        before, self._zero = self._zero, tare.zero
        drift = self._station.drift(self.board, before, tare.zero) if before else None
        return ZeroReading(tare.at, tare.noise_n, drift.force if drift else None, drift.worst if drift else None)

    async def begin_journal(self, plan: TrialPlan) -> str:
        """A journal on demand; where somebody else records this board already, that one holds the trial."""
        del plan
        try:
            self._journal = (await self._station.start_recording(self.board, f"run {self.row.id}")).id
        except RecordingRefused:
            recording = self._station.board(self.board).recording
            return recording.id if recording else ""
        return self._journal

    async def end_journal(self) -> None:
        """Close what :meth:`begin_journal` opened; a board that went away has closed it already."""
        journal, self._journal = self._journal, None
        if journal is None:
            return
        try:
            await self._station.stop_recording(journal, f"run {self.row.id}")
        except RecordingRefused:
            return

    async def measure(self, plan: TrialPlan, samples: Samples, trial: Trial) -> Trial:
        """See ``Stage``; computed in a thread."""
        del plan
        return await asyncio.to_thread(measured, trial, samples, self._challenge.scoring, await self._setting())

    async def keep(self, trial: Trial) -> None:
        """Into the records; its samples are in the journal."""
        await self._station.store.sessions.put(trial_row(trial, self.row.id))

    async def conclude(
        self, trials: Sequence[Trial], zeros: Sequence[ZeroReading], ended: Phase, reason: str
    ) -> Mapping[str, object]:
        """See ``Stage``."""
        result = result_content(await self._scored(trials)) | zeros_content(zeros)
        self.row = replace(self.row, ended=self.now(), end=str(ended), reason=reason, result=result)
        await self._station.store.sessions.put(self.row)
        await self._station.store.audit.append(
            by=self.row.by, action=f"challenge-{ended}", subject=self.row.id, detail=self.row.challenge
        )
        return result

    async def _scored(self, trials: Sequence[Trial]) -> Result:
        """With the person's own baseline first, then other people."""
        setting, person = await self._setting(), await self._person()
        earlier = await earlier_runs(self._station.store, person.id if person else None, self.row)
        found = await asyncio.to_thread(norms, Path(self._station.config.folder))
        result = compared(score(self._challenge, trials, setting), self._challenge, earlier)
        return placed(result, self._challenge, found.norms, setting)

    async def _setting(self) -> Setting:
        """Who stands on what, as the records have it now."""
        state = self._station.board(self.board)
        person = await self._person()
        return Setting(
            device=device_class(state.family, state.plates),
            rate_hz=self.rate,
            simulated=state.simulated,
            cells=tuple(Cell("", x, y) for x, y in zip(state.cells_x, state.cells_y, strict=True)),
            plates=state.plates,
            stature_mm=person.height_mm if person else None,
            age=person.age(self._station.clock.now()) if person else None,
        )

    async def _person(self) -> PersonRow | None:
        """None where nobody is named, or whoever it was has been forgotten."""
        visit = await self._station.store.sessions.session(self.row.session)
        if visit.person is None:
            return None
        try:
            return await self._station.store.people.get(visit.person)
        except UnknownPerson:
            return None

    def _let_hear(self, event: SessionEvent) -> None:
        """A simulated person does what is said, as far as they are able."""
        request = asked(self._challenge, event, WEIGHT_N)
        if request is not None and self._station.board(self.board).simulated:
            self._station.ask(self.board, request)

    async def guide(self, moment: Guidance) -> None:
        """On its own hub: it is much, and it ages within milliseconds."""
        await self._station.guidance.publish(moment)

    async def tell(self, event: SessionEvent) -> None:
        """On the hub."""
        if event.kind == "phase":
            self.latest = event
            self._let_hear(event)
        await self._station.events.publish(event)
