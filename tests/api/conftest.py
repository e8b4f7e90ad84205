"""A station with boards that do what the test says, behind the real application."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx
import numpy as np
import pytest
import structlog

from otolith.api.app import create_app
from otolith.api.cli import main
from otolith.api.listen import bind, listening
from otolith.api.logs import configure_logging
from otolith.drivers.batch import Batch
from otolith.drivers.board import Board, BoardInfo, Cell, StreamStatistics
from otolith.drivers.calibration import Linear
from otolith.drivers.errors import BoardLost, BoardNotFound
from otolith.service.conductor import Conductor
from otolith.service.config import BoardConfig, Config, HttpConfig, RecordingConfig
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase
from otolith.service.station import Station
from otolith.service.store import Role
from otolith.service.training import Training

T = TypeVar("T")
RATE = 125.0


def _info(serial: str) -> BoardInfo:
    cells = tuple(
        Cell(name, x, y) for name, x, y in (("a", -200, 150), ("b", 200, 150), ("c", -200, -150), ("d", 200, -150))
    )
    calibration = Linear((1.0,) * 4, (0.0,) * 4, "nominal")
    return BoardInfo(
        f"fed:port/{serial}", "fed", "Fed board", serial, "1", "N", RATE, cells, calibration, simulated=True
    )


@dataclass
class FedBoard:
    """A board whose samples the test feeds."""

    info: BoardInfo
    blinks: int = 0
    plugged: asyncio.Event = field(default_factory=asyncio.Event)
    _items: "asyncio.Queue[Batch | Exception]" = field(default_factory=asyncio.Queue)
    _seq: int = 0
    _newest: int = 0

    def feed(self, n: int = 5, newtons: float = 700.0, missed: int = 0) -> None:
        """``n`` more samples of somebody who stands in the middle; none before the one before it."""
        self._seq += missed
        period = int(1e9 / RATE)
        first = max(time.monotonic_ns() - (n - 1) * period, self._newest + (missed + 1) * period)
        t = first + np.arange(n, dtype=np.int64) * period
        self._newest = int(t[-1])
        counts = np.full((n, 4), newtons / 4)
        self._items.put_nowait(Batch(self._seq, counts, t, np.zeros(n, dtype=np.uint32), missed=missed))
        self._seq += n

    def unplug(self) -> None:
        self._items.put_nowait(BoardLost("unplugged by the test"))

    def statistics(self) -> StreamStatistics:
        return StreamStatistics(samples=self._seq)

    async def batches(self) -> AsyncIterator[Batch]:
        async for batch in self.stream(lambda batch: batch):
            yield batch

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        while True:
            item = await self._items.get()
            if isinstance(item, Exception):
                raise item
            yield transform(item)

    async def identify(self) -> None:
        self.blinks += 1

    async def aclose(self) -> None:
        """Nothing is held."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


@dataclass
class Bench:
    """A running station, its board, its secrets by role, and how to talk to it."""

    station: Station
    board: FedBoard
    secrets: dict[Role, str]
    client: httpx.AsyncClient

    @property
    def id(self) -> str:
        return self.board.info.id

    def bearer(self, role: Role) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secrets[role]}"}

    async def publish(self, n: int) -> None:
        """Feed ``n`` samples and wait until the station has published them."""
        with self.station.frames.tap("test", Policy.OLDEST, 16) as frames:
            self.board.feed(n)
            async with asyncio.timeout(10):
                await anext(frames)

    async def stream(self) -> None:
        """Feed until the board streams."""
        with self.station.changes.tap("test", Policy.OLDEST, 256) as changes:
            self.board.feed()
            async with asyncio.timeout(10):
                while self.station.boards()[0].phase is not BoardPhase.STREAMING:
                    await anext(changes)


Opener = Callable[[str], Awaitable[Board]]


def opener_of(board: FedBoard) -> Opener:
    async def open_board(moniker: str) -> Board:
        if moniker != board.info.moniker:
            raise BoardNotFound(f"no board {moniker}")
        await board.plugged.wait()
        return board

    return open_board


@asynccontextmanager
async def running(folder: Path, board: FedBoard) -> AsyncIterator[Station]:
    config = Config(
        folder=folder,
        boards=[BoardConfig(moniker=board.info.moniker)],
        recording=RecordingConfig(mode="on_demand"),
        http=HttpConfig(port=0),
    )
    async with Station(config, opener=opener_of(board)) as station:
        yield station


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """As the program logs: short tracebacks."""
    configure_logging()
    yield
    structlog.reset_defaults()


@asynccontextmanager
async def prepared(folder: Path, *, plugged: bool) -> AsyncIterator[tuple[Station, FedBoard, dict[Role, str]]]:
    board = FedBoard(_info("1"))
    if plugged:
        board.plugged.set()
    async with running(folder, board) as station:
        secrets = {role: (await station.store.tokens.create(f"test {role}", role))[1] for role in Role}
        yield station, board, secrets


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    """The application in this process, without a socket."""
    async with (
        prepared(tmp_path / "station", plugged=True) as (station, board, secrets),
        Conductor(station) as conductor,
        Training(station, conductor) as training,
    ):
        app = create_app(station, None, conductor, training)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            yield Bench(station, board, secrets, client)


@pytest.fixture
async def served(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """The application behind a real server on a free port; parametrised with False, its board is not plugged in."""
    async with prepared(tmp_path / "station", plugged=getattr(request, "param", True)) as (station, board, secrets):
        bound = bind("127.0.0.1", 0)
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        async with (
            listening(create_app(station), station.config.http, bound),
            httpx.AsyncClient(base_url=url) as client,
        ):
            yield Bench(station, board, secrets, client)


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Exit status, standard output and standard error of ``otolith …``."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERMINAL_WIDTH", "100")

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["otolith", *args])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        return status, *capsys.readouterr()

    return run
