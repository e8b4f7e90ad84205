"""The zero before and after a trial."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np
import pytest

from otolith.drivers.board import BoardInfo, WrenchPlate
from otolith.drivers.calibration import Matrix
from otolith.service.errors import TareRefused
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase, Event
from otolith.service.station import Station
from otolith.service.zero_check import MeasuredZero, judge_zeros

Until = Callable[..., Awaitable[None]]


def reading(counts: tuple[float, ...], at: str = "2026-01-01T00:00:00Z") -> MeasuredZero:
    return MeasuredZero(at, counts, 0.1)


@pytest.mark.parametrize(
    ("counts", "drift", "worst", "passed"),
    [
        ((1000.0,) * 4, 0.0, 0.0, True),
        ((1100.0,) * 4, 4.0, 1.0, True),
        ((1200.0,) * 4, 8.0, 2.0, False),
        ((1600.0, 400.0, 1000.0, 1000.0), 0.0, 6.0, False),
    ],
)
def test_cells_and_their_sum_are_judged(
    info: Callable[..., BoardInfo], counts: tuple[float, ...], drift: float, worst: float, *, passed: bool
) -> None:
    board = info()
    after = reading(counts, "2026-01-01T00:02:00Z")
    found = judge_zeros(board, board.calibration, reading((1000.0,) * 4), after, 5.0)
    assert [found.drift_n, abs(found.worst_cell_n)] == pytest.approx([drift, worst])
    assert found.drift_n_per_min == pytest.approx(drift / 2.0)
    assert found.passed is passed
    assert ("do the trial again" in found.sentence) is not passed


def test_a_plate_of_six_loads_is_judged_by_its_forces(info: Callable[..., BoardInfo]) -> None:
    matrix = Matrix(tuple(map(tuple, np.eye(6).tolist())), (0.0,) * 6, "factory")
    board = info(cells=(), calibration=matrix, plates=(WrenchPlate("plate"),))
    found = judge_zeros(board, matrix, reading((0.0,) * 6), reading((3.0, 0.0, 1.0, 900.0, 0.0, 0.0)), 5.0)
    assert (found.drift_n, found.worst_cell_n, found.drift_n_per_min, found.passed) == (1.0, 3.0, None, True)


async def test_before_and_after_a_trial(config: Any, bench: Any, clock: Any, until: Until) -> None:
    bench.plug("twin:1")
    async with Station(config("twin:1"), clock, opener=bench.open) as station:
        await until(lambda: bench.opened)
        board = bench.newest()
        board.feed((0.0,) * 4)
        await until(lambda: station.boards()[0].phase is BoardPhase.STREAMING)

        async def answered(asked: "asyncio.Task[Any]", newtons: float) -> Any:
            await asyncio.sleep(0)
            board.feed((newtons,) * 4, n=125)
            return await asyncio.wait_for(asked, 10)

        before = await answered(asyncio.create_task(station.zero_before("twin-1001", "me")), 1.0)
        assert station.board("twin-1001").tare is not None
        board.feed((175.0,) * 4, n=125)
        with station.changes.tap("test", Policy.OLDEST, 64) as changes:
            good = await answered(asyncio.create_task(station.zero_after("twin-1001", before)), 1.5)
            assert good.passed
            assert good.drift_n == pytest.approx(2.0)
            bad = await answered(asyncio.create_task(station.zero_after("twin-1001", before)), 4.0)
            assert not bad.passed
            told = [one for one in changes.take_ready() if isinstance(one, Event)]
        assert [(event.kind, event.message) for event in told] == [("zero-drift", bad.sentence)]
        tare = station.board("twin-1001").tare
        assert tare is not None
        assert tare.zero == before.counts
        with pytest.raises(TareRefused, match="clear the board"):
            await answered(asyncio.create_task(station.zero_after("twin-1001", before)), 175.0)
