"""Where calibrations are asked for: what there is, a procedure, a file to take into use."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from otolith.drivers.board import Board, BoardInfo
from otolith.service.calibrating.age import calibrated
from otolith.service.calibrating.content import ConditionsTable, Content
from otolith.service.calibrating.diary import Diary
from otolith.service.calibrating.evaluation import evaluate
from otolith.service.calibrating.file import read_content, refuse_foreign
from otolith.service.calibrating.plan import Plan, check_plan
from otolith.service.calibrating.procedure import Action, Phase, ProcedureState
from otolith.service.calibrating.reading import Pace
from otolith.service.calibrating.record import content_of
from otolith.service.calibrating.report import Report, report_of
from otolith.service.calibrating.running import Running
from otolith.service.calibrating.shelf import Shelf
from otolith.service.calibrating.verification import Verification, verify
from otolith.service.connection import Connection
from otolith.service.errors import CalibrationError, CalibrationRefused, ServiceError
from otolith.service.shared import Shared
from otolith.service.state import BoardState, CalibrationState


class Supervised(Protocol):
    """What the desk needs of a board's supervisor."""

    def state(self) -> BoardState:
        """As it is."""
        ...

    def connection(self, refusal: type[ServiceError]) -> Connection:
        """The open board."""
        ...

    def renew(self) -> None:
        """Connect again."""
        ...


@dataclass(frozen=True, slots=True)
class CalibrationView:
    """A board's calibration now, and those before."""

    board: str
    source: str
    """Of the calibration in use: ``nominal``, ``factory``, ``file:…``; empty before the board first answered."""
    current: CalibrationState | None
    history: tuple[CalibrationState, ...]
    """Kept files, newest first; those that cannot be read are left out."""
    resumable: bool
    """A procedure was under way when the station ended."""


