"""The station's boards as LSL streams, read back as boards: every sample once, in its units, at its time."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.api import lsl
from otolith.api.lsl import lsl_service
from otolith.drivers.batch import Flag
from otolith.drivers.errors import BoardLost, BoardRefused
from otolith.drivers.opening import open_board
from otolith.drivers.rig.tape import Tape, record
from otolith.service.config import Config, ConfigError
from otolith.service.frame import Frame
from otolith.service.hub import Policy
from otolith.service.sections import BoardConfig, LslConfig, RecordingConfig
from otolith.service.station import Station

MONIKER = "sim:btracks?load=recording:BDS00001&interval=8"


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Config]:
    def make(*, enabled: bool = True) -> Config:
        return Config(
            station=f"test-{uuid4().hex[:8]}",
            folder=tmp_path / "state",
            boards=[BoardConfig(moniker=MONIKER)],
            recording=RecordingConfig(mode="on_demand"),
            lsl=LslConfig(enabled=enabled),
        )

    return make


async def frames_of(station: Station, n: int) -> list[Frame]:
    """The next ``n`` frames."""
    with station.frames.tap("test", Policy.BLOCK, 4096) as tap:
        return [await anext(tap) for _ in range(n)]


async def test_a_simulated_board_arrives_whole_at_the_other_end(config: Callable[..., Config]) -> None:
    pytest.importorskip("pylsl", reason="no pylsl: pip install 'otolith[lsl]'")
    settings = config()
    async with Station(settings) as station, lsl_service(station):
        with station.frames.tap("all", Policy.OLDEST, 4096) as tap:
            await anext(tap)
            source = f"otolith-{settings.station}-{station.boards()[0].id}"
            async with (
                await open_board(f"lsl:source_id={source}-loads") as loads,
                await open_board(f"lsl:source_id={source}-cop") as cop,
            ):
                assert loads.info.simulated
                assert len(loads.info.cells) == 4
                assert loads.info.rate == cop.info.rate == 125.0
                by_loads, by_cop = await asyncio.gather(
                    record(loads, lambda tape: len(tape) >= 100, 30.0),
                    record(cop, lambda tape: len(tape) >= 50, 30.0),
                )
            sent = tap.take_ready()
    assert (by_loads.error, by_cop.error) == (None, None)
    assert by_loads.misnumbered() == by_cop.misnumbered() == []
    assert by_loads.missed == by_cop.missed == 0
    t = np.concatenate([frame.t for frame in sent]) * 1e-9
    wanted = np.concatenate([frame.loads for frame in sent])
    np.testing.assert_array_equal(by_loads.counts, wanted[found(by_loads, wanted[:, 0])])
    np.testing.assert_allclose(times(by_loads), t[found(by_loads, wanted[:, 0])], atol=2e-3)
    force = np.concatenate([frame.force for frame in sent])
    seen = by_cop.counts.sum(axis=1)
    first = int(np.argmin(np.abs(t - times(by_cop)[0])))
    np.testing.assert_allclose(seen, force[first : first + len(seen)], rtol=1e-9)


def times(tape: Tape) -> NDArray[np.float64]:
    return np.concatenate([batch.t_device for batch in tape.batches if batch.t_device is not None])


def found(tape: Tape, column: NDArray[np.float64]) -> slice:
    """Which of the samples that were sent a tape holds, by its first one's first load."""
    first = int(np.flatnonzero(column == tape.counts[0, 0])[0])
    return slice(first, first + len(tape))


async def test_the_streams_go_with_the_station(config: Callable[..., Config]) -> None:
    pytest.importorskip("pylsl", reason="no pylsl: pip install 'otolith[lsl]'")
    settings = config()
    async with Station(settings) as station, lsl_service(station):
        await frames_of(station, 1)
        source = f"otolith-{settings.station}-{station.boards()[0].id}"
        board = await open_board(f"lsl:source_id={source}-cop")
    async with board:
        tape = await record(board, lambda _: False, 30.0)
    assert isinstance(tape.error, BoardLost)


async def test_it_is_off_unless_asked_for(config: Callable[..., Config], monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> Any:
        raise AssertionError("liblsl was loaded")

    monkeypatch.setattr(lsl, "liblsl", never)
    assert not Config().lsl.enabled
    async with Station(config(enabled=False)) as station, lsl_service(station):
        await frames_of(station, 1)


async def test_without_pylsl_the_station_says_so(
    config: Callable[..., Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Any:
        raise BoardRefused("the Lab Streaming Layer needs pylsl")

    monkeypatch.setattr(lsl, "liblsl", missing)
    async with Station(config()) as station:
        with pytest.raises(ConfigError, match="lsl: the Lab Streaming Layer needs pylsl"):
            async with lsl_service(station):
                raise AssertionError("it must not start")


def test_moments_leave_in_newton_metres() -> None:
    frame = Frame(
        board="b",
        seq=0,
        missed=0,
        t=np.zeros(1, np.int64),
        t_arrival=np.zeros(1, np.int64),
        counts=np.zeros((1, 6)),
        loads=np.array([[1.0, 2.0, 700.0, 500.0, -250.0, 125.0]]),
        force=np.array([700.0]),
        cop=np.zeros((1, 2)),
        smooth=np.zeros((1, 2)),
        flags=np.array([Flag.UNLOADED], np.uint32),
        sway=None,
        parts=np.zeros((1, 1, 3)),
    )
    np.testing.assert_allclose(lsl._in_metres(frame), [[1.0, 2.0, 700.0, 0.5, -0.25, 0.125]])
