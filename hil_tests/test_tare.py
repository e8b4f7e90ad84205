"""Boards of every kind are tared while they stream: nothing is lost, and from a known sample on the zero is right."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import numpy as np
import pytest

from otolith.drivers.loads import Weights
from otolith.drivers.rig.bench import Bench
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

if TYPE_CHECKING:
    from otolith.service.frame import Frame

PATIENCE = 30.0
KINDS = [("btracks", 0), ("btracks", 1), ("ofp", 0), ("wii", 0), ("wii", 1)]
FORCE, ML, AP = 700.0, 20.0, -30.0


@pytest.mark.parametrize(("board", "rev"), KINDS, ids=str)
async def test_tare_while_streaming(bench: Bench, board: str, rev: int) -> None:
    """An empty board that is 3 N off in each cell, then somebody on it."""
    plugged = bench.plug(board, "weights:true", rev=rev)
    source = plugged.twin.source
    assert isinstance(source, Weights)
    source.put(12.0, 0.0, 0.0)
    opened = await plugged.open()
    info = opened.info
    pipeline = Pipeline(info, info.calibration, PipelineConfig(), info.calibration.zero)
    taking = pipeline.take_zero(1.0)
    frames: list[Frame] = []
    stream = opened.stream(pipeline)
    async with asyncio.timeout(PATIENCE):
        async for frame in stream:
            frames.append(frame)
            if taking.done():
                source.put(FORCE + 12.0, ML * FORCE / (FORCE + 12.0), AP * FORCE / (FORCE + 12.0))
                plugged.twin.refresh()
                if frame.force[-1] > 0.9 * FORCE and len(frames) > 5:
                    break
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()
    zero = taking.result(0)
    before = np.concatenate([frame.force for frame in frames if frame.seq < zero.seq])
    assert before.mean() == pytest.approx(12.0, abs=1.0)
    assert frames[-1].force[-1] == pytest.approx(FORCE, abs=5.0)
    np.testing.assert_allclose(frames[-1].cop[-1], (ML, AP), atol=2.0)
    assert sum(frame.missed for frame in frames) == 0
    assert [frame.seq for frame in frames] == np.cumsum([0, *(len(frame) for frame in frames[:-1])]).tolist()
