"""The figures of a stream's health, against arrivals whose figures are known."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.drivers.board import StreamStatistics
from otolith.service.frame import Frame
from otolith.service.health import HealthMeter

MS = 1_000_000


@pytest.fixture
def frame() -> Callable[[NDArray[np.int64]], Frame]:
    def make(t: NDArray[np.int64]) -> Frame:
        n = len(t)
        return Frame(
            board="twin-1",
            seq=0,
            missed=0,
            t=t,
            t_arrival=t,
            counts=np.zeros((n, 4)),
            loads=np.zeros((n, 4)),
            force=np.zeros(n),
            cop=np.zeros((n, 2)),
            smooth=np.zeros((n, 2)),
            flags=np.zeros(n, np.uint32),
            sway=None,
        )

    return make


def test_an_even_stream_has_its_rate_and_no_jitter(frame: Callable[..., Frame]) -> None:
    meter = HealthMeter()
    for number in range(100):
        meter.add(frame(np.array([8 * number * MS])), (8 * number + 2) * MS)
    health = meter.report(800 * MS, StreamStatistics(samples=100, missed=1, malformed=2, overruns=3))
    assert health.rate_hz == pytest.approx(125.0)
    assert health.jitter_ms == 0.0
    assert (health.latency_p50_ms, health.latency_p99_ms) == (2.0, 2.0)
    assert (health.samples, health.lost, health.malformed, health.overruns) == (100, 1, 2, 3)


def test_reports_of_several_samples_count_as_one_completion(frame: Callable[..., Frame]) -> None:
    meter = HealthMeter()
    for number in range(50):
        meter.add(frame(np.full(10, 10 * number * MS)), 10 * number * MS)
    health = meter.report(500 * MS, None)
    assert health.rate_hz == pytest.approx(1000.0)
    assert health.jitter_ms == 0.0


def test_jitter_is_the_deviation_of_the_intervals(frame: Callable[..., Frame]) -> None:
    meter = HealthMeter()
    times = np.cumsum(np.tile([6, 10], 100)) * MS
    meter.add(frame(times), int(times[-1]))
    assert meter.report(int(times[-1]), None).jitter_ms == pytest.approx(np.std(np.diff(times)) / MS)


def test_what_is_older_than_ten_seconds_is_forgotten(frame: Callable[..., Frame]) -> None:
    meter = HealthMeter()
    for number in range(30):
        meter.add(frame(np.array([number * 1000 * MS])), (number * 1000 + (50 if number < 10 else 1)) * MS)
    assert meter.report(30_000 * MS, None).latency_p99_ms == pytest.approx(1.0)
    assert meter.report(100_000 * MS, None).rate_hz == 0.0


def test_counters_go_on_across_connections(frame: Callable[..., Frame]) -> None:
    meter = HealthMeter()
    meter.add(frame(np.array([0, MS])), MS)
    meter.disconnect(StreamStatistics(samples=10, missed=1))
    health = meter.report(2 * MS, StreamStatistics(samples=5, missed=2))
    assert (health.samples, health.lost) == (15, 3)
    assert (health.rate_hz, health.latency_p99_ms) == (0.0, 0.0)


def test_nothing_yet_is_zero() -> None:
    health = HealthMeter().report(0, None)
    assert (health.rate_hz, health.jitter_ms, health.latency_p50_ms) == (0.0, 0.0, 0.0)
