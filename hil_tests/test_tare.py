"""Boards of every kind are tared while they stream: nothing is lost, and from a known sample on the zero is right."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from otolith.drivers.loads import ByHand, by_hand
from otolith.drivers.rig.bench import Bench, Plugged
from otolith.service.errors import TareRefused
from otolith.service.frame import Frame
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

PATIENCE = 30.0
FORCE, ML, AP, OFF = 700.0, 20.0, -30.0, 12.0
TREADS = 8.0
"""A second."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of board, named as in the scenarios."""

    board: str
    rev: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return "-".join([self.board, str(self.rev), *map(str, self.more.values())])


KINDS = [
    Kind("btracks"),
    Kind("btracks", 1),
    Kind("ofp"),
    Kind("ofp", more={"outputs": "wrench"}),
    Kind("wii"),
    Kind("wii", 1),
    Kind("tecgihan"),
    Kind("mcc"),
    Kind("labjack-u6"),
    Kind("labjack-u3"),
    Kind("labjack-t7"),
    Kind("godirect"),
    Kind("golink"),
]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=str)
every_family = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if not kind.rev and kind.board not in {"labjack-u3", "labjack-t7"}], ids=str
)
"""The gate stands above the drivers: one revision, and one LabJack, tell of the others."""


class Scene:
    """A board with a pipeline behind it, and a hand that puts weights on it."""

    def __init__(self, plugged: Plugged, board: Any) -> None:
        hand = by_hand(plugged.twin.source)
        assert isinstance(hand, ByHand)
        self.info = board.info
        self.pipeline = Pipeline(board.info, board.info.calibration, PipelineConfig(), board.info.calibration.zero)
        self.frames: list[Frame] = []
        self._plugged = plugged
        self._board = board
        self._hand = hand

    def put(self, newtons: float, x: float = 0.0, y: float = 0.0) -> None:
        self._hand.put(newtons, x, y)
        self._plugged.twin.refresh()

    async def stream(self) -> AsyncIterator[Frame]:
        stream = self._board.stream(self.pipeline)
        assert isinstance(stream, AsyncGenerator)
        try:
            async with asyncio.timeout(PATIENCE):
                async for frame in stream:
                    self.frames.append(frame)
                    yield frame
        finally:
            await stream.aclose()


async def scene(bench: Bench, kind: Kind) -> Scene:
    plugged = bench.plug(kind.board, "weights:true", rev=kind.rev, **kind.more)
    return Scene(plugged, await plugged.open())


@every_kind
async def test_tare_while_streaming(bench: Bench, kind: Kind) -> None:
    """An empty board that is 12 N off, then somebody on it."""
    here = await scene(bench, kind)
    here.put(OFF)
    taking = here.pipeline.take_zero(1.0)
    whole, stood = FORCE + OFF, False
    async for frame in here.stream():
        if taking.done():
            if not stood:
                stood = True
                here.put(whole, ML * FORCE / whole, AP * FORCE / whole)
            if frame.force[-1] > 0.9 * FORCE and len(here.frames) > 5:
                break
    zero = taking.result(0)
    before = np.concatenate([frame.force for frame in here.frames if frame.seq < zero.seq])
    last = here.frames[-1]
    assert zero.offset == pytest.approx(before[: zero.seq].mean(), abs=1.0)
    assert last.force[-1] == pytest.approx(FORCE, abs=5.0)
    if here.info.has_cop:
        np.testing.assert_allclose(last.cop[-1], (ML, AP), atol=2.0)
    assert sum(frame.missed for frame in here.frames) == 0
    assert [frame.seq for frame in here.frames] == np.cumsum([0, *map(len, here.frames[:-1])]).tolist()


@every_family
async def test_somebody_who_moves_is_no_zero(bench: Bench, kind: Kind) -> None:
    """A foot that treads on an edge with less than the limit of a loaded board: only the noise tells."""
    here = await scene(bench, kind)
    zero = here.pipeline.zero
    taking = here.pipeline.take_zero(1.0)
    beat = 0
    async for frame in here.stream():
        if taking.done():
            break
        if frame.seq * TREADS / here.info.rate >= beat:
            beat += 1
            here.put((10.0, 60.0)[beat % 2])
    with pytest.raises(TareRefused, match="the force is not steady"):
        taking.result(0)
    assert here.pipeline.zero == zero
