"""Records one board: in segments for as long as it streams, or one journal on demand."""

import asyncio
from contextlib import ExitStack

import structlog

from otolith.drivers.replay.journal_head import JournalTare
from otolith.service.errors import ServiceError
from otolith.service.frame import Frame
from otolith.service.hub import Policy, Tap
from otolith.service.journal_file import JournalFile, Subject
from otolith.service.retention import retain
from otolith.service.shared import Shared
from otolith.service.state import RecordingMode, RecordingState
from otolith.service.store import RecordingRow

CAPACITY = 1024
"""Frames that may wait for the disk: eight seconds at 125 Hz, before the board has to wait."""
RETRY_NS = 5_000_000_000
"""After a full disk, how often to see whether there is room again."""

log = structlog.get_logger()


class Recording:
    """``begin`` before the first frame that matters; ``end`` writes what was published until then.

    A full disk is a fault of the station. Mode ``always`` lets frames go until there is room again, and says so;
    on demand, the recording ends there.
    """

    def __init__(self, shared: Shared, subject: Subject, mode: RecordingMode, by: str) -> None:
        self.mode = mode
        self.last: RecordingRow | None = None
        """The journal that was closed last."""
        self._shared = shared
        self._subject = subject
        self._by = by
        self._fault = f"recording {subject.info.id} {mode}"
        self._stack = ExitStack()
        self._tap: Tap[Frame] | None = None
        self._task: asyncio.Task[None] | None = None
        self._journal: JournalFile | None = None
        self._unwritten: list[JournalTare] = []
        self._segment_ns = 0
        self._retry_ns: int | None = None
        self._over = False

    @property
    def row(self) -> RecordingRow | None:
        """The open journal; None between journals, and after the end."""
        return self._journal.row if self._journal else None

    @property
    def state(self) -> RecordingState | None:
        """The journal being written, and how far it is acknowledged."""
        return self._journal.state if self._journal else None

    @property
    def ended(self) -> bool:
        """Nothing more will be written; the disk ended it."""
        return self._over or (self._task is not None and self._task.done())

    async def begin(self, seq: int) -> None:
        """Subscribe; on demand, open the journal too: its first sample is ``seq``. Raises OSError, StoreError."""
        name, board = f"journal {self._subject.info.id} {self.mode}", self._subject.info.id
        self._tap = self._stack.enter_context(
            self._shared.frames.tap(name, Policy.BLOCK, CAPACITY, accept=lambda frame: frame.board == board)
        )
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(self._tap, seq, opened), name=name)
        await asyncio.shield(opened)

    def tare(self, tare: JournalTare) -> None:
        """Note a zero; it is written before the next frame."""
        self._unwritten.append(tare)

    async def end(self, reason: str) -> RecordingRow | None:
        """Write what is queued and close; the last journal, or None where there never was one."""
        if self._tap is not None and self._task is not None:
            self._tap.close()
            await self._task
        await self._close(reason)
        self._stack.close()
        await self._shared.faults.clear(self._fault)
        return self.last

    async def _run(self, tap: Tap[Frame], seq: int, opened: asyncio.Future[None]) -> None:
        try:
            if self.mode == "on_demand":
                await self._open(seq)
            opened.set_result(None)
            async for frame in tap:
                if self._journal is not None:
                    await self._shared.scribe.beat()
                await self._write([frame, *tap.take_ready()])
                if self.mode == "on_demand" and self._journal is None:
                    await self._shared.tell("recording-stopped", self._subject.info.id, "the journal cannot be written")
                    return
        except Exception as error:  # neither the board nor its other recording may suffer
            if not opened.done():
                opened.set_exception(error)
                return
            log.exception("recording failed", board=self._subject.info.id)
            await self._fail(error)
        finally:
            tap.close(discard=True)

    async def _write(self, frames: list[Frame]) -> None:
        if self._retry_ns is not None and self._shared.clock.monotonic_ns() < self._retry_ns:
            return
        try:
            journal = self._journal or await self._open(frames[0].seq)
            tares, self._unwritten = self._unwritten, []
            self._segment_ns = self._segment_ns or int(frames[0].t[0])
            await journal.append(frames, tares)
        except (OSError, ServiceError) as error:
            await self._fail(error)
            return
        if self._retry_ns is not None:
            self._retry_ns = None
            await self._shared.faults.clear(self._fault)
        if self.mode == "always" and frames[-1].t[-1] - self._segment_ns >= self._segment_length_ns:
            await self._close("segment")
            await retain(self._shared)

    @property
    def _segment_length_ns(self) -> float:
        return self._shared.config.recording.segment_s * 1e9

    async def _open(self, seq: int) -> JournalFile:
        self._unwritten = self._subject.zeros.after(seq)
        self._segment_ns = 0
        self._journal = await JournalFile.open(self._shared, self._subject, self.mode, self._by, seq)
        return self._journal

    async def _fail(self, error: Exception) -> None:
        """Say what is wrong, close what there is, and try again later; on demand, that was it."""
        self._over = self.mode == "on_demand"
        self._retry_ns = self._shared.clock.monotonic_ns() + RETRY_NS
        text = (error.strerror if isinstance(error, OSError) else None) or str(error)
        log.warning("recording interrupted", board=self._subject.info.id, error=text)
        await self._shared.faults.raise_(self._fault, f"{self._subject.info.id} is not being recorded: {text}")
        await self._close("disk" if isinstance(error, OSError) else "failed")

    async def _close(self, reason: str) -> None:
        """Close the open journal, if there is one; an error of the disk or the catalogue is a fault, not an end."""
        journal, self._journal = self._journal, None
        if journal is None:
            return
        try:
            self.last = await journal.close(reason) or self.last
        except (OSError, ServiceError) as error:
            log.warning("journal not closed properly", recording=journal.row.id, error=str(error))
