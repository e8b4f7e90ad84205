"""One board without a station: a private one, in a folder that is gone afterwards."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from otolith.api.cli.failure import DEVICE, CommandFailed
from otolith.drivers.monikers import parse
from otolith.service.config import BoardConfig, Config, RecordingConfig, load_config
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase, BoardState
from otolith.service.station import Station

OPEN_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.2
HOPELESS: Final = (BoardPhase.REFUSED, BoardPhase.LOST)


@asynccontextmanager
async def single_board(
    moniker: str, calibration: Path | None = None, site: Config | None = None, folder: Path | None = None
) -> AsyncIterator[tuple[Station, str]]:
    """A private station whose one board streams, and the board's id. Raises MonikerError, CommandFailed.

    In ``folder`` the records stay; without it, they are gone afterwards. Calibrations are those of ``site``, or of the
    station that this user would run; everything else is forgotten.
    """
    parse(moniker)
    board = BoardConfig(moniker=moniker, calibration=calibration)
    home = site or load_config(None)
    calibrating = home.calibration.model_copy(update={"folder": home.calibrations})
    with tempfile.TemporaryDirectory(prefix="otolith-") as gone:
        config = Config(
            folder=folder or Path(gone),
            boards=[board],
            recording=RecordingConfig(mode="on_demand"),
            calibration=calibrating,
        )
        async with Station(config) as station:
            yield station, (await _streaming(station)).id


async def _streaming(station: Station) -> BoardState:
    """The board, once it streams."""
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            with station.changes.tap("open", Policy.OLDEST, 64) as changes:
                board = station.boards()[0]
                while board.phase is not BoardPhase.STREAMING:
                    if board.phase in HOPELESS:
                        break
                    await anext(changes)
                    board = station.boards()[0]
    except TimeoutError:
        board = station.boards()[0]
    if board.phase is not BoardPhase.STREAMING:
        reason = board.reason or "the board does not answer"
        named = reason.startswith(board.moniker)
        raise CommandFailed(DEVICE, reason if named else f"{board.moniker}: {reason}")
    return board
