"""The regressed clock against the weighted line of all samples, and on clocks that misbehave."""

import numpy as np
import pytest
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
    host, index = completions(n, 0.00801, 1e-3), np.arange(n, dtype=np.float64)
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
    assert (np.diff(fitted(ClockFit(period=0.001, memory=20.0), index, host)) >= 0).all()


def test_a_board_that_starts_again_gets_a_new_line() -> None:
    host = completions(4000, 0.001, 1e-4)
    host[2000:] += 60 * 10**9
    clock = ClockFit(period=0.001)
    out = fitted(clock, np.concatenate([np.arange(2000.0), np.arange(2000.0)]), host)
    assert clock.restarts == 1
    np.testing.assert_allclose((out[2000:] - host[2000:]) * 1e-9, 0.0, atol=2e-3)


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
    assert out[1] == out[0] == START
    assert abs(out[2] - START - 20_000_000) < 5
    clock.reset()
    assert fitted(clock, np.array([7.0]), np.array([START + 1]))[0] == START + 1


def test_clocks_that_make_no_sense() -> None:
    for period, memory, limit in ((0.0, 100.0, 1.0), (0.01, 1.0, 1.0), (0.01, 100.0, 0.0)):
        with pytest.raises(ValueError, match="positive period and limit"):
            ClockFit(period=period, memory=memory, limit=limit)
    with pytest.raises(ValueError, match="2 indices need 2 host times"):
        ClockFit(period=1.0).run(np.zeros(2), np.zeros(1, dtype=np.int64), np.zeros(2, dtype=np.int64))
    with pytest.raises(ValueError, match="never set up"):
        ClockFit.__new__(ClockFit).run(np.zeros(1), np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))
