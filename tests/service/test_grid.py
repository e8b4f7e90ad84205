"""Sway of a board that samples unevenly: the batch SWARII of the metrics, live."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo
from otolith.drivers.replay.journal_head import JournalHead
from otolith.drivers.replay.journal_writer import JournalWriter
from otolith.dsp._filter import filter_block
from otolith.dsp.filters import butter_lowpass, steady_state
from otolith.dsp.swarii import swarii
from otolith.service.analysis import Plan, analyse
from otolith.service.grid import GridSway
from otolith.service.pipeline import Pipeline
from otolith.service.sections import PipelineConfig

N = 3000
CONFIG = PipelineConfig(window_s=20)


@pytest.fixture
def uneven() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Half a minute of a Wii board, about: samples 2 to 25 ms apart."""
    rng = np.random.default_rng(2)
    t = 10**12 + np.cumsum(rng.uniform(2e6, 18e6, N)).astype(np.int64)
    t[1500:] += 15_000_000
    return t, np.cumsum(rng.normal(0, 0.3, (N, 2)), axis=0)


def filtered(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    sos = butter_lowpass(CONFIG.order, CONFIG.cutoff_hz, CONFIG.grid_hz)
    out = np.empty_like(rows)
    filter_block(sos, steady_state(sos), np.full((len(sos), 2, 2), np.nan), rows, out)
    return out


@pytest.mark.parametrize("size", [1, 7, 500])
def test_the_live_grid_is_the_batch_one(uneven: tuple[NDArray[np.int64], NDArray[np.float64]], size: int) -> None:
    t, cop = uneven
    sway = GridSway(CONFIG)
    live = np.concatenate([sway.add(t[at : at + size], cop[at : at + size]) for at in range(0, N, size)])
    whole = swarii((t - t[0]) * 1e-9, cop[:, 0].copy(), cop[:, 1].copy(), CONFIG.grid_hz, CONFIG.grid_window_s)
    assert whole.empty == 0
    batch = filtered(np.column_stack([whole.ml, whole.ap]))
    assert 0 <= len(batch) - len(live) <= 2
    np.testing.assert_allclose(live, batch[: len(live)], atol=1e-9)
    newest = live[-500:]
    figures = sway.figures()
    assert (figures.n, figures.seconds) == (500, 20.0)
    assert figures.path_length == pytest.approx(np.hypot(*np.diff(newest, axis=0).T).sum(), rel=1e-9)


def test_rows_come_no_later_than_is_declared(uneven: tuple[NDArray[np.int64], NDArray[np.float64]]) -> None:
    t, cop = uneven
    sway = GridSway(CONFIG)
    rows = 0
    for at in range(N):
        rows += len(sway.add(t[at : at + 1], cop[at : at + 1]))
        over = int(((t[at] - t[0]) * 1e-9 - sway.grid.latency_s) * 25.0)
        assert rows >= over
    assert sway.grid.latency_s == pytest.approx(0.08)


def test_nobody_takes_the_place_of_somebody(uneven: tuple[NDArray[np.int64], NDArray[np.float64]]) -> None:
    """Who steps off leaves the window as time goes by, and the path has no step over the absence."""
    t, cop = uneven
    cop[1000:2000] = np.nan
    sway = GridSway(CONFIG)
    sway.add(t[:1000], cop[:1000])
    before = sway.figures()
    rows = sway.add(t[1000:2000], cop[1000:2000])
    assert np.isnan(rows[3:]).all()
    assert before.n - sway.figures().n == pytest.approx(before.n + 250 - 500, abs=5)
    sway.add(t[2000:], cop[2000:])
    assert sway.figures().path_length < 2 * before.path_length


def test_a_day_off_costs_no_memory(uneven: tuple[NDArray[np.int64], NDArray[np.float64]]) -> None:
    t, cop = uneven
    sway = GridSway(CONFIG)
    sway.add(t[:100], cop[:100])
    assert len(sway.add(t[100:200] + 86_400 * 10**9, cop[100:200])) <= 500 + 30
    assert sway.figures().n < 40


def test_the_pipeline_says_which_grid_and_leaves_the_samples_alone(info: Callable[..., BoardInfo]) -> None:
    board, even = info(irregular=True, rate=100.0), info(rate=100.0)
    rng = np.random.default_rng(3)
    t = np.cumsum(rng.uniform(2e6, 18e6, 400)).astype(np.int64)
    counts = (150.0 + np.cumsum(rng.normal(0, 0.4, (400, 4)), axis=0)) / 0.01 + 1000.0
    frames = {}
    for who in (board, even):
        pipeline = Pipeline(who, who.calibration, PipelineConfig(window_s=2), who.calibration.zero)
        frames[who.irregular] = [
            pipeline(Batch(at, counts[at : at + 10], t[at : at + 10], np.zeros(10, np.uint32)))
            for at in range(0, 400, 10)
        ]
    swaying = [[frame for frame in frames[kind] if frame.sway] for kind in (True, False)]
    assert [found[-1].grid and found[-1].grid.method for found in swaying] == ["swarii", "samples"]
    assert [found[-1].sway and found[-1].sway.n for found in swaying] == [50, 200]
    assert all(frame.grid is None for frame in frames[True] if frame.sway is None)
    for name in ("cop", "loads", "force", "smooth", "t_arrival"):
        ours, theirs = (np.concatenate([getattr(frame, name) for frame in frames[kind]]) for kind in (True, False))
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(np.concatenate([frame.t for frame in frames[True]]), t)


def test_a_cutoff_beyond_the_grid_is_refused(info: Callable[..., BoardInfo]) -> None:
    board = info(irregular=True, rate=100.0)
    with pytest.raises(ValueError, match=r"0 to 12\.5 Hz; lower the cutoff"):
        Pipeline(board, board.calibration, PipelineConfig(cutoff_hz=20.0), board.calibration.zero)


def test_its_journal_is_analysed_at_the_times_that_it_holds(info: Callable[..., BoardInfo], tmp_path: Path) -> None:
    board = info(irregular=True, rate=100.0)
    rng = np.random.default_rng(3)
    t = np.cumsum(rng.uniform(2e6, 18e6, 3000)).astype(np.int64)
    counts = (150.0 + np.cumsum(rng.normal(0, 0.1, (3000, 4)), axis=0)) / 0.01 + 1000.0
    head = JournalHead("s", "id", "2026-01-01T00:00:00Z", 0, board, board.calibration, board.calibration.zero, {})
    writer = JournalWriter(tmp_path / "uneven.mcap", head)
    writer.append(Batch(0, counts, t + 10**6, np.zeros(3000, np.uint32), t=t))
    writer.close()
    result = analyse(tmp_path / "uneven.mcap", Plan(recipe="quijoux25"))
    assert result.trace_n == pytest.approx((t[-1] - t[0]) * 1e-9 * 25.0, abs=2)
    with pytest.raises(Exception, match="samples when it likes, and the recipe ispgr needs an even rate"):
        analyse(tmp_path / "uneven.mcap", Plan(recipe="ispgr"))
