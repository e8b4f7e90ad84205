"""What every board offers; this Protocol is the manual for whoever writes a driver."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import TracebackType
from typing import Final, Protocol, Self, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.calibration import Calibration

T = TypeVar("T")

TWIN: Final = "(twin)"
"""In the product string of a simulated board, so that nobody takes it for a real one."""

CLOSED_LOOP: Final = 0.010
"""Seconds of a board's own latency that leave room for the rest of a loop of 20 ms."""

FLAT: Final = 1.0
"""mm²: twice the area of cells that stand in a line."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A vertical load cell and where it stands: x to the subject's right, y forward, mm from the centre."""

    name: str
    x: float
    y: float


def turned(cells: Iterable[Cell], degrees: int) -> tuple[Cell, ...]:
    """Cells of a board that is turned clockwise, seen from above, in quarters."""
    found = tuple(cells)
    for _ in range(degrees // 90 % 4):
        found = tuple(Cell(cell.name, cell.y, -cell.x) for cell in found)
    return found


def triangular(cells: Sequence[Cell]) -> bool:
    """Whether the loads of these cells have a centre of pressure: three of them make a triangle."""
    triangles = (
        (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x) for a, b, c in combinations(cells, 3)
    )  # twice their areas, mm²
    return any(abs(area) > FLAT for area in triangles)


@dataclass(frozen=True, slots=True)
class WrenchPlate:
    """A plate that measures force and moment; six loads: Fx Fy Fz in N, Mx My Mz in N mm.

    They are the ground's reaction on the person, in the plate's own axes: x to the subject's right, y forward, z up
    (ISB), so Fz is positive under load. The moment is about the point ``top`` mm below the centre of the surface.
    """

    name: str
    x: float = 0.0
    """Where the centre of its surface is on the board: mm to the subject's right ..."""
    y: float = 0.0
    """... and forward."""
    turn: float = 0.0
    """Degrees clockwise, seen from above, that its axes are turned from the board's."""
    width: float = 500.0
    """Of the surface along x, mm."""
    length: float = 500.0
    """Of the surface along y, mm."""
    top: float = 0.0
    """From the moment's reference point up to the surface, mm."""


@dataclass(frozen=True, slots=True)
class BoardInfo:
    """Who a board is. Fixed from ``open`` to ``aclose``."""

    moniker: str
    family: str
    """The driver's folder name: ``phidget_bridge``, ``replay``."""
    model: str
    serial: str
    firmware: str
    unit: str
    """What ``Batch.counts`` are: ``count``, ``V/V``, ``N``."""
    rate: float
    """Nominal samples per second."""
    cells: tuple[Cell, ...]
    """In the order of the columns of ``Batch.counts``; empty where ``plates`` are not."""
    calibration: Calibration
    """The board's own (factory or nominal) calibration: counts to newtons."""
    simulated: bool
    battery: float | None = None
    """0 to 1, or None where there is no battery."""
    plates: tuple[WrenchPlate, ...] = ()
    """Six loads each, in order, on a board that measures wrenches; ``calibration`` makes them of its channels."""
    latency: float = 0.0
    """Seconds that a sample spends in the board before it is sent, at least: its blocks, its filter."""
    irregular: bool = False
    """It samples when it likes: neither the number of a sample nor ``rate`` tells when it was taken."""

    @property
    def channels(self) -> int:
        """Columns of ``Batch.counts``."""
        return len(self.calibration.zero)

    @property
    def has_cop(self) -> bool:
        """Whether its loads have a centre of pressure; one vertical force, or two, have none: only the force counts."""
        return bool(self.plates) or triangular(self.cells)

    @property
    def closed_loop(self) -> bool:
        """Whether the board is fast enough for a platform that follows the person (20 ms in all)."""
        return self.latency <= CLOSED_LOOP

    @property
    def id(self) -> str:
        """The board's name in topics and URLs: ``family-serial``, lower case, ``[a-z0-9-]`` only."""
        return board_id(self.family, self.serial)


def board_id(family: str, serial: str) -> str:
    """See ``BoardInfo.id``."""
    raw = f"{family}-{serial}".lower()
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in raw)


@dataclass(frozen=True, slots=True)
class StreamStatistics:
    """Counters since ``open``, which only grow; and what a board says now and then beside its samples."""

    reports: int = 0
    samples: int = 0
    missed: int = 0
    """Samples that the board sent and that never arrived, as far as sequence or timing can tell."""
    malformed: int = 0
    """Reports refused by the codec."""
    overruns: int = 0
    """Batches dropped on this side because the consumer was too slow."""
    presses: int = 0
    """Of the board's own button."""
    battery: float | None = None
    """0 to 1, the newest; None where the board has told nothing since ``BoardInfo.battery``."""


class Board(Protocol):
    """An open board. One reader at a time; close it to make ``batches`` end.

    Use it as a context manager: ``async with await open_board(moniker) as board: async for batch in board.batches()``.
    """

    @property
    def info(self) -> BoardInfo:
        """Who it is."""
        ...

    def statistics(self) -> StreamStatistics:
        """Read the counters, from any thread."""
        ...

    def batches(self) -> AsyncIterator[Batch]:
        """Every batch, in order.

        Raises BoardLost when the board goes away and BoardTimeout when it is connected but silent for a second.
        """
        ...

    def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Like ``batches``, with ``transform`` applied where the bytes arrive (a reader thread, if there is one).

        ``transform`` must not block and must not touch the event loop.
        """
        ...

    async def identify(self) -> None:
        """Make the board show itself (blink), or raise BoardRefused where it has nothing to blink with."""
        ...

    async def aclose(self) -> None:
        """Stop the stream and let go of the device; safe to call twice."""
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
