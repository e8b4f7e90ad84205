"""One running service: its boards, their frames, its records."""

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from otolith.drivers.board import Board
from otolith.service.clock import Clock, SystemClock
from otolith.service.config import Config
from otolith.service.frame import Frame
from otolith.service.hub import Hub
from otolith.service.state import BoardState, Event, StationState, TareState
from otolith.service.store import RecordingRow, Store

Opener = Callable[[str], Awaitable[Board]]
"""``otolith.drivers.opening.open_board`` or a twin of it."""


class Station:
    """Use it as a context manager; entering starts it, leaving ends it within two seconds.

    Entering raises StoreError where the records cannot be opened. No board can make it fail.
    """

    frames: Hub[Frame]
    changes: Hub[BoardState | StationState | Event]
    store: Store

    def __init__(self, config: Config, clock: Clock | None = None, *, opener: Opener | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self._open = opener
        self.frames = Hub()
        self.changes = Hub()

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    def state(self) -> StationState:
        """The station as a whole, now."""
        raise NotImplementedError

    def boards(self) -> list[BoardState]:
        """Every configured board, in the order of the configuration."""
        raise NotImplementedError

    def board(self, board_id: str) -> BoardState:
        """One board. Raises UnknownBoard."""
        raise NotImplementedError

    async def tare(self, board_id: str, by: str, seconds: float = 1.0) -> TareState:
        """Take the zero from the next ``seconds`` of samples. Raises UnknownBoard, TareRefused."""
        raise NotImplementedError

    async def start_recording(self, board_id: str, by: str) -> RecordingRow:
        """Begin a journal on demand. Raises UnknownBoard, RecordingRefused."""
        raise NotImplementedError

    async def stop_recording(self, recording_id: str, by: str) -> RecordingRow:
        """End a journal begun on demand. Raises UnknownRecording, RecordingRefused."""
        raise NotImplementedError

    async def identify(self, board_id: str) -> None:
        """Make the board show itself. Raises UnknownBoard, IdentifyRefused."""
        raise NotImplementedError
