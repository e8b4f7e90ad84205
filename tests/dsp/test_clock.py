"""The regressed clock against the weighted line of all samples, and on clocks that misbehave."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from otolith.dsp._clock import ClockFit
from otolith.dsp.reference.clock import line

START = 5_000_000_000_000_000
"""Nanoseconds: a computer that has run for two months."""


def completions(n: int, period: float, jitter: float, seed: int = 1) -> NDArray[np.int64]:
    """Host times of samples every ``period`` seconds, each late by an exponential delay of ``jitter`` on average."""
    late = np.random.default_rng(seed).exponential(jitter, n) if jitter else np.zeros(n)
    return START + np.rint(1e9 * (np.arange(n) * period + late)).astype(np.int64)


def fitted(clock: ClockFit, index: NDArray[np.float64], host: NDArray[np.int64]) -> NDArray[np.int64]:
    out = np.empty(len(index), dtype=np.int64)
    clock.run(index, host, out)
    return out


@pytest.mark.parametrize("n", [2, 10, 300, 5000])
def test_the_line_is_the_weighted_regression(n: int) -> None:
    index, late = np.arange(n, dtype=np.float64), np.random.default_rng(1).uniform(0.0, 2e-3, n)
    host = START + np.rint(1e9 * (index * 0.00801 + late)).astype(np.int64)
    clock = ClockFit(period=0.008, memory=500.0)
    out = fitted(clock, index, host)
    slope, last = line(index, np.asarray((host - START) * 1e-9, dtype=np.float64), 0.008, 500.0)
    assert clock.period == pytest.approx(slope, rel=1e-9)
    assert (out[-1] - START) * 1e-9 == pytest.approx(last, abs=2e-8) or out[-1] == out[-2]


def test_jitter_goes_and_drift_is_found() -> None:
    """125 Hz with 1 ms of USB jitter and a crystal 200 ppm off."""
    n, true = 20_000, 0.008 * 1.0002
    clock = ClockFit(period=0.008)
    out = fitted(clock, np.arange(n, dtype=np.float64), completions(n, true, 1e-3))
    steps = np.diff(out[5000:]) * 1e-9
    assert steps.std() < 1e-3 / 50
    assert clock.period == pytest.approx(true, rel=2e-5)
    assert 0.9e-3 < clock.residual < 1.1e-3
    assert clock.restarts == 0


def test_missing_numbers_are_stepped_over() -> None:
    index = np.concatenate([np.arange(3000.0), np.arange(3100.0, 6000.0)])
    host = completions(6000, 0.001, 1e-4)[index.astype(int)]
    out = fitted(ClockFit(period=0.001), index, host)
    assert (out[3000] - out[2999]) * 1e-9 == pytest.approx(0.101, abs=2e-4)


def test_time_never_runs_backwards() -> None:
    rng = np.random.default_rng(3)
    host = completions(3000, 0.001, 0.02, seed=4)
    index = np.arange(3000.0) + rng.normal(0, 3.0, 3000)
    assert (np.diff(fitted(ClockFit(period=0.001, memory=20.0), index, host)) >= 100_000).all()


def test_a_board_that_starts_again_gets_a_new_line() -> None:
    host = completions(4000, 0.001, 1e-4)
    host[2000:] += 60 * 10**9
    clock = ClockFit(period=0.001)
    out = fitted(clock, np.concatenate([np.arange(2000.0), np.arange(2000.0)]), host)
    assert clock.restarts == 1
    np.testing.assert_allclose((out[2000:] - host[2000:]) * 1e-9, 0.0, atol=2e-3)


def test_a_report_is_as_late_as_its_newest_sample() -> None:
    """A hundred samples every 100 ms: each is placed when it was taken, none after it came."""
    index = np.arange(20_000.0)
    host = START + (index // 100 + 1).astype(np.int64) * 100_000_000
    clock = ClockFit(period=0.001)
    out = fitted(clock, index, host)
    np.testing.assert_allclose((out - START)[100:] * 1e-9, index[100:] * 0.001 + 0.001, atol=1e-6)
    assert clock.residual < 1e-6
    assert clock.restarts == 0


def test_a_report_cut_in_two_is_one_report() -> None:
    index = np.arange(1000.0)
    host = completions(1000, 0.001, 3e-4).reshape(-1, 2)[:, 1].repeat(2)
    whole, parts = ClockFit(period=0.001), ClockFit(period=0.001)
    fitted(whole, index, host)
    for i, h in zip(np.array_split(index, 333), np.array_split(host, 333), strict=True):
        fitted(parts, i, h)
    assert (parts.period, parts.residual) == (whole.period, whole.residual)


def test_a_computer_that_was_busy_moves_no_sample() -> None:
    """Nothing comes for two seconds, then all of it at once: late, not elsewhere."""
    index, host = np.arange(6000.0), completions(6000, 0.001, 1e-4)
    true = START + np.rint(index * 1e6).astype(np.int64)
    host[3000:5000] = np.maximum(host[3000:5000], host[5000] + np.arange(2000) * 1000)
    clock = ClockFit(period=0.001, limit=0.1)
    out = fitted(clock, index, np.maximum.accumulate(host))
    assert clock.restarts == 0
    assert np.abs(out - true)[2000:].max() < 1_000_000


def test_a_clock_that_stays_behind_gets_a_new_line_when_patience_ends() -> None:
    """The board's clock stood still for a second, as seen from the host."""
    index, host = np.arange(12_000.0), completions(12_000, 0.001, 1e-4)
    host[4000:] += 1_000_000_000
    clock = ClockFit(period=0.001, limit=0.1, patience=2.0)
    out = fitted(clock, index, host)
    assert clock.restarts == 1
    np.testing.assert_allclose((out - host)[4000:5900] * 1e-9, -1.0, atol=2e-3)
    np.testing.assert_allclose((out - host)[6100:] * 1e-9, 0.0, atol=2e-3)


