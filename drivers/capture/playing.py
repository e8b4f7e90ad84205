"""A capture as a board."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import Board, StreamStatistics
from otolith.drivers.capture.file import Capture, read_capture
from otolith.drivers.capture.playback import Playback
from otolith.drivers.errors import MonikerError, RecordingError
from otolith.drivers.families import FAMILIES
from otolith.drivers.monikers import Replay, Serial, Stance, Usb, Wii, form, parse
from otolith.drivers.ofp.board import ofp_over
from otolith.drivers.reading import OneReader
from otolith.drivers.wii.board import board_over
from otolith.drivers.wire import Identity

T = TypeVar("T")
NOBODY = "00:00:00:00:00:00"
"""Address for a board that is reached by none."""


class CapturedBoard(OneReader):
    """The driver of a captured board, at work on its capture. It says that it is no board: ``simulated``."""

    def __init__(self, board: Board, moniker: str) -> None:
        super().__init__(
            replace(board.info, moniker=moniker, model=f"{board.info.model}, from a capture", simulated=True)
        )
        self._board = board

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        return self._board.statistics()

    def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """See ``Board``; ends where the capture does. There is one stream in a capture, and no second time."""
        return self._board.stream(transform)

    async def identify(self) -> None:
        """See ``Board``; RecordingError, as nobody did it when the capture was taken."""
        raise RecordingError("a captured board can do nothing but what it once did")

    async def aclose(self) -> None:
        """See ``Board``."""
        await self._board.aclose()


async def play_capture(capture: Capture, moniker: str = "capture", speed: float = math.inf) -> Board:
    """Open the captured board by its own driver; raises DriverError."""
    head, playback = capture.heading, Playback(capture, speed)
    stance = _stance(capture)
    if head.way == "hid":
        return await board_over(playback, moniker, stance, head.name)
    if head.way == "serial":
        return await ofp_over(playback, None, moniker, stance)
    family = FAMILIES.get((head.vendor, head.product))
    if family is None:
        raise RecordingError(f"the capture is of a {head.vendor:04x}:{head.product:04x}, for which there is no driver")
    return await family.over(playback, Identity(head.release, head.serial, head.name), moniker, stance)


async def open_capture(moniker: Replay) -> CapturedBoard:
    """A capture as a board; raises RecordingError, MonikerError."""
    for option in ("columns", "units", "loop"):
        if getattr(moniker, option):
            raise MonikerError(f"{option}= is of tables; {moniker.path} is a capture of a board's traffic")
    capture = await asyncio.to_thread(read_capture, Path(moniker.path))
    return CapturedBoard(await play_capture(capture, form(moniker), moniker.speed), form(moniker))


def _stance(capture: Capture) -> Stance:
    """How the board was opened; RecordingError where that cannot be read."""
    head = capture.heading
    names = {
        "usb": f"{Usb.scheme}:{head.vendor:04x}:{head.product:04x}",
        "hid": f"{Wii.scheme}:{NOBODY}",
        "serial": f"{Serial.scheme}:port",
    }
    try:
        place = parse(f"{names[head.way]}?{head.options}" if head.options else names[head.way])
    except MonikerError as error:
        raise RecordingError(f"the options of the capture cannot be read: {error}") from error
    if not isinstance(place, Stance):
        raise RecordingError(f"{head.way} is no way to a board")
    return place
