"""Sessions at a station: who is here, which challenge runs on which board, and what the operators press."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import structlog

from otolith.service.challenges.catalogue import Catalogue, catalogue, fast_enough, runnable
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import LANGUAGES, Language
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.on_station import OnStation
from otolith.service.challenges.phases import Trigger
from otolith.service.challenges.records import trial_of
from otolith.service.challenges.run import Run
from otolith.service.challenges.trial import Trial
from otolith.service.challenges.voice import RunName
from otolith.service.errors import ChallengeRefused, TriggerRefused, UnknownPerson, UnknownRun
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase, BoardState
from otolith.service.station import Station
from otolith.service.store import RunRow, SessionRow

CAPACITY = 256
"""Frames that may wait for a run that is measuring."""

Owed = Callable[[str], Awaitable[str]]
"""Of a run: what has to be done before anybody makes ready for its next trial; empty where nothing has."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class RunState:
    """A run that is going on."""

    row: RunRow
    board: str
    latest: SessionEvent | None
    """Of its newest phase."""


@dataclass(slots=True)
class _Running:
    run: Run
    stage: OnStation
    task: asyncio.Task[None]


class Conductor:
    """Use it as a context manager around a running station; leaving lets every run go, to be taken up again."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._running: dict[str, _Running] = {}
        self.owed: Owed | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def catalogue(self) -> Catalogue:
        """What can be run here, with the clinic's own."""
        return await asyncio.to_thread(catalogue, Path(self._station.config.folder))

    def runs(self) -> list[RunState]:
        """Those going on now."""
        return [RunState(one.stage.row, one.stage.board, one.stage.latest) for one in self._running.values()]

    async def open(
        self,
        board: str,
        by: str,
        *,
        person: str | None = None,
        language: Language = "en",
        circumstances: Mapping[str, Any] | None = None,
    ) -> SessionRow:
        """Begin a visit. Raises UnknownBoard, UnknownPerson, StoreError."""
        board = self._station.board(board).id
        if person is not None:
            await self._station.store.people.get(person)
        row = SessionRow(
            id=self._station.store.ids.make(self._station.clock.now()),
            person=person,
            board=board,
            by=by,
            started=self._station.now(),
            language=language,
            circumstances=dict(circumstances or {}),
        )
        await self._station.store.sessions.put(row)
        await self._station.store.audit.append(by=by, action="session-open", subject=row.id, detail=person or "")
        return row

    async def end(self, session: str, by: str) -> SessionRow:
        """Close a visit. Raises UnknownSession, ChallengeRefused while a challenge of it runs."""
        row = await self._station.store.sessions.session(session)
        if any(one.stage.row.session == session for one in self._running.values()):
            raise ChallengeRefused("a challenge of this session is still running: finish or stop it first")
        row = replace(row, ended=row.ended or self._station.now())
        await self._station.store.sessions.put(row)
        await self._station.store.audit.append(by=by, action="session-end", subject=session)
        return row

    async def start(
        self, session: str, challenge: str, by: str, *, variant: str | None = None, automatic: bool = False
    ) -> RunRow:
        """Begin a challenge. Raises UnknownSession, UnknownChallenge, ChallengeRefused, StoreError."""
        whole = (await self.catalogue()).challenge(challenge, variant)
        return await self.begin(session, whole, by, automatic=automatic)

    async def begin(self, session: str, whole: Challenge, by: str, *, automatic: bool = False) -> RunRow:
        """Begin a challenge that is in no catalogue. Raises UnknownSession, ChallengeRefused, StoreError."""
        visit = await self._station.store.sessions.session(session)
        chosen = runnable(whole)
        stature = await self._stature(visit)
        self._refuse(visit)
        fast_enough(chosen, self._station.board(visit.board).rate_nominal)
        row = RunRow(
            id=self._station.store.ids.make(self._station.clock.now()),
            session=session,
            challenge=whole.id,
            definition=whole.model_dump(mode="json"),
            by=by,
            started=self._station.now(),
        )
        running = self._begin(visit, row, chosen, (), automatic=automatic, stature_mm=stature)
        try:
            await self._station.store.sessions.put(row)
        except BaseException:
            running.task.cancel()
            raise
        return row

    async def resume(self, run: str, by: str, *, automatic: bool = False) -> RunRow:
        """Take up a run that a power cut or a crash interrupted, with the first trial that is missing.

        Raises UnknownRun, ChallengeRefused, StoreError.
        """
        row = await self._station.store.sessions.run(run)
        if row.ended is not None:
            raise ChallengeRefused(f"the run has ended already, at {row.ended}: {row.end}")
        visit = await self._station.store.sessions.session(row.session)
        self._refuse(visit)
        chosen = runnable(Challenge.model_validate(row.definition))
        stature = await self._stature(visit)
        done = [trial_of(trial, chosen) for trial in await self._station.store.sessions.trials(run)]
        self._refuse(visit)  # again: somebody may have been faster while the records were read
        self._begin(visit, row, chosen, done, automatic=automatic, stature_mm=stature)
        await self._station.store.audit.append(by=by, action="challenge-resumed", subject=run)
        return row

    async def interrupted(self) -> tuple[RunRow, ...]:
        """Runs that were begun and never ended, and do not go on."""
        found = await self._station.store.sessions.open_runs()
        return tuple(row for row in found if row.id not in self._running)

    async def press(
        self, run: str, trigger: Trigger, by: str, *, seq: int | None = None, reason: str = ""
    ) -> SessionEvent | None:
        """What an operator decides. ``seq`` of the event they saw last refuses what was meant for another moment.

        READY is refused while something is ``owed``, such as an answer.

        Raises UnknownRun, TriggerRefused.
        """
        running = self._one(run)
        latest = running.stage.latest
        if seq is not None and latest is not None and trigger is not Trigger.STOP and seq < latest.seq:
            raise TriggerRefused(f"the run has moved on: it is {latest.phase} now; look, and press again")
        if seq is not None and trigger is not Trigger.STOP and seq > running.run.seq:
            raise TriggerRefused("the run was taken up again since: look, and press again")
        if trigger is Trigger.READY and self.owed is not None and (first := await self.owed(run)):
            raise TriggerRefused(first)
        await running.run.press(trigger, by, reason)
        if running.run.over:
            running.task.cancel()  # it may be waiting for a board that is away
        return running.stage.latest

    async def note(self, run: str, text: str, by: str) -> None:
        """Annotate. Raises UnknownRun."""
        await self._one(run).run.note(text, by)

    async def error(self, run: str, by: str) -> int:
        """Key an error. Raises UnknownRun, TriggerRefused."""
        return await self._one(run).run.error(by)

    async def key(self, run: str, name: str, value: float, by: str) -> Trial | None:
        """Key a value of a trial, such as a reach in mm: see ``Run.key``. Raises UnknownRun, TriggerRefused."""
        return await self._one(run).run.key(name, value, by)

    def _one(self, run: str) -> _Running:
        found = self._running.get(run)
        if found is None:
            raise UnknownRun(f"no run {run!r} is going on; going on: {', '.join(self._running) or 'none'}")
        return found

    def _refuse(self, visit: SessionRow) -> None:
        """Why a challenge cannot begin on this board now."""
        if visit.ended is not None:
            raise ChallengeRefused(f"the session has ended already, at {visit.ended}")
        other = next((one for one in self._running.values() if one.stage.board == visit.board), None)
        if other is not None:
            raise ChallengeRefused(
                f"{other.stage.row.by} is running {other.stage.row.challenge} on {visit.board} already: "
                "finish or stop that first"
            )
        state = self._station.board(visit.board)
        if state.phase is not BoardPhase.STREAMING:
            raise ChallengeRefused(f"{visit.board} is not streaming: {state.reason}")
        if not state.has_cop:
            raise ChallengeRefused(f"{visit.board} measures force only: challenges need a centre of pressure")

    def _begin(
        self,
        visit: SessionRow,
        row: RunRow,
        chosen: Challenge,
        done: Sequence[Trial],
        *,
        automatic: bool,
        stature_mm: float | None,
    ) -> _Running:
        stage = OnStation(self._station, visit.board, row, chosen)
        language: Language = next((one for one in LANGUAGES if one == visit.language), "en")
        run = Run(
            RunName(visit.id, row.id),
            chosen,
            stage,
            language=language,
            automatic=automatic,
            done=done,
            stature_mm=stature_mm,
        )
        task = asyncio.create_task(self._drive(run, stage), name=f"run {row.id}")
        running = self._running[row.id] = _Running(run, stage, task)
        task.add_done_callback(lambda _: self._running.pop(row.id, None))
        return running

    async def _stature(self, visit: SessionRow) -> float | None:
        """Of the person, where it is known; who was forgotten has none."""
        if visit.person is None:
            return None
        try:
            return (await self._station.store.people.get(visit.person)).height_mm
        except UnknownPerson:
            return None

    async def _drive(self, run: Run, stage: OnStation) -> None:
        """Every frame of the board to the run, until it is over."""
        name = f"run {run.name.run}"
        frames = self._station.frames.tap(name, Policy.BLOCK, CAPACITY, accept=lambda frame: frame.board == stage.board)
        try:
            with frames as tap:
                async with asyncio.TaskGroup() as group:
                    watch = group.create_task(self._watch(run, stage), name=f"board of {name}")
                    async for frame in tap:
                        await run.feed(frame)
                        if run.over:
                            break
                    watch.cancel()
        except Exception:
            log.exception("run crashed", run=run.name.run)
            await self._station.tell("run-crashed", stage.board, "a challenge crashed; it can be taken up again")
        finally:
            run.close()
            await stage.end_journal()

    async def _watch(self, run: Run, stage: OnStation) -> None:
        """Tell the run when its board goes away; a run that is over lets the frames end."""
        with self._station.changes.tap(f"board of {run.name.run}", Policy.OLDEST, CAPACITY) as changes:
            away = False
            async for change in changes:
                if not isinstance(change, BoardState) or change.id != stage.board:
                    continue
                if change.phase is BoardPhase.STREAMING:
                    away = False
                elif not away:
                    away = True
                    await run.away(change.reason or f"the board is {change.phase}")
