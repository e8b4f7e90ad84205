"""The station's boards as streams of the Lab Streaming Layer: their CoP and force, and their loads."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import structlog
from numpy.typing import NDArray

from otolith.drivers.board import Cell
from otolith.drivers.errors import BoardRefused
from otolith.drivers.lsl.library import liblsl
from otolith.drivers.lsl.outlet import Channel, Outlet
from otolith.drivers.replay.description import Description
from otolith.drivers.replay.roles import WRENCH
from otolith.service.errors import ConfigError
from otolith.service.frame import Frame
from otolith.service.hub import Policy, Tap
from otolith.service.shared import Change
from otolith.service.state import BoardPhase, BoardState
from otolith.service.station import Station

log = structlog.get_logger(__name__)

FRAMES_BEHIND: Final = 1024
"""Frames that may wait while an outlet is being made."""
CHANGES_BEHIND: Final = 64
COP: Final = (
    Channel("ml", "mm", "Position"),
    Channel("ap", "mm", "Position"),
    Channel("fz", "N", "Force"),
    Channel("flags", "", "Flags"),
)
NMM: Final = 1000.0
"""N mm in a N·m."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two streams of one board."""

    cop: Outlet
    loads: Outlet

    def push(self, frame: Frame) -> None:
        """Every sample of a frame, once on each."""
        flags = frame.flags.astype(np.float64)[:, None]
        self.cop.push(np.column_stack([frame.cop, frame.force, flags]), frame.t)
        self.loads.push(np.hstack([_in_metres(frame), flags]), frame.t)

    def close(self) -> None:
        """Take both back."""
        self.cop.close()
        self.loads.close()


class Streams:
    """Outlets of the boards that stream now: :meth:`run` it for as long as they should be offered."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._open: dict[str, Pair] = {}

    async def run(self) -> None:
        """Every frame of every board, until cancelled or the station ends."""
        with (
            self._station.frames.tap("lsl", Policy.OLDEST, FRAMES_BEHIND) as frames,
            self._station.changes.tap("lsl", Policy.OLDEST, CHANGES_BEHIND) as changes,
        ):
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._follow_frames(frames), name="lsl-frames")
                    tasks.create_task(self._follow_changes(changes), name="lsl-changes")
            finally:
                for pair in self._open.values():
                    pair.close()

    async def _follow_frames(self, frames: Tap[Frame]) -> None:
        async for frame in frames:
            if len(frame):
                pair = self._open.get(frame.board) or await self._offered(frame)
                pair.push(frame)

    async def _offered(self, frame: Frame) -> Pair:
        board = self._station.board(frame.board)
        pair = await asyncio.to_thread(offer, self._station.config.station, board)
        self._open[frame.board] = pair
        log.info("offered by LSL", board=frame.board)
        return pair

    async def _follow_changes(self, changes: Tap[Change]) -> None:
        """A board that is gone takes its streams along: their readers shall know."""
        async for change in changes:
            if isinstance(change, BoardState) and change.phase is not BoardPhase.STREAMING:
                pair = self._open.pop(change.id, None)
                if pair is not None:
                    pair.close()


def offer(station: str, board: BoardState) -> Pair:
    """Both streams of a board. Opens sockets: call it in a thread."""
    cells = tuple(
        Cell(str(i), x, y) for i, (x, y) in enumerate(zip(board.cells_x, board.cells_y, strict=True), start=1)
    )
    description = Description(
        name=board.id,
        rate=board.rate_nominal,
        irregular="it samples when it likes" if board.grid is not None and board.grid.method == "swarii" else None,
        family=board.family,
        model=board.model,
        serial=board.serial,
        simulated=board.simulated,
        calibration=board.calibration,
        cells=cells,
        plates=board.plates,
    )
    source = f"otolith-{station}-{board.id}"
    return Pair(
        Outlet(f"{board.id} CoP", "CoP", f"{source}-cop", COP, description),
        Outlet(f"{board.id} loads", "Force", f"{source}-loads", _load_channels(board), description),
    )


def _load_channels(board: BoardState) -> tuple[Channel, ...]:
    flags = Channel("flags", "", "Flags")
    if board.plates:
        kinds = [("Nm", "Moment") if role.startswith("m") else ("N", "Force") for role in WRENCH]
        each = zip(WRENCH, kinds, strict=True)
        named = [(role, unit, kind) for role, (unit, kind) in each]
        plates = range(1, len(board.plates) + 1)
        return (*(Channel(f"{role}{i}", unit, kind) for i in plates for role, unit, kind in named), flags)
    return (*(Channel(f"load{i}", "N", "Force") for i in range(1, len(board.cells_x) + 1)), flags)


def _in_metres(frame: Frame) -> NDArray[np.float64]:
    """Loads in the units of the channels: moments leave in N·m."""
    if frame.parts is None:
        return frame.loads
    scale = np.where([role.startswith("m") for role in WRENCH], 1.0 / NMM, 1.0)
    scaled: NDArray[np.float64] = frame.loads * np.tile(scale, frame.parts.shape[1])
    return scaled


@asynccontextmanager
async def lsl_service(station: Station) -> AsyncIterator[None]:
    """Offer the station's boards while the context lasts, where its configuration says so.

    Raises ConfigError where liblsl is missing.
    """
    if not station.config.lsl.enabled:
        yield
        return
    try:
        await asyncio.to_thread(liblsl)
    except BoardRefused as error:
        raise ConfigError(f"lsl: {error}") from error
    task = asyncio.create_task(_guarded(Streams(station)), name="lsl")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _guarded(streams: Streams) -> None:
    """A fault of these streams is told and stops them alone."""
    try:
        await streams.run()
    except Exception:
        log.exception("the streams of the Lab Streaming Layer have stopped")
