"""A board made of boards that the station has open already; kept open by a supervisor like any other."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from otolith.drivers.batch import Batch
from otolith.drivers.board import Board, BoardInfo, StreamStatistics
from otolith.drivers.errors import BoardLost, BoardNotFound, BoardRefused
from otolith.drivers.reading import OneReader
from otolith.service.frame import Frame
from otolith.service.fusion import Fusion, Part
from otolith.service.hub import Hub, Policy, Tap
from otolith.service.sections import FusedConfig
from otolith.service.shared import Change, Opener

SCHEME: Final = "fused:"
"""What its moniker begins with; no board of the configuration can be called so."""
CAPACITY: Final = 256
"""Frames of the parts that may wait."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a part is at this moment."""

    info: BoardInfo | None
    """None while it is not connected."""
    reason: str
    """Why not, in plain words."""


Look = Callable[[], Mapping[str, Standing]]
"""The parts by moniker, as they are now."""


class FusedBoard(OneReader):
    """See ``Board``. Loses a part: its samples are INCOMPLETE. Loses them all, or finds one exchanged: BoardLost."""

    def __init__(self, config: FusedConfig, frames: Hub[Frame], changes: Hub[Change], look: Look) -> None:
        """Raises BoardNotFound while a part is not connected, and BoardRefused where two are the same."""
        self._members = {moniker: _present(moniker, now) for moniker, now in look().items()}
        parts = [Part(self._members[part.board], part.x, part.y, part.turn) for part in config.parts]
        try:
            self._fusion = Fusion(config.id, SCHEME + config.id, parts)
        except ValueError as error:
            raise BoardRefused(str(error)) from error
        super().__init__(self._fusion.info)
        self._frames = frames
        self._changes = changes
        self._look = look
        self._tap: Tap[Frame] | None = None
        self._closed = False
        self._samples = self._missed = 0

    def statistics(self) -> StreamStatistics:
        """Read the counters."""
        return StreamStatistics(self._samples, self._samples, self._missed)

    async def stream(self, transform: Callable[[Batch], T]) -> AsyncIterator[T]:
        """Every batch through ``transform``, which runs on the event loop: its bytes arrived elsewhere."""
        self._claim()
        ids = {info.id for info in self._members.values()}
        name = f"parts of {self._info.id}"
        with self._frames.tap(name, Policy.BLOCK, CAPACITY, lambda frame: frame.board in ids) as tap:
            self._tap = tap
            watching = asyncio.create_task(self._watch(tap), name=name)
            try:
                async for frame in tap:
                    batch = self._fusion.add(frame)
                    if batch is not None:
                        self._samples += len(batch)
                        self._missed += batch.missed
                        yield transform(batch)
            finally:
                watching.cancel()
                await asyncio.wait([watching])
                self._tap = None
                self._streaming = False
        if not self._closed:
            raise BoardLost(self._fault() or "the station closes")

    async def identify(self) -> None:
        """It has nothing of its own to blink with."""
        raise BoardRefused("this board is made of others: have each of them show itself")

    async def aclose(self) -> None:
        """End the stream; the parts stay open. Safe to call twice."""
        self._closed = True
        if self._tap is not None:
            self._tap.close()

    async def _watch(self, tap: Tap[Frame]) -> None:
        with self._changes.tap(tap.name, Policy.LATEST, 1) as changes:
            if self._fault() is None:
                async for _ in changes:
                    if self._fault() is not None:
                        break
            tap.close()

    def _fault(self) -> str | None:
        """Why there is no board any more; None as long as there is."""
        parts = self._look()
        for moniker, now in parts.items():
            if now.info is not None and _differs(now.info, self._members[moniker]):
                return f"another board than before answers as {moniker}"
        if any(now.info is not None for now in parts.values()):
            return None
        return "none of its boards is there: " + "; ".join(f"{name}: {now.reason}" for name, now in parts.items())


def fused_or(opener: Opener, fused: Sequence[FusedConfig], make: Callable[[FusedConfig], FusedBoard]) -> Opener:
    """An opener that knows these fused boards too."""
    known = {SCHEME + config.id: config for config in fused}

    async def open_any(moniker: str) -> Board:
        return make(known[moniker]) if moniker in known else await opener(moniker)

    return open_any


def _present(moniker: str, now: Standing) -> BoardInfo:
    if now.info is None:
        raise BoardNotFound(f"it waits for {moniker}: {now.reason}")
    return now.info


def _differs(now: BoardInfo, then: BoardInfo) -> bool:
    """Whether what was made of the board that was does not hold for the one that is."""
    return any(getattr(now, name) != getattr(then, name) for name in ("id", "rate", "cells", "plates", "latency"))
