"""Plates with analogue outputs, from a simulated person through DAQ and pipeline to the centre of pressure."""

import numpy as np
import pytest

from otolith.drivers.board import WrenchPlate
from otolith.drivers.opening import open_board
from otolith.service.frame import Frame
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig


async def first_frames(moniker: str, samples: int = 40) -> tuple[list[Frame], tuple[WrenchPlate, ...]]:
    async with await open_board(moniker) as board:
        info = board.info
        pipeline = Pipeline(info, info.calibration, PipelineConfig(), info.calibration.zero)
        frames: list[Frame] = []
        async for frame in board.stream(pipeline):
            frames.append(frame)
            if sum(map(len, frames)) >= samples:
                break
    return frames, info.plates


@pytest.mark.parametrize("turn", [0, 90])
@pytest.mark.parametrize("plate", ["amti-or6-7", "amti-accusway", "bertec-4060", "kistler-9260aa", "four-cells"])
async def test_force_and_cop_come_out_as_the_person_stands(plate: str, turn: int) -> None:
    """To what 16 bits resolve: an LSB of a moment output is some tenths of a mm."""
    frames, plates = await first_frames(f"sim:mcc?load=constant:700@20,-30&plate={plate}&turn={turn}")
    force, cop = (np.concatenate([getattr(frame, name) for frame in frames]) for name in ("force", "cop"))
    np.testing.assert_allclose(force, 700.0, atol=0.3)
    np.testing.assert_allclose(cop, np.tile([20.0, -30.0], (len(cop), 1)), atol=0.1)
    assert [plate.turn for plate in plates] == [float(turn)] * len(plates)


@pytest.mark.parametrize("daq", ["labjack-u3", "labjack-u6", "labjack-t7"])
async def test_other_daqs_say_the_same(daq: str) -> None:
    frames, _ = await first_frames(f"sim:{daq}?load=constant:700@20,-30")
    force, cop = (np.concatenate([getattr(frame, name) for frame in frames]) for name in ("force", "cop"))
    np.testing.assert_allclose(force, 700.0, atol=0.3)
    np.testing.assert_allclose(cop, np.tile([20.0, -30.0], (len(cop), 1)), atol=0.1)
