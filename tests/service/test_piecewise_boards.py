"""A board whose calibration is no straight line, through the pipeline and into a journal's head and back."""

from collections.abc import Callable

import numpy as np

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo
from otolith.drivers.calibration import Piecewise
from otolith.drivers.replay.journal_head import JournalHead, pack_head, unpack_head
from otolith.dsp.piecewise import STANDARD_GRAVITY, STEP, ThreePoints
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

POINTS = ((1000.0, 2000.0, 3000.0, 4000.0), (2700.0, 3600.0, 4800.0, 5800.0), (4500.0, 5300.0, 6400.0, 7500.0))
LOADS = (0.0, STEP * STANDARD_GRAVITY, 2.0 * STEP * STANDARD_GRAVITY)
CURVE = Piecewise(LOADS, POINTS, "factory")
COUNTS = np.array([[900.0, 2500.0, 4800.0, 9000.0], [3000.0, 4000.0, 5000.0, 6000.0]])


def test_the_two_writings_of_the_curve_agree() -> None:
    other = ThreePoints(np.array(POINTS[0]), np.array(POINTS[1]), np.array(POINTS[2]))
    np.testing.assert_allclose(CURVE.loads(COUNTS), other.loads(COUNTS), rtol=1e-12)


def test_loads_of_a_frame_are_those_of_the_curve(info: Callable[..., BoardInfo]) -> None:
    board = info(calibration=CURVE)
    zero = tuple(count + 100.0 for count in POINTS[0])
    for given, idle in ((CURVE.zero, None), (zero, zero)):
        pipeline = Pipeline(board, CURVE, PipelineConfig(), given)
        frame = pipeline(Batch(0, COUNTS, np.arange(2), np.zeros(2, np.uint32)))
        np.testing.assert_allclose(frame.loads, CURVE.loads(COUNTS, idle), rtol=1e-12)
        np.testing.assert_allclose(frame.force, frame.loads.sum(axis=1), rtol=1e-12)


def test_a_journal_remembers_which_kind_it_was(info: Callable[..., BoardInfo]) -> None:
    head = JournalHead("station", "id", "2026-01-01T00:00:00Z", 0, info(calibration=CURVE), CURVE, CURVE.zero, {})
    assert unpack_head(pack_head(head)) == head
