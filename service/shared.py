"""What the boards of one station share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from otolith.drivers.board import Board
from otolith.service.clock import Clock, rfc3339
from otolith.service.config import Config
from otolith.service.faults import Faults
from otolith.service.frame import Frame
from otolith.service.hub import Hub
from otolith.service.scribe import Scribe
from otolith.service.state import BoardState, Event, StationState
from otolith.service.store import Store

Opener = Callable[[str], Awaitable[Board]]
"""``otolith.drivers.opening.open_board`` or a twin of it."""
Change = BoardState | StationState | Event


@dataclass(frozen=True, slots=True)
class Shared:
    """Handed to every part of a station; nothing in it belongs to one board."""

    config: Config
    clock: Clock
    open_board: Opener
    frames: Hub[Frame]
    changes: Hub[Change]
    store: Store
    faults: Faults
    scribe: Scribe
    owners: dict[str, str] = field(default_factory=dict)
    """Board id to the moniker under which the station has it open."""

    @property
    def folder(self) -> Path:
        """Where the state is."""
        return self.config.folder

    def now(self) -> str:
        """RFC 3339."""
        return rfc3339(self.clock.now())

    async def tell(self, kind: str, board: str, message: str, by: str = "station") -> None:
        """Publish an event."""
        await self.changes.publish(Event(self.now(), kind, board, by, message))