def test_a_clock_that_was_set_gets_a_new_line_at_once() -> None:
    index, host = np.arange(4000.0), completions(4000, 0.001, 1e-4)
    index[2000:] += 10_000.0
    clock = ClockFit(period=0.001)
    out = fitted(clock, index, host)
    assert clock.restarts == 1
    np.testing.assert_allclose((out - host) * 1e-9, 0.0, atol=3e-3)


def test_a_first_sample_that_is_late_is_no_restart() -> None:
    index, host = np.arange(1000.0), completions(1000, 0.001, 1e-4)
    host[0] = host[1] = host[2] + 700_000_000
    clock = ClockFit(period=0.001, limit=0.1)
    out = fitted(clock, index, np.concatenate([host[:1], np.maximum.accumulate(host)[1:2], host[2:]]))
    assert clock.restarts == 0
    assert (np.diff(out) > 0).all()


@given(
    st.floats(-200.0, 200.0),
    st.floats(0.0, 2.0),
    st.integers(1, 20),
    st.lists(st.tuples(st.integers(1, 1999), st.integers(-500_000, 500_000)), max_size=4),
    st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=60)
def test_times_only_ever_go_forward(
    ppm: float, jitter: float, burst: int, jumps: list[tuple[int, int]], seed: int
) -> None:
    """Drift, jitter, several samples a report, gaps and jumps of the board's clock (either way)."""
    rng = np.random.default_rng(seed)
    index = np.arange(2000.0)
    host = np.arange(2000) // burst * burst * 0.001 * (1 + ppm * 1e-6) + jitter * 0.001 * rng.exponential(size=2000)
    for at, by in jumps:
        index[at:] += by
        host[at:] += max(by, 0) % 2000 * 0.001
    clock = ClockFit(period=0.001, limit=0.1)
    out = fitted(clock, index, START + np.rint(np.maximum.accumulate(host) * 1e9).astype(np.int64))
    assert (np.diff(out) >= 100_000).all()
    assert clock.restarts <= 2 * len(jumps)


def test_any_chunking_gives_the_same_bits() -> None:
    host, index = completions(1000, 0.008, 1e-3), np.arange(1000.0)
    whole, parts = ClockFit(period=0.008), ClockFit(period=0.008)
    expected = fitted(whole, index, host)
    at = [1, 2, 100, 101, 640]
    pieces = zip(np.split(index, at), np.split(host, at), strict=True)
    np.testing.assert_array_equal(np.concatenate([fitted(parts, i, h) for i, h in pieces]), expected)


def test_numbers_that_are_none_and_a_fresh_start() -> None:
    clock = ClockFit(period=0.01)
    assert (clock.period, clock.residual) == (0.01, 0.0)
    out = fitted(clock, np.array([0.0, np.nan, 2.0]), np.array([START, START + 5, START + 20_000_000]))
    assert (out[0], out[1]) == (START, START + 1_000_000)
    assert abs(out[2] - START - 20_000_000) < 5
    clock.reset()
    assert fitted(clock, np.array([7.0]), np.array([START + 1]))[0] == START + 1


def test_clocks_that_make_no_sense() -> None:
    for period, memory, limit, patience in ((0, 100, 1, 1), (0.01, 1, 1, 1), (0.01, 100, 0, 1), (0.01, 100, 1, 0)):
        with pytest.raises(ValueError, match="positive period, limit and patience"):
            ClockFit(period=period, memory=memory, limit=limit, patience=patience)
    with pytest.raises(ValueError, match="2 indices need 2 host times"):
        ClockFit(period=1.0).run(np.zeros(2), np.zeros(1, dtype=np.int64), np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError, match="never set up"):
        ClockFit.__new__(ClockFit).run(np.zeros(1), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
