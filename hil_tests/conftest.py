"""The rig's benches: the same scenarios wherever the other end of the wire is."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.board import Board
from otolith.drivers.monikers import Sim, parse
from otolith.drivers.opening import open_board
from otolith.drivers.phidget_bridge.codec.converter import ratio
from otolith.drivers.phidget_bridge.links import GAIN
from otolith.drivers.phidget_bridge.twin import Bridge
from otolith.drivers.rig import Rig
from otolith.drivers.twins import make_twin

LIVE = ("usbip", "kernel", "real")
MISSING = {
    "kernel": "the kernel bench is not here yet: it will need qemu-system-x86 and a Debian kernel package",
    "real": "the real bench is not here yet: it will need a bench.toml that names the board on this desk",
}
PATIENCE = 20.0
"""Seconds after which a scenario has failed; none depends on how fast this machine is."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("rig")
    group.addoption(
        "--bench",
        action="append",
        choices=[*LIVE, "capture"],
        help="what the boards under test are attached to; may be given several times (usbip and capture)",
    )
    group.addoption("--seconds", type=float, default=3.0, help="how long the stream scenarios stream (3)")


def benches(config: pytest.Config) -> list[str]:
    return config.getoption("--bench") or ["usbip", "capture"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bench" in metafunc.fixturenames:
        chosen = [name for name in benches(metafunc.config) if name in LIVE]
        metafunc.parametrize("bench", chosen or ["none"], indirect=True)


@dataclass(slots=True)
class Bench:
    """A place where boards of any family can be plugged in."""

    stack: AsyncExitStack
    rig: Rig

    def plug(self, family: str, load: str = "recording:BDS00001", **options: str) -> "Plugged":
        """Plug in a board of the family (``btracks-0``, ``btracks-1``) with this load on it; not yet opened."""
        board, _, rev = family.partition("-")
        text = "&".join(f"{key}={value}" for key, value in {"load": load, "rev": rev, **options}.items())
        sim = cast("Sim", parse(f"sim:{board}?{text}"))
        busid = self.rig.add(make_twin(sim))
        return Plugged(self, busid, self.rig.moniker(busid, sim))


@dataclass(slots=True)
class Plugged:
    """A board on the bench, seen from the side of whoever plugged it in."""

    bench: Bench
    busid: str
    moniker: str

    @property
    def twin(self) -> Bridge:
        return self.bench.rig.twins[self.busid]

    async def open(self) -> Board:
        """Through the same door as everybody; closed with the bench."""
        return await self.bench.stack.enter_async_context(await open_board(self.moniker))

    async def unplug(self) -> None:
        await self.bench.rig.unplug(self.busid)

    async def replug(self) -> None:
        await self.bench.rig.plug(self.busid)

    def sent(self, board: Board) -> NDArray[np.float64]:
        """Every sample that left the twin whole, as ``Batch.counts`` ought to show them; the first is not valid yet."""
        codes = [sample.codes for sample in self.twin.sent if sample.intact][1:]
        if board.info.unit == "count":
            return np.array(codes, dtype=np.float64).reshape(-1, 4)
        return np.array([[ratio(code, GAIN) for code in row] for row in codes]).reshape(-1, 4)


@dataclass(slots=True)
class Tape:
    """What came out of a stream."""

    batches: list[Batch] = field(default_factory=list)
    error: Exception | None = None

    @property
    def counts(self) -> NDArray[np.float64]:
        return np.concatenate([batch.counts for batch in self.batches])

    @property
    def flags(self) -> NDArray[np.uint32]:
        return np.concatenate([batch.flags for batch in self.batches])

    @property
    def missed(self) -> int:
        return sum(batch.missed for batch in self.batches)

    def __len__(self) -> int:
        return sum(map(len, self.batches))

    def check_numbering(self) -> None:
        """Sequence numbers are gapless but for what is declared missed; times never run backwards."""
        expected = 0
        for batch in self.batches:
            assert batch.seq == expected + batch.missed
            expected = batch.seq + len(batch)
        assert (np.diff(np.concatenate([batch.t_host for batch in self.batches])) >= 0).all()


Until = Callable[[Tape], bool]
Watch = Callable[[Board, Until], "asyncio.Future[Tape]"]


@pytest.fixture
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """The live bench of this run."""
    if request.param == "none":
        pytest.skip("captures cannot be plugged, loaded or unplugged: run with --bench usbip")
    if request.param in MISSING:
        pytest.skip(MISSING[request.param])
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(Rig())
        yield Bench(stack, rig)


@pytest.fixture
def record() -> Watch:
    """``await record(board, until)``: what the stream brings until ``until(tape)``, or until it ends by itself."""

    async def watch(board: Board, until: Until) -> Tape:
        tape = Tape()
        try:
            async with asyncio.timeout(PATIENCE), aclosing(board.batches()) as stream:  # type: ignore[type-var]  # a generator
                async for batch in stream:
                    tape.batches.append(batch)
                    if until(tape):
                        break
        except (ConnectionError, TimeoutError) as error:
            if str(error) == "":
                raise
            tape.error = error
        return tape

    return lambda board, until: asyncio.ensure_future(watch(board, until))


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    """How long to stream."""
    return float(request.config.getoption("--seconds"))


@pytest.fixture
def captures(request: pytest.FixtureRequest) -> Sequence[Path]:
    """Captured traffic of boards, where this run replays it."""
    if "capture" not in benches(request.config):
        pytest.skip("captures are replayed with --bench capture")
    found = sorted((Path(__file__).parent / "captures").glob("*.jsonl.gz"))
    assert found, "no captures beside the scenarios"
    return found
