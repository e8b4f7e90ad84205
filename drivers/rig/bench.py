"""A bench without hardware: boards of any family are plugged in, loaded, spoilt and pulled out."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Board
from otolith.drivers.errors import MonikerError
from otolith.drivers.monikers import Sim, Stance, parse
from otolith.drivers.opening import open_board
from otolith.drivers.rig.ports import Rig
from otolith.drivers.twins import Twin, make_twin


@dataclass(slots=True)
class Plugged:
    """A board on the bench, seen from the side of whoever plugged it in."""

    bench: "Bench"
    busid: str
    stance: Stance

    @property
    def twin(self) -> Twin:
        """The board's own side of the wire."""
        return self.bench.rig.twins[self.busid]

    @property
    def moniker(self) -> str:
        """What it is opened by."""
        return self.bench.rig.moniker(self.busid, self.stance)

    async def open(self) -> Board:
        """Open it through the same door as everybody; it is closed with the bench."""
        return await self.bench.stack.enter_async_context(await open_board(self.moniker))

    async def unplug(self) -> None:
        """Pull the cable."""
        await self.bench.rig.unplug(self.busid)

    async def replug(self) -> None:
        """Put it back in."""
        await self.bench.rig.plug(self.busid)

    def sent(self, board: Board) -> NDArray[np.float64]:
        """``(n, k)``: the samples that left the twin whole, as ``Batch.counts`` ought to show them."""
        return np.array(self.twin.delivered(), dtype=np.float64).reshape(-1, board.info.channels)


class Bench:
    """``async with Bench() as bench``: a rig, and whatever was plugged into it and opened."""

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.rig = Rig()

    async def __aenter__(self) -> Self:
        await self.stack.enter_async_context(self.rig)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stack.aclose()

    def plug(self, board: str, load: str = "recording:BDS00001", **options: object) -> Plugged:
        """Plug in a board with a load on it, not yet opened; ``options`` are those of a ``sim:`` moniker."""
        query = "&".join(f"{key}={quote(str(value), safe=':@,')}" for key, value in {"load": load, **options}.items())
        sim = parse(f"sim:{board}?{query}")
        if not isinstance(sim, Sim):
            raise MonikerError(f"{board} is no simulated board")
        return Plugged(self, self.rig.add(make_twin(sim)), sim)
