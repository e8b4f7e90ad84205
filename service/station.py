"""One running service: its boards, their frames, its records."""

import asyncio
import re
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

import structlog

from otolith import __version__
from otolith.drivers.opening import open_board
from otolith.drivers.patient.asked import Asked
from otolith.service.calibrating.desk import Desk
from otolith.service.challenges.event import SessionEvent
from otolith.service.clock import Clock, SystemClock, rfc3339
from otolith.service.config import BoardConfig, Config, FusedConfig
from otolith.service.errors import RecordingRefused, ServiceError, TareRefused, UnknownBoard
from otolith.service.faults import Faults
from otolith.service.folder import claimed
from otolith.service.frame import Frame
from otolith.service.fused import SCHEME, FusedBoard, fused_or
from otolith.service.guidance.guidance import Guidance
from otolith.service.hub import Hub
from otolith.service.interrupted import close_interrupted
from otolith.service.outlook import Lookout, Outlook
from otolith.service.programs.event import ProgramEvent
from otolith.service.scribe import Scribe
from otolith.service.shared import Change, Opener, Shared
from otolith.service.state import BoardState, StationState, TareState
from otolith.service.store import RecordingRow, Store
from otolith.service.supervision import Supervisor
from otolith.service.zero_check import Drift, drift_of

T = TypeVar("T")
PULSE = 1.0
"""Seconds between two measurements of health."""

log = structlog.get_logger()