class Desk:
    """One for a station; ``board`` finds a supervisor by id, or raises UnknownBoard."""

    def __init__(self, shared: Shared, board: Callable[[str], Supervised]) -> None:
        self._shared = shared
        self._board = board
        self._shelf = Shelf(shared.config.calibrations)
        self._running: dict[str, Running] = {}

    async def aclose(self) -> None:
        """The station ends: diaries stay."""
        for running in self._running.values():
            await running.aclose()
        self._running.clear()

    async def view(self, board_id: str) -> CalibrationView:
        """What there is. Raises UnknownBoard."""
        state = self._board(board_id).state()
        kept = await asyncio.to_thread(self._kept, state.id)
        history = [found for content in reversed(kept) if (found := calibrated(content, self._shared))]
        under_way = await asyncio.to_thread(lambda: Diary(self._shelf.folder(state.id)).exists)
        resumable = under_way and state.id not in self._running
        return CalibrationView(state.id, state.calibration, state.calibrated, tuple(history), resumable)

    async def content(self, board_id: str) -> Content:
        """The file in use. Raises UnknownBoard, CalibrationRefused where there is none."""
        content = self._board(board_id).connection(CalibrationRefused).content
        if content is None:
            raise CalibrationRefused(f"{board_id} uses its own calibration; there is no file")
        return content

    async def put(self, board_id: str, content: Content, by: str) -> CalibrationState:
        """Keep a file of this board and take it into use. Raises UnknownBoard, CalibrationError, CalibrationRefused."""
        supervisor = self._board(board_id)
        self._refuse_busy(supervisor)
        return await self._store(supervisor, content, by)

    async def _store(self, supervisor: Supervised, content: Content, by: str) -> CalibrationState:
        info = supervisor.connection(CalibrationRefused).board.info
        refuse_foreign("the file", content, info)
        kept = await asyncio.to_thread(self._shelf.add, info.id, content)
        await self._shared.store.audit.append(by=by, action="calibration", subject=info.id, detail=kept.hash)
        await self._shared.tell("calibrated", info.id, f"calibration {kept.version} is in use", by)
        supervisor.renew()
        found = calibrated(kept, self._shared)
        assert found is not None  # noqa: S101 - it was given one
        return found

    async def begin(self, board_id: str, plan: Callable[[BoardInfo], Plan], by: str) -> ProcedureState:
        """Start a procedure of ``plan(info)``. Raises UnknownBoard, CalibrationError, CalibrationRefused."""
        supervisor = self._board(board_id)
        connection = supervisor.connection(CalibrationRefused)
        info = connection.board.info
        self._refuse_busy(supervisor)
        made = plan(info)
        check_plan(made, info)
        folder = self._shelf.folder(info.id)
        running = await Running.begin(self._shared, connection.subject, made, pace=self._pace(), folder=folder, by=by)
        self._running[info.id] = running
        await self._shared.store.audit.append(by=by, action="calibration-begun", subject=info.id)
        return running.state()

    async def resume(self, board_id: str) -> ProcedureState:
        """Go on with the one that the end of the station interrupted. Raises UnknownBoard, CalibrationRefused."""
        supervisor = self._board(board_id)
        connection = supervisor.connection(CalibrationRefused)
        info = connection.board.info
        self._refuse_busy(supervisor)
        folder = self._shelf.folder(info.id)
        running = await Running.resume(self._shared, connection.subject, pace=self._pace(), folder=folder)
        self._running[info.id] = running
        return running.state()

    def device(self, board_id: str) -> Board:
        """The open board itself. Raises UnknownBoard, CalibrationRefused."""
        return self._board(board_id).connection(CalibrationRefused).board

    def plan(self, board_id: str) -> Plan:
        """Of the procedure. Raises as :meth:`state`."""
        return self._procedure(board_id).procedure.plan

    def state(self, board_id: str) -> ProcedureState:
        """Of the procedure. Raises UnknownBoard, CalibrationRefused where none is under way."""
        return self._procedure(board_id).state()

    async def changed(self, board_id: str) -> ProcedureState:
        """The state after the next change of phase. Raises UnknownBoard, CalibrationRefused."""
        running = self._procedure(board_id)
        await running.moved.wait()
        running.moved.clear()
        return running.state()

    async def act(self, board_id: str, action: Action) -> ProcedureState:
        """Tell the procedure what to do. Raises UnknownBoard, CalibrationRefused."""
        running = self._procedure(board_id)
        state = await running.act(action)
        if state.phase is Phase.STOPPED:
            await self._forget(running)
        return state

    async def evaluate(self, board_id: str, conditions: ConditionsTable) -> Report:
        """What the readings so far amount to; nothing is kept. Raises as :meth:`keep`."""
        report, _ = await asyncio.to_thread(self._evaluated, self._procedure(board_id), conditions)
        return report

    def verify(self, board_id: str) -> Verification:
        """The calibration in use against the readings so far. Raises as :meth:`evaluate`."""
        running = self._procedure(board_id)
        connection = self._board(board_id).connection(CalibrationRefused)
        stated = connection.content.uncertainty if connection.content else None
        procedure = running.procedure
        return verify(running.info, connection.subject.calibration, stated, procedure.plan, procedure.observations)

    async def keep(self, board_id: str, conditions: ConditionsTable, by: str) -> Report:
        """Make the readings the board's calibration and take it into use; the procedure is over.

        Raises UnknownBoard, CalibrationError, CalibrationRefused.
        """
        running = self._procedure(board_id)
        if running.procedure.phase is not Phase.DONE:
            raise CalibrationRefused("the procedure is not at its end: measure or skip the steps that are left")
        self._refuse_recorded(self._board(board_id))
        dated = conditions.model_copy(update={"date": self._shared.now(), "by": by})
        report, content = await asyncio.to_thread(self._evaluated, running, dated)
        kept = await self._store(self._board(board_id), content, by)
        await self._forget(running)
        return replace(report, version=kept.version, hash=kept.hash)

    async def discard(self, board_id: str) -> None:
        """End the procedure, or one that was interrupted; nothing is kept. Raises UnknownBoard."""
        info_id = self._board(board_id).state().id
        running = self._running.get(info_id)
        if running is not None:
            await self._forget(running)
        else:
            await asyncio.to_thread(Diary(self._shelf.folder(info_id)).end)

    def _evaluated(self, running: Running, conditions: ConditionsTable) -> tuple[Report, Content]:
        procedure, info = running.procedure, running.info
        if not procedure.observations:
            raise CalibrationError("nothing is measured yet")
        found = evaluate(info, procedure.plan, procedure.observations)
        content = content_of(info, procedure.plan, procedure.observations, found, conditions)
        return report_of(info, procedure.plan, procedure.observations, found, content), content

    async def _forget(self, running: Running) -> None:
        self._running.pop(running.info.id, None)
        await running.forget()

    def _procedure(self, board_id: str) -> Running:
        running = self._running.get(self._board(board_id).state().id)
        if running is None:
            raise CalibrationRefused(f"no calibration of {board_id} is under way")
        return running

    def _refuse_busy(self, supervisor: Supervised) -> None:
        state = supervisor.state()
        if state.id in self._running:
            raise CalibrationRefused(f"a calibration of {state.id} is under way already: finish or stop it first")
        self._refuse_recorded(supervisor)

    def _refuse_recorded(self, supervisor: Supervised) -> None:
        recording = supervisor.state().recording
        if recording is not None and recording.mode == "on_demand":
            raise CalibrationRefused(f"{supervisor.state().id} is being recorded: stop recording {recording.id} first")

    def _pace(self) -> Pace:
        config = self._shared.config.calibration
        return Pace(config.settle_s, config.average_s, config.noise_n)

    def _kept(self, board: str) -> list[Content]:
        found = []
        for stored in self._shelf.stored(board):
            try:
                found.append(read_content(stored.path))
            except CalibrationError:
                continue
        return found
