"""A scripted board whose true gains the test knows, and somebody who puts weights on it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from otolith.drivers.board import BoardInfo, WrenchPlate
from otolith.drivers.calibration import Calibration, Linear, Matrix
from otolith.drivers.loads import corner_loads
from otolith.service.calibrating.desk import Desk
from otolith.service.calibrating.procedure import Action, Phase, ProcedureState
from otolith.service.clock import VirtualClock

TRUE = Linear((0.0102, 0.0098, 0.0101, 0.0097), (1010.0, 990.0, 1005.0, 1000.0), "true")
STEPS_LIMIT = 1000


@dataclass
class Hands:
    """Does what a procedure asks for, on a board of the service tests' bench; ``spoil`` changes what stands there."""

    desk: Desk
    bench: Any
    clock: VirtualClock
    board: str
    until: Callable[..., Awaitable[None]]
    true: Calibration = TRUE
    spoil: Callable[[ProcedureState, float], float] = lambda _, newtons: newtons
    seed: int = 0
    noise: float = 1.0
    """Counts."""
    orders: list[str] = field(default_factory=list)

    async def feed(self, newtons: float, x: float, y: float, n: int = 500) -> None:
        """``n`` samples of a weight, through the board's own wire, at 125 Hz of virtual time."""
        scripted = self.bench.newest()
        cells = scripted.info.cells
        loads = corner_loads(np.array([newtons]), np.array([x]), np.array([y]), cells)
        rng = np.random.default_rng([self.seed, len(self.orders)])
        counts = self.true.counts(loads) + rng.normal(0.0, self.noise, (n, len(cells)))
        await self.clock.advance(n / 125.0)
        for at in range(0, n, 125):
            scripted.feed(scripted.info.calibration.loads(counts[at : at + 125]), n=len(counts[at : at + 125]))

    async def step(self) -> ProcedureState:
        """One step, from its order to its acceptance."""
        state = self.desk.state(self.board)
        self.orders.append(state.order)
        await self.desk.act(self.board, Action.MEASURE)
        await self.feed(self.spoil(state, state.expected_n), state.x or 0.0, state.y or 0.0)
        await self.until(lambda: self.desk.state(self.board).phase is Phase.REVIEW)
        return await self.desk.act(self.board, Action.ACCEPT)

    async def all(self) -> ProcedureState:
        """To the end."""
        for _ in range(STEPS_LIMIT):
            state = await self.step()
            if state.phase is Phase.DONE:
                return state
        raise AssertionError("the procedure has no end")


@pytest.fixture
def hands(bench: Any, clock: VirtualClock, until: Callable[..., Awaitable[None]]) -> Callable[..., Hands]:
    """Make them for a desk and a board's id."""

    def make(desk: Desk, board: str, **changes: Any) -> Hands:
        return Hands(desk, bench, clock, board, until, **changes)

    return make


@pytest.fixture
def wrench_info(info: Callable[..., BoardInfo]) -> BoardInfo:
    """A plate of six loads, no cells."""
    matrix = Matrix(tuple(map(tuple, np.eye(6).tolist())), (0.0,) * 6, "factory")
    return info(cells=(), calibration=matrix, plates=(WrenchPlate("plate", width=400.0, length=600.0, top=40.0),))