class Station:
    """Use it as a context manager; entering starts it, leaving ends it within two seconds. Once.

    ``lookout`` tells what is plugged in (``drivers.lookout.sightings_at``); without one, absent boards are looked for
    twice a second, and nobody knows of boards that are not configured.

    Entering raises StoreError where the folder or the records cannot be used. No board can make it fail.
    """

    frames: Hub[Frame]
    changes: Hub[Change]
    events: Hub[SessionEvent]
    """What runs of challenges say."""
    guidance: Hub[Guidance]
    """What screens draw while somebody follows a target; nobody may make it wait, so no BLOCK taps."""
    programs: Hub[ProgramEvent]
    """What programs ask and decide."""
    store: Store

    def __init__(
        self,
        config: Config,
        clock: Clock | None = None,
        *,
        opener: Opener = open_board,
        lookout: Lookout | None = None,
    ) -> None:
        self.config = config
        self.clock: Clock = clock or SystemClock()
        self.frames = Hub()
        self.changes = Hub()
        self.events = Hub()
        self.guidance = Hub()
        self.programs = Hub()
        self.store = Store(config.database or f"sqlite+aiosqlite:///{config.folder / 'otolith.db'}", self.clock)
        self._faults = Faults(self._publish)
        self._since = rfc3339(self.clock.now())
        self._ready = False
        open_any = fused_or(opener, config.fused, self._open_fused)
        scribe = Scribe()
        shared = Shared(config, self.clock, open_any, self.frames, self.changes, self.store, self._faults, scribe)
        self._shared = shared
        boards = [*config.boards, *(BoardConfig(moniker=SCHEME + one.id, name=one.name) for one in config.fused)]
        ids = provisional_ids([board.moniker for board in boards])
        self._supervisors = [Supervisor(board, i, shared) for board, i in zip(boards, ids, strict=True)]
        self._outlook = Outlook(self._supervisors, lookout) if lookout else None
        self.calibrations = Desk(shared, self._supervisor)
        self._stack = AsyncExitStack()
        self._run_task: asyncio.Task[None] | None = None
        self._commands: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(claimed(self.config.folder))
            await stack.enter_async_context(self.store)
            stack.callback(self._shared.scribe.close)
            interrupted = await self.store.recordings.open()
            self._recall(await self.store.boards.known())
            self._stack = stack.pop_all()
        self._ready = True
        self._run_task = asyncio.create_task(self._run(interrupted), name=f"station {self.config.station}")
        await self._publish()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ready = False
        if self._run_task is not None:
            self._run_task.cancel()
            await asyncio.wait([self._run_task])
        await asyncio.gather(*self._commands, return_exceptions=True)
        await self.calibrations.aclose()
        await self._publish()
        self.frames.close()
        self.changes.close()
        self.events.close()
        self.guidance.close()
        self.programs.close()
        await self._stack.aclose()

    async def _run(self, interrupted: tuple[RecordingRow, ...]) -> None:
        """Everything that happens without being asked for; ends by cancellation."""
        async with asyncio.TaskGroup() as group:
            for place, supervisor in enumerate(self._supervisors):
                name = f"board {supervisor.config.moniker}"
                group.create_task(self._guarded(name, supervisor.run()), name=name)
                pulse = f"pulse of {supervisor.config.moniker}"
                group.create_task(self._guarded(pulse, self._pulse(supervisor, place)), name=pulse)
            for name, watch in self._outlook.watches(self._publish) if self._outlook else ():
                group.create_task(self._guarded(name, watch), name=name)
            books = close_interrupted(self._shared, interrupted)
            group.create_task(self._guarded("interrupted recordings", books), name="interrupted recordings")

    def state(self) -> StationState:
        """The station as a whole, now."""
        seen = self._outlook.unconfigured() if self._outlook else ()
        return StationState(self.config.station, __version__, self._since, self._ready, self._faults.sentences, seen)

    def boards(self) -> list[BoardState]:
        """Every configured board, in the order of the configuration; those made of several come last."""
        return [supervisor.state() for supervisor in self._supervisors]

    def board(self, board_id: str) -> BoardState:
        """One board. Raises UnknownBoard."""
        return self._supervisor(board_id).state()

    def now(self) -> str:
        """RFC 3339."""
        return self._shared.now()

    async def tell(self, kind: str, board: str, message: str, by: str = "station") -> None:
        """Publish an event for people to read."""
        await self._shared.tell(kind, board, message, by)

    async def tare(self, board_id: str, by: str, seconds: float = 1.0) -> TareState:
        """Take the zero from the next ``seconds`` of samples. Raises UnknownBoard, TareRefused."""
        self._running(TareRefused)
        return await self._complete(self._supervisor(board_id).tare(by, seconds))

    def drift(self, board_id: str, before: tuple[float, ...], after: tuple[float, ...]) -> Drift:
        """Between two zeros of a board, in counts. Raises UnknownBoard, TareRefused while it does not stream."""
        subject = self._supervisor(board_id).connection(TareRefused).subject
        return drift_of(subject.info, subject.calibration, before, after)

    async def start_recording(self, board_id: str, by: str) -> RecordingRow:
        """Begin a journal on demand. Raises UnknownBoard, RecordingRefused."""
        self._running(RecordingRefused)
        return await self._complete(self._supervisor(board_id).start_recording(by))

    async def stop_recording(self, recording_id: str, by: str) -> RecordingRow:
        """End a journal begun on demand. Raises UnknownRecording, RecordingRefused."""
        self._running(RecordingRefused)
        row = await self.store.recordings.get(recording_id)
        for supervisor in self._supervisors:
            if (stopped := await self._complete(supervisor.stop_recording(recording_id, by))) is not None:
                return stopped
        raise RecordingRefused(f"{recording_id} has ended already, at {row.ended}: {row.end_reason}")

    def ask(self, board_id: str, asked: Asked) -> None:
        """Tell whoever stands on a simulated board what to do. Raises UnknownBoard."""
        self._supervisor(board_id).ask(asked)

    async def identify(self, board_id: str) -> None:
        """Make the board show itself. Raises UnknownBoard, IdentifyRefused."""
        await self._supervisor(board_id).identify()

    def _open_fused(self, config: FusedConfig) -> FusedBoard:
        by_moniker = {supervisor.config.moniker: supervisor for supervisor in self._supervisors}
        parts = {part.board: by_moniker[part.board] for part in config.parts}
        return FusedBoard(
            config, self.frames, self.changes, lambda: {name: part.standing() for name, part in parts.items()}
        )

    def _supervisor(self, board_id: str) -> Supervisor:
        for supervisor in self._supervisors:
            if supervisor.answers_to(board_id):
                return supervisor
        known = ", ".join(state.id for state in self.boards()) or "none"
        raise UnknownBoard(f"no board {board_id!r} at this station; it has: {known}")

    def _recall(self, known: dict[str, str]) -> None:
        """Give each board the id that it had when it was last here; one id to one board."""
        for supervisor in self._supervisors:
            board_id = known.get(supervisor.config.moniker)
            if board_id is not None and board_id not in {state.id for state in self.boards()}:
                supervisor.expect(board_id)

    def _running(self, refusal: type[ServiceError]) -> None:
        if not self._ready:
            raise refusal("the station is not running")

    async def _complete(self, command: Coroutine[Any, Any, T]) -> T:
        """Run a command to its end even if whoever asked for it goes away: no zero without its record."""
        task = asyncio.create_task(command, name="command")
        self._commands.add(task)
        task.add_done_callback(self._done)
        return await asyncio.shield(task)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._commands.discard(task)
        if not task.cancelled():
            task.exception()  # seen, even if nobody waits for it any more

    async def _guarded(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:  # a task of ours may die; the station stays up and says so
            await self._faults.raise_(name, f"{name} has stopped: {type(error).__name__}: {error}")
            log.exception("task failed", task=name)

    async def _pulse(self, supervisor: Supervisor, place: int) -> None:
        await self.clock.sleep(PULSE * place / len(self._supervisors))  # one after the other: a dozen is a long breath
        while True:
            await self.clock.sleep(PULSE)
            await supervisor.pulse()

    async def _publish(self) -> None:
        await self.changes.publish(self.state())


def provisional_ids(monikers: list[str]) -> list[str]:
    """Ids for boards that have not answered yet: their monikers in ``[a-z0-9-]``, told apart where they coincide."""
    ids: list[str] = []
    for moniker in monikers:
        slug = re.sub(r"[^a-z0-9]+", "-", moniker.lower()).strip("-")[:48] or "board"
        same = sum(taken == slug or taken.startswith(f"{slug}--") for taken in ids)
        ids.append(f"{slug}--{same + 1}" if same else slug)
    return ids
