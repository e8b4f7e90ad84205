"""A procedure of one board of a running station: fed from its hub, written to its diary."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Literal

from otolith.drivers.board import BoardInfo
from otolith.service.calibrating.diary import Diary
from otolith.service.calibrating.plan import Plan
from otolith.service.calibrating.procedure import Action, Phase, Procedure, ProcedureState
from otolith.service.calibrating.reading import Pace
from otolith.service.errors import CalibrationRefused
from otolith.service.frame import Frame
from otolith.service.hub import Hub, Policy
from otolith.service.journal_file import Subject
from otolith.service.shared import Shared

_NOTED: dict[Action, Literal["accept", "skip", "redo"]] = {
    Action.ACCEPT: "accept",
    Action.SKIP: "skip",
    Action.REDO: "redo",
}
CAPACITY = 4096
"""Frames; a reader so late sees a gap, and measures afresh."""


class Running:
    """Made by :meth:`begin` or :meth:`resume`; ends with :meth:`aclose`, its diary stays until :meth:`forget`."""

    def __init__(self, procedure: Procedure, info: BoardInfo, diary: Diary, shared: Shared) -> None:
        self.procedure = procedure
        self.info = info
        self.moved = asyncio.Event()
        """Set at each change of phase; whoever waits clears it."""
        self._diary = diary
        self._shared = shared
        self._acting = asyncio.Lock()
        self._since = 0
        """Nanoseconds: samples from before somebody said that the weights stand do not count."""
        self._task = asyncio.create_task(self._feed(shared.frames), name=f"calibration of {info.id}")

    @classmethod
    async def begin(
        cls, shared: Shared, subject: Subject, plan: Plan, *, pace: Pace, folder: Path, by: str
    ) -> "Running":
        """A new one. Raises CalibrationRefused where nothing can be written."""
        diary, info = Diary(folder), subject.info
        try:
            await asyncio.to_thread(diary.begin, info, subject.calibration.source, plan, by, shared.now())
        except OSError as error:
            raise CalibrationRefused(f"{diary.path} cannot be written: {error.strerror or error}") from error
        return cls(Procedure(plan, info, subject.calibration, pace), info, diary, shared)

    @classmethod
    async def resume(cls, shared: Shared, subject: Subject, *, pace: Pace, folder: Path) -> "Running":
        """The one that was under way when the station ended. Raises CalibrationRefused."""
        diary, info = Diary(folder), subject.info
        plan = await asyncio.to_thread(diary.plan, info, subject.calibration.source)
        procedure = Procedure(plan, info, subject.calibration, pace)
        await asyncio.to_thread(diary.replay, procedure)
        procedure.resume()
        await asyncio.to_thread(diary.note, "resume", shared.now())
        return cls(procedure, info, diary, shared)

    def state(self) -> ProcedureState:
        """As it is now."""
        return self.procedure.state()

    async def act(self, action: Action) -> ProcedureState:
        """Do as told; what is accepted is on disk before this returns. Raises CalibrationRefused."""
        async with self._acting:
            now, before = self._shared.now(), self.procedure.phase
            if action is Action.MEASURE:
                self._since = self._shared.clock.monotonic_ns()
            self.procedure.act(action, now)
            if (what := _NOTED.get(action)) is not None and not (what == "redo" and before is not Phase.PLACE):
                await self._note(what, now)
            self.moved.set()
            return self.state()

    async def forget(self) -> None:
        """It is over for good: the diary goes too."""
        await self.aclose()
        await asyncio.to_thread(self._diary.end)

    async def aclose(self) -> None:
        """Take no more samples."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _note(self, what: Literal["accept", "skip", "redo"], now: str) -> None:
        try:
            kept = self.procedure.observations[-1].reading if what == "accept" else None
            await asyncio.to_thread(self._diary.note, what, now, kept)
        except OSError as error:
            raise CalibrationRefused(f"the diary cannot be written: {error.strerror or error}") from error

    async def _feed(self, frames: Hub[Frame]) -> None:
        with frames.tap(f"calibration {self.info.id}", Policy.OLDEST, CAPACITY, self._mine) as tap:
            expected = -1
            async for frame in tap:
                before = self.procedure.phase
                gap = frame.seq != expected
                if len(frame) and frame.t[0] >= self._since:
                    self.procedure.feed(replace(frame, missed=1) if gap and not frame.missed else frame)
                expected = frame.seq + len(frame)
                if self.procedure.phase is not before:
                    self.moved.set()
                if before in (Phase.DONE, Phase.STOPPED):
                    return

    def _mine(self, frame: Frame) -> bool:
        return frame.board == self.info.id
