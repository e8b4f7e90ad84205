"""The pipeline against the same figures in plain numpy, and what it does with gaps, faults and nobody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo
from otolith.service.errors import TareRefused
from otolith.service.frame import Frame
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

RATE = 125.0
GAIN, ZERO = 0.01, 1000.0


def standing(n: int, seed: int = 3) -> NDArray[np.float64]:
    """Counts of four cells under somebody of about 600 N."""
    rng = np.random.default_rng(seed)
    sway = np.cumsum(rng.normal(0, 0.4, (n, 4)), axis=0)
    return np.asarray((150.0 + sway) / GAIN + ZERO)


def empty(n: int, noise: float = 0.2, seed: int = 5) -> NDArray[np.float64]:
    return np.asarray(np.random.default_rng(seed).normal(ZERO, noise / GAIN / 2, (n, 4)))


def batch(counts: NDArray[np.float64], seq: int = 0, missed: int = 0, flags: Any = 0) -> Batch:
    n = len(counts)
    t = ((seq + np.arange(n)) * 1e9 / RATE).astype(np.int64)
    return Batch(seq, counts, t, np.broadcast_to(np.asarray(flags, np.uint32), n).copy(), None, missed)


@pytest.fixture
def pipeline(info: Callable[..., BoardInfo]) -> Pipeline:
    board = info()
    return Pipeline(board, board.calibration, PipelineConfig(window_s=2), board.calibration.zero)


def joined(frames: list[Frame], name: str) -> NDArray[np.float64]:
    return np.concatenate([getattr(frame, name) for frame in frames])


def test_frames_hold_the_textbook_figures(pipeline: Pipeline, info: Callable[..., BoardInfo]) -> None:
    counts, cells = standing(500), info().cells
    frames = [pipeline(batch(counts[at : at + 8], at)) for at in range(0, 500, 8)]
    loads = (counts - ZERO) * GAIN
    force = loads.sum(axis=1)
    centre = loads @ np.array([(cell.x, cell.y) for cell in cells]) / force[:, None]
    sos = signal.butter(2, 10.0, fs=RATE, output="sos")
    smooth, _ = signal.sosfilt(sos, centre, axis=0, zi=signal.sosfilt_zi(sos)[:, :, None] * centre[0])
    np.testing.assert_allclose(joined(frames, "loads"), loads, rtol=1e-12)
    np.testing.assert_allclose(joined(frames, "force"), force, rtol=1e-12)
    np.testing.assert_allclose(joined(frames, "cop"), centre, atol=1e-9)
    np.testing.assert_allclose(joined(frames, "smooth"), smooth, atol=1e-9)
    np.testing.assert_array_equal(joined(frames, "counts"), counts)
    assert not joined(frames, "flags").any()
    assert [frame.seq for frame in frames] == list(range(0, 500, 8))
    newest = smooth[-round(2 * RATE) :]
    sway = next(frame.sway for frame in reversed(frames) if frame.sway)
    until = 8 * max(index for index, frame in enumerate(frames) if frame.sway) + 8
    newest = smooth[max(0, until - 250) : until]
    assert sway.n == len(newest) == 250
    assert sway.path_length == pytest.approx(np.hypot(*np.diff(newest, axis=0).T).sum(), rel=1e-9)
    assert sway.range_ml == pytest.approx(np.ptp(newest[:, 0]), rel=1e-9)


def test_sway_comes_at_most_ten_times_a_second_of_samples(pipeline: Pipeline) -> None:
    counts = standing(1250)
    for size in (1, 8, 60):
        figures = sum(
            pipeline(batch(counts[at : at + size], at)).sway is not None for at in range(0, 1250 - size, size)
        )
        assert 1250 / RATE * 8 <= figures * max(1, size / 12.5) <= 1250 / RATE * 10.5


def test_nobody_is_nan_with_a_flag(pipeline: Pipeline) -> None:
    frame = pipeline(batch(np.vstack([standing(4), empty(3)])))
    assert frame.flags.tolist() == [0] * 4 + [Flag.UNLOADED] * 3
    assert np.isnan(frame.cop[4:]).all()
    assert np.isnan(frame.smooth[4:]).all()
    assert np.isfinite(frame.force).all()


def test_a_gap_is_flagged_and_the_filter_starts_afresh(pipeline: Pipeline) -> None:
    pipeline(batch(standing(50)))
    after = standing(5, seed=9)
    frame = pipeline(batch(after, seq=60, missed=10))
    assert (frame.seq, frame.missed) == (60, 10)
    assert frame.flags.tolist() == [Flag.AFTER_GAP, 0, 0, 0, 0]
    np.testing.assert_allclose(frame.smooth[0], frame.cop[0], atol=1e-9)


@pytest.mark.parametrize("fault", [Flag.SATURATED, Flag.CHANNEL_ERROR, Flag.INVALID])
def test_a_fault_of_the_board_has_loads_but_no_centre(pipeline: Pipeline, fault: Flag) -> None:
    counts = standing(3)
    frame = pipeline(batch(counts, flags=[0, fault, 0]))
    assert frame.flags.tolist() == [0, fault, 0]
    assert np.isnan(frame.cop[:, 0]).tolist() == [False, True, False]
    np.testing.assert_allclose(frame.loads, (counts - ZERO) * GAIN)
    np.testing.assert_allclose(frame.force, frame.loads.sum(axis=1))


def test_an_empty_batch_passes(pipeline: Pipeline) -> None:
    assert len(pipeline(batch(np.empty((0, 4))))) == 0


def test_a_cutoff_that_does_not_fit_the_rate_is_refused(info: Callable[..., BoardInfo]) -> None:
    board = info(rate=15.0)
    with pytest.raises(ValueError, match="lower the cutoff or raise the rate"):
        Pipeline(board, board.calibration, PipelineConfig(), board.calibration.zero)


def feed(pipeline: Pipeline, counts: NDArray[np.float64], seq: int = 0, **changes: Any) -> int:
    for at in range(0, len(counts), 5):
        pipeline(batch(counts[at : at + 5], seq + at, **changes))
    return seq + len(counts)


def test_a_tare_is_the_mean_of_a_second_and_applies_from_the_next_sample(pipeline: Pipeline) -> None:
    offset = empty(125) + 700.0
    future = pipeline.take_zero(1.0)
    feed(pipeline, offset)
    zero = future.result(0)
    np.testing.assert_allclose(zero.counts, offset.mean(axis=0))
    assert zero.seq == 125
    assert zero.noise == pytest.approx(np.std(offset.sum(axis=1) * GAIN, ddof=1))
    assert pipeline.zero == zero.counts
    frame = pipeline(batch(offset[:5], 125))
    assert abs(float(frame.force.mean())) < 1.0


@pytest.mark.parametrize(
    ("counts", "changes", "words"),
    [
        (standing(125), {}, "loaded with 6.. N"),
        (empty(125, noise=30.0), {}, "not steady"),
        (empty(125) + np.outer(np.sin(np.arange(125.0)), [5.0, -5.0, 0.0, 0.0]) / GAIN, {}, "a load moves about"),
        (empty(125), {"flags": Flag.SATURATED}, "saturated"),
        (np.full((125, 4), np.nan), {}, "not finite"),
        (empty(700), {"missed": 1}, "being lost"),
    ],
)
def test_a_tare_that_would_be_wrong_is_refused(
    pipeline: Pipeline, counts: NDArray[np.float64], changes: dict[str, Any], words: str
) -> None:
    before = pipeline.zero
    future = pipeline.take_zero(1.0)
    feed(pipeline, counts, **changes)
    with pytest.raises(TareRefused, match=words):
        future.result(0)
    assert pipeline.zero == before
    assert pipeline.take_zero(1.0) is not future


def test_a_gap_starts_a_tare_afresh(pipeline: Pipeline) -> None:
    future = pipeline.take_zero(1.0)
    feed(pipeline, empty(120) + 900.0)
    pipeline(batch(empty(5), seq=130, missed=10))
    assert not future.done()
    feed(pipeline, empty(120), seq=135)
    np.testing.assert_allclose(future.result(0).counts, np.vstack([empty(5), empty(120)]).mean(axis=0))


def test_one_tare_at_a_time_and_of_a_sensible_length(pipeline: Pipeline) -> None:
    for seconds in (0.0, 0.5, 61.0, float("nan")):
        with pytest.raises(TareRefused, match="1 to 60 seconds"):
            pipeline.take_zero(seconds)
    pipeline.take_zero(1.0)
    with pytest.raises(TareRefused, match="already"):
        pipeline.take_zero(1.0)


def test_a_tare_ends_with_the_stream(pipeline: Pipeline) -> None:
    future = pipeline.take_zero(1.0)
    pipeline.end("unplugged")
    with pytest.raises(TareRefused, match="unplugged"):
        future.result(0)


def test_a_tare_that_nobody_waits_for_changes_nothing(pipeline: Pipeline) -> None:
    before = pipeline.zero
    assert pipeline.take_zero(1.0).cancel()
    feed(pipeline, empty(125) + 700)
    assert pipeline.zero == before


def test_it_runs_in_another_thread(pipeline: Pipeline) -> None:
    with ThreadPoolExecutor(1) as reader:
        future = pipeline.take_zero(1.0)
        reader.submit(feed, pipeline, empty(125)).result(10)
        assert astuple(future.result(10))[2] == 125
