"""When samples were taken: what the station makes of a board's clock or count, and what it says of that."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo, Cell
from otolith.drivers.calibration import Linear
from otolith.service.state import ClockState
from otolith.service.timing import Timing

START = 5_000_000_000_000
RATE = 125.0
INFO = BoardInfo(
    "twin:1", "twin", "m", "1", "", "count", RATE, (Cell("A", 0, 0),), Linear((1.0,), (0.0,), "nominal"), simulated=True
)


def arrivals(n: int, ppm: float, jitter_ms: float, seed: int = 1) -> NDArray[np.int64]:
    """Of a board that runs ``ppm`` fast, each sample late by an exponential delay of so much on average."""
    late = np.random.default_rng(seed).exponential(1.0, n) * jitter_ms * 1e-3
    return START + np.rint(1e9 * (np.arange(n) / RATE / (1.0 + ppm * 1e-6) + late)).astype(np.int64)


def batches(host: NDArray[np.int64], clock: NDArray[np.float64] | None = None, size: int = 5) -> Iterator[Batch]:
    for at in range(0, len(host), size):
        rows = slice(at, at + size)
        n = len(host[rows])
        device = None if clock is None else clock[rows]
        yield Batch(at, np.zeros((n, 1)), host[rows], np.zeros(n, np.uint32), device)


def placed(timing: Timing, parts: Iterator[Batch]) -> NDArray[np.int64]:
    return np.concatenate([timing(part) for part in parts])


def told(timing: Timing) -> ClockState:
    state = timing.state()
    assert state is not None
    return state


@pytest.mark.parametrize("ppm", [200.0, 0.0, -200.0])
@pytest.mark.parametrize("clocked", [False, True])
def test_a_drifting_clock_behind_jitter_is_measured(ppm: float, clocked: bool) -> None:
    """A minute at 125 Hz with 1 ms of jitter."""
    host = np.maximum.accumulate(arrivals(7500, ppm, 1.0))
    timing = Timing(INFO)
    times = placed(timing, batches(host, np.arange(7500) / RATE + 1e3 if clocked else None))
    state = told(timing)
    assert state.source == ("clock" if clocked else "count")
    assert state.skew_ppm == pytest.approx(ppm, abs=10.0)
    assert 0.8 < state.residual_ms < 1.2
    assert state.jumps == 0
    true = START + 1e9 * (np.arange(7500) / RATE / (1.0 + ppm * 1e-6))
    assert np.std((times - true)[3750:]) < 0.1e6


def test_a_board_that_samples_when_it_likes_keeps_its_arrivals(info: Callable[..., BoardInfo]) -> None:
    host = np.array([5, 9, 9, 9, 30, 28, 31], dtype=np.int64)
    timing = Timing(info(irregular=True))
    assert placed(timing, batches(host, size=2)).tolist() == [5, 9, 10, 11, 30, 31, 32]
    assert timing.state() is None
    assert len(timing(next(batches(host[:0]), Batch(7, np.empty((0, 1)), host[:0], np.empty(0, np.uint32))))) == 0


def test_lost_samples_leave_their_time_free() -> None:
    host = arrivals(4000, 0.0, 0.0)
    kept = [part for part in batches(host) if not 2000 <= part.seq < 2250]
    timing = Timing(INFO)
    times = placed(timing, iter(kept))
    np.testing.assert_allclose(times - np.concatenate([part.t_host for part in kept]), 0, atol=10)
    assert told(timing).jumps == 0


def test_a_clock_that_was_set_is_a_jump_and_times_go_on() -> None:
    host = arrivals(4000, 0.0, 0.2)
    clock = np.arange(4000) / RATE
    clock[2000:] -= 7.0
    clock[3000:] += 3600.0
    timing = Timing(INFO)
    times = placed(timing, batches(host, clock))
    assert told(timing).jumps == 2
    assert (np.diff(times) > 0).all()
    np.testing.assert_allclose(times, host, atol=3e6)


@given(
    ppm=st.floats(-200, 200),
    jitter=st.floats(0, 5),
    size=st.integers(1, 7),
    clocked=st.booleans(),
    jumps=st.lists(st.tuples(st.integers(1, 999), st.floats(-100, 100)), max_size=3),
    stalls=st.lists(st.tuples(st.integers(1, 999), st.floats(0, 3)), max_size=2),
)
@settings(deadline=None, max_examples=50)
def test_times_increase_whatever_the_clock_does(
    ppm: float,
    jitter: float,
    *,
    size: int,
    clocked: bool,
    jumps: list[tuple[int, float]],
    stalls: list[tuple[int, float]],
) -> None:
    """Drift, jitter, several samples a report, a clock that is set, a computer that was busy."""
    host, clock = arrivals(1000, ppm, jitter), np.arange(1000) / RATE
    for at, by in jumps:
        clock[at:] += by
    for at, by in stalls:
        host[at:] = np.maximum(host[at:], host[at] + round(by * 1e9))
    host = np.maximum.accumulate(host[np.minimum(np.arange(1000) // size * size + size - 1, 999)])
    timing = Timing(INFO)
    times = placed(timing, batches(host, clock if clocked else None))
    assert (np.diff(times) >= 1e8 / RATE).all()
    assert told(timing).jumps <= (2 * len(jumps) if clocked else 0)
