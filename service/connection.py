"""What an open board needs to be of use: an identity, a calibration, a zero, a pipeline."""

import asyncio
from dataclasses import dataclass

from otolith.drivers.board import Board, BoardInfo
from otolith.service.calibrating.content import Content
from otolith.service.calibrating.file import read_content, refuse_foreign
from otolith.service.calibrating.shelf import Shelf
from otolith.service.errors import BoardUnfit
from otolith.service.journal_file import Subject
from otolith.service.pipeline import Pipeline
from otolith.service.sections import BoardConfig
from otolith.service.shared import Shared
from otolith.service.state import TareState
from otolith.service.tare import Zeros


@dataclass(slots=True)
class Connection:
    """An open board, and what belongs to it for as long as it is."""

    board: Board
    pipeline: Pipeline
    subject: Subject
    tare: TareState | None
    """The stored zero it began with."""
    since_ns: int
    content: Content | None = None
    """The calibration file in use."""
    next_seq: int = 0
    """Number of the sample that follows the last published one."""
    presses: int = 0
    """Of the board's own button, told already."""
    weak: bool = False
    """That its battery is nearly empty was told already."""


async def connect(board: Board, config: BoardConfig, shared: Shared) -> Connection:
    """Claim the board for this moniker and prepare its stream. Raises BoardUnfit, CalibrationError, StoreError."""
    info = board.info
    _claim(info, config.moniker, shared)
    content = await asyncio.to_thread(_content, info, config, shared)
    calibration = content.calibration() if content else info.calibration
    tare = await _stored_tare(info, shared)
    zero = tare.zero if tare else calibration.zero
    try:
        pipeline = Pipeline(info, calibration, shared.config.pipeline, zero)
    except ValueError as error:
        raise BoardUnfit(f"the pipeline's configuration does not fit this board: {error}") from error
    subject = Subject(info, calibration, Zeros(zero))
    return Connection(board, pipeline, subject, tare, shared.clock.monotonic_ns(), content)


def _claim(info: BoardInfo, moniker: str, shared: Shared) -> None:
    owner = shared.owners.get(info.id, moniker)
    if owner != moniker:
        raise BoardUnfit(f"{info.model} {info.serial} belongs to this station already, as {owner}")
    for former in [board for board, owner in shared.owners.items() if owner == moniker]:
        del shared.owners[former]
    shared.owners[info.id] = moniker


def _content(info: BoardInfo, config: BoardConfig, shared: Shared) -> Content | None:
    """The file that the configuration names, else the newest of this board on the shelf, else none."""
    content = (
        read_content(config.calibration) if config.calibration else Shelf(shared.config.calibrations).newest(info.id)
    )
    if content is not None:
        refuse_foreign(str(config.calibration or f"the newest calibration of {info.id}"), content, info)
    return content


async def _stored_tare(info: BoardInfo, shared: Shared) -> TareState | None:
    row = await shared.store.tares.latest(info.id)
    if row is None or len(row.zero) != info.channels:
        return None
    return TareState(row.at, row.by, row.zero, row.noise_n, row.offset_n)
