"""What came out of a board's stream, and what must be true of it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.board import Board
from otolith.drivers.errors import DriverError


@dataclass(slots=True)
class Tape:
    """Batches in the order of their arrival, and what ended them."""

    batches: list[Batch] = field(default_factory=list)
    error: DriverError | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, batch: Batch) -> None:
        """One more."""
        self.batches.append(batch)
        self._news.set()

    async def reaches(self, samples: int) -> None:
        """Wait until there are so many."""
        while len(self) < samples:
            self._news.clear()
            await self._news.wait()

    def __len__(self) -> int:
        return sum(map(len, self.batches))

    @property
    def counts(self) -> NDArray[np.float64]:
        """``(n, k)``, all samples."""
        return np.concatenate([batch.counts for batch in self.batches]) if self.batches else np.empty((0, 0))

    @property
    def flags(self) -> NDArray[np.uint32]:
        """``(n,)``, all samples."""
        return np.concatenate([batch.flags for batch in self.batches])

    @property
    def missed(self) -> int:
        """Samples declared lost."""
        return sum(batch.missed for batch in self.batches)

    def misnumbered(self) -> list[int]:
        """Sequence numbers of batches that leave a gap other than the one they declare, or run back in time."""
        wrong, expected, latest = [], 0, 0
        for batch in self.batches:
            times = np.concatenate([[latest], batch.t_host])
            if batch.seq != expected + batch.missed or (np.diff(times) < 0).any():
                wrong.append(batch.seq)
            expected, latest = batch.seq + len(batch), int(times[-1])
        return wrong


async def record(board: Board, until: Callable[[Tape], bool], patience: float, tape: Tape | None = None) -> Tape:
    """What the stream brings until ``until(tape)`` or until it fails; TimeoutError after ``patience`` seconds."""
    tape = Tape() if tape is None else tape
    stream = board.batches()
    async with asyncio.timeout(patience):
        try:
            async for batch in stream:
                tape.add(batch)
                if until(tape):
                    break
        except DriverError as error:
            tape.error = error
        finally:
            if isinstance(stream, AsyncGenerator):
                await stream.aclose()
    return tape
