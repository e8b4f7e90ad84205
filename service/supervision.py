"""Keeps one board open: connects, streams, says what is wrong, and tries again."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace

import structlog

from otolith.drivers.board import Board
from otolith.drivers.errors import DriverError
from otolith.drivers.patient.asked import Asked
from otolith.drivers.replay.journal_head import JournalTare
from otolith.drivers.sim import SimBoard
from otolith.service.backoff import Backoff
from otolith.service.bearing import bearing
from otolith.service.calibrating.age import calibrated
from otolith.service.connection import Connection, connect
from otolith.service.errors import IdentifyRefused, RecordingRefused, ServiceError, TareRefused
from otolith.service.fused import Standing
from otolith.service.health import HealthMeter
from otolith.service.outcomes import DEFECT, LATER, SOON, WATCHED, Outcome, judge
from otolith.service.recorder import Recording
from otolith.service.sections import BoardConfig
from otolith.service.shared import Shared
from otolith.service.state import BoardPhase, BoardState, RecordingMode, TareState
from otolith.service.store import RecordingRow, TareRow

STEADY_NS = 2_000_000_000
"""A connection that held for this long ends the back-off; a flapping board stays in it."""

log = structlog.get_logger()


class Supervisor:
    """One board of the configuration. ``run`` ends with its cancellation, or where no attempt can ever succeed."""

    def __init__(self, config: BoardConfig, provisional: str, shared: Shared) -> None:
        self.config = config
        self._shared = shared
        self._state = BoardState(
            provisional,
            config.moniker,
            BoardPhase.CONNECTING,
            "waiting for its first answer",
            shared.now(),
            config.name,
        )
        self._provisional = provisional
        self.watched = False
        """Somebody wakes it when its board comes back, so that it need not look often."""
        self._backoff = Backoff()
        self._meter = HealthMeter()
        self._connection: Connection | None = None
        self._recordings: dict[RecordingMode, Recording] = {}
        self._seen = asyncio.Event()
        self._stale = False

    def expect(self, board_id: str) -> None:
        """Go by the id that the board had when it was last here."""
        self._state = replace(self._state, id=board_id)

    def answers_to(self, board_id: str) -> bool:
        """Whether this is the board of that id; the id it had before its first answer holds too."""
        return board_id in (self._state.id, self._provisional)

    def standing(self) -> Standing:
        """What a board that this one is a part of needs to know."""
        connected = self._connection is not None and self._state.phase is BoardPhase.STREAMING
        return Standing(self._connection.subject.info if self._connection and connected else None, self._state.reason)

    def state(self) -> BoardState:
        """All that a screen shows."""
        recording = self._recordings.get("on_demand") or self._recordings.get("always")
        return replace(self._state, recording=recording.state if recording else None)

    async def run(self) -> None:
        """Attempt for ever."""
        while (cap := await self._attempt()) is not None:
            await self._pause(self._backoff.next(cap))

    def wake(self) -> None:
        """The board was seen: try at once, or right after the attempt under way."""
        self._backoff.reset()
        self._seen.set()

    async def pulse(self) -> None:
        """Measure the health and publish the state; once a second."""
        if self._connection is None:
            return
        connection, jumps = self._connection, self._jumps()
        self._measure(connection)
        self._state = replace(self._state, calibrated=calibrated(connection.content, self._shared))
        if self._jumps() > jumps:
            message = "its clock or its count jumped; the times of its samples begin anew"
            await self._shared.tell("clock-jumped", self._state.id, message)
        await self._publish()
        await self._tell_asides(connection)

    def connection(self, refusal: type[ServiceError]) -> Connection:
        """The open board. Raises ``refusal`` while it does not stream."""
        return self._connected(refusal)

    def renew(self) -> None:
        """Connect again with the next sample, with the calibration that is newest then."""
        self._stale = self._connection is not None

    async def tare(self, by: str, seconds: float) -> TareState:
        """Take the zero, keep it, use it. Raises TareRefused, StoreError."""
        connection = self._connected(TareRefused)
        zero = await asyncio.wrap_future(connection.pipeline.take_zero(seconds))
        tare = TareState(self._shared.now(), by, zero.counts, zero.noise, zero.offset)
        self._state = replace(self._state, tare=tare)
        self._note(connection, JournalTare(zero.seq, tare.at, by, zero.counts, zero.noise))
        await self._publish()
        await self._shared.store.tares.add(TareRow(self._state.id, tare.at, by, tare.zero, tare.noise_n, tare.offset_n))
        await self._shared.store.audit.append(by=by, action="tare", subject=self._state.id)
        await self._shared.tell("tare", self._state.id, f"zero taken, {zero.noise:.2f} N of noise", by)
        return tare

    def ask(self, asked: Asked) -> None:
        """Tell whoever stands on a simulated board what to do; nobody hears it on a real one."""
        if self._connection is not None and isinstance(self._connection.board, SimBoard):
            self._connection.board.ask(asked)

    async def identify(self) -> None:
        """Make the board show itself. Raises IdentifyRefused."""
        try:
            await self._connected(IdentifyRefused).board.identify()
        except DriverError as error:
            raise IdentifyRefused(str(error)) from error

    async def start_recording(self, by: str) -> RecordingRow:
        """Begin a journal on demand. Raises RecordingRefused."""
        connection = self._connected(RecordingRefused)
        running = self._recordings.get("on_demand")
        if running is not None and running.ended:
            await running.end("disk")
        elif running is not None:
            raise RecordingRefused(f"{self._state.id} is already being recorded, as {running.row and running.row.id}")
        try:
            recording = await self._record(connection, "on_demand", by)
        except (OSError, ServiceError) as error:
            raise RecordingRefused(f"no journal can be opened: {error}") from error
        row = recording.row
        if row is None:
            raise RecordingRefused(f"{self._state.id} went away: {self._state.reason}")
        await self._shared.tell("recording-started", self._state.id, f"recording {row.id}", by)
        await self._publish()
        return row

    async def stop_recording(self, recording_id: str, by: str) -> RecordingRow | None:
        """End the journal begun on demand, if it is this one; else None. Raises RecordingRefused."""
        for recording in self._recordings.values():
            if recording.row is None or recording.row.id != recording_id:
                continue
            if recording.mode == "always":
                raise RecordingRefused(f"{recording_id} is part of the continuous journal, which has no end")
            del self._recordings[recording.mode]
            row = await recording.end("stopped")
            await self._shared.tell("recording-stopped", self._state.id, f"recording {recording_id}", by)
            await self._publish()
            return row
        return None

    async def _pause(self, seconds: float) -> None:
        """Wait so long, or until the board is seen."""
        waits = asyncio.ensure_future(self._shared.clock.sleep(seconds)), asyncio.ensure_future(self._seen.wait())
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _attempt(self) -> float | None:
        """Connect and stream until something ends it; the cap of the wait that follows."""
        self._seen.clear()
        reason = "the station closes"
        try:
            async with await self._shared.open_board(self.config.moniker) as board:
                await self._serve(board)
            outcome, reason = Outcome(BoardPhase.LOST, LATER), "the board ended its stream"
            if self._stale:
                outcome, reason = Outcome(BoardPhase.CONNECTING, 0.0), "taking its new calibration into use"
        except Exception as error:  # whatever one board does, the station and its other boards go on
            outcome, reason = judge(error)
            if outcome is DEFECT:
                log.exception("board crashed", board=self._state.id)
                await self._shared.tell("board-crashed", self._state.id, reason)
        finally:
            await self._disconnect(reason)
        await self._phase(outcome.phase, reason)
        return WATCHED if self.watched and outcome.cap == SOON else outcome.cap

    async def _serve(self, board: Board) -> None:
        self._stale = False
        connection = self._connection = await connect(board, self.config, self._shared)
        await self._become(connection)
        if self._shared.config.recording.mode == "always":
            await self._record(connection, "always", "station")
        stream = board.stream(connection.pipeline)
        try:
            async for frame in stream:
                if self._state.phase is not BoardPhase.STREAMING:
                    await self._phase(BoardPhase.STREAMING, "")
                if self._stale:
                    break
                connection.next_seq = frame.seq + len(frame)
                await self._shared.frames.publish(frame)
                now = self._shared.clock.monotonic_ns()
                self._meter.add(frame, now)
                if now - connection.since_ns > STEADY_NS:
                    self._backoff.reset()
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()

    async def _become(self, connection: Connection) -> None:
        """Take on the identity of the board that answered."""
        info, previous = connection.board.info, self._state.id
        self._state = replace(
            self._state,
            id=info.id,
            family=info.family,
            model=info.model,
            serial=info.serial,
            firmware=info.firmware,
            simulated=info.simulated,
            rate_nominal=info.rate,
            battery=info.battery,
            sides=bearing(info.cells, info.plates).side_source,
            latency_s=info.latency,
            closed_loop=info.closed_loop,
            plates=info.plates,
            cells_x=tuple(cell.x for cell in info.cells),
            cells_y=tuple(cell.y for cell in info.cells),
            has_cop=info.has_cop,
            calibration=connection.subject.calibration.source,
            clock=None,
            grid=connection.pipeline.grid,
            calibrated=calibrated(connection.content, self._shared),
            tare=connection.tare,
        )
        if self._state.calibrated is not None and self._state.calibrated.due:
            days = self._state.calibrated.age_days
            await self._shared.tell("calibration-due", info.id, f"calibrated {days} days ago: otolith calibrate")
        if previous != info.id:
            await self._shared.store.boards.remember(self.config.moniker, info.id)
            await self._shared.tell("board-identified", info.id, f"{previous} is {info.model} {info.serial}")

    async def _record(self, connection: Connection, mode: RecordingMode, by: str) -> Recording:
        recording = self._recordings[mode] = Recording(self._shared, connection.subject, mode, by)
        try:
            await recording.begin(connection.next_seq)
        except BaseException:
            self._recordings.pop(mode, None)
            raise
        return recording

    async def _disconnect(self, reason: str) -> None:
        """The board is closed: what hung on it ends."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        connection.pipeline.end(f"the board went away: {reason}")
        self._meter.disconnect(connection.board.statistics())
        self._state = replace(self._state, health=self._meter.report(self._shared.clock.monotonic_ns(), None))
        recordings, self._recordings = self._recordings, {}
        ending = "board-lost" if self._alive() else "station-closed"
        for recording in recordings.values():
            row = await recording.end(ending)
            if row is not None and recording.mode == "on_demand":
                await self._shared.tell("recording-stopped", self._state.id, f"recording {row.id}: {reason}")

    def _alive(self) -> bool:
        """Whether this task goes on after what it does now."""
        task = asyncio.current_task()
        return task is None or not task.cancelling()

    def _note(self, connection: Connection, tare: JournalTare) -> None:
        connection.subject.zeros.add(tare)
        for recording in self._recordings.values():
            recording.tare(tare)

    def _connected(self, refusal: type[ServiceError]) -> Connection:
        if self._connection is None or self._state.phase is not BoardPhase.STREAMING:
            raise refusal(f"{self._state.id} is not streaming: {self._state.reason}")
        return self._connection

    def _measure(self, connection: Connection) -> None:
        now, statistics = self._shared.clock.monotonic_ns(), connection.board.statistics()
        battery = connection.board.info.battery if statistics.battery is None else statistics.battery
        health, clock = self._meter.report(now, statistics), connection.pipeline.timing.state()
        self._state = replace(self._state, battery=battery, health=health, clock=clock)

    def _jumps(self) -> int:
        """Of the board's clock, told so far."""
        return self._state.clock.jumps if self._state.clock else 0

    async def _tell_asides(self, connection: Connection) -> None:
        """What a board says beside its samples, once each: that its button was pressed, that its battery is empty."""
        presses, connection.presses = connection.presses, connection.board.statistics().presses
        if connection.presses > presses:
            await self._shared.tell("button", self._state.id, "the board's own button was pressed")
        weak, connection.weak = connection.weak, self._state.battery == 0.0
        if connection.weak and not weak:
            await self._shared.tell("battery-low", self._state.id, "the battery is nearly empty: put fresh cells in")

    async def _phase(self, phase: BoardPhase, reason: str) -> None:
        if (self._state.phase, self._state.reason) == (phase, reason):
            return
        self._state = replace(self._state, phase=phase, reason=reason, since=self._shared.now())
        await self._publish()

    async def _publish(self) -> None:
        await self._shared.changes.publish(self.state())
