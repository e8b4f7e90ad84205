from itertools import accumulate
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from otolith.drivers.interval import Interval

PERIODS = st.sampled_from([0.008, 0.001, 0.04])
JITTER = st.lists(st.floats(0.0, 0.2), min_size=7, max_size=50)
PPM = st.floats(-300.0, 300.0)
STALLS = st.tuples(st.floats(0.5, 200.0), st.floats(0.0, 0.9))
"""How long, and how far apart samples come while it catches up, in periods."""
SECONDS = 10


def schedule(period: float, jitter: list[float], ppm: float = 0.0, extra: int = 0) -> list[int]:
    """Arrival times in ns: an even clock that runs ``ppm`` slow, plus delays given as parts of a period."""
    step = period * (1.0 + ppm * 1e-6)
    n = round(SECONDS / period) + extra
    return [round(1e9 * (i * step + jitter[i % len(jitter)] * period)) for i in range(n)]


def stalled(times: list[int], at: int, length: int, pace: int) -> list[int]:
    """Nothing arrives from sample ``at`` on for ``length`` ns; then what waited, one every ``pace`` ns."""
    free = times[at] + length
    return sorted(max(t, free + pace * (i - at)) if i >= at else t for i, t in enumerate(times))


def lost(times: list[int], period: float) -> list[int]:
    interval = Interval(period)
    return [missed for t in times if (missed := interval.arrived(t))]


@settings(deadline=None, max_examples=50)
@given(PERIODS, JITTER, PPM)
def test_jitter_and_a_skewed_clock_lose_nothing(period: float, jitter: list[float], ppm: float) -> None:
    assert lost(schedule(period, jitter, ppm), period) == []


@settings(deadline=None, max_examples=50)
@given(PERIODS, JITTER, PPM, st.integers(0, 150), STALLS)
def test_a_stalled_computer_that_catches_up_loses_nothing(
    period: float, jitter: list[float], ppm: float, at: int, stall: tuple[float, float]
) -> None:
    length, pace = (round(part * period * 1e9) for part in stall)
    times = stalled(schedule(period, jitter, ppm), at, length, pace)
    assert lost(times, period) == []


@settings(deadline=None, max_examples=50)
@given(PERIODS, JITTER, PPM, st.floats(0.3, 0.5), st.integers(1, 400))
def test_dropped_samples_are_counted_exactly(
    period: float, jitter: list[float], ppm: float, at: float, dropped: int
) -> None:
    """Once the period is known: in the first two or three seconds jitter may hide a loss."""
    times = schedule(period, jitter, ppm, dropped)
    first = 1 + round(at * SECONDS / period)
    assert sum(lost(times[:first] + times[first + dropped :], period)) == dropped


@given(st.integers(2, 8), st.booleans())
def test_samples_that_travel_in_groups_lose_nothing_and_hide_no_loss(group: int, drop: bool) -> None:
    sent = [i for i in range(6000) if not (drop and i == 1000)]
    arrivals = [1_000_000 * (i // group + 1) * group for i in sent]
    assert sum(lost(arrivals, 0.001)) == int(drop)


@pytest.mark.parametrize("period", [0.001, 0.008, 0.04])
def test_a_loss_right_at_the_start_is_counted(period: float) -> None:
    times = schedule(period, [0.0, 0.02, 0.01])
    assert lost(times[:1] + times[6:], period) == [5]


def test_two_losses_are_two_losses() -> None:
    times = schedule(0.008, [0.0])
    assert lost(times[:200] + times[201:600] + times[604:], 0.008) == [1, 4]


def test_a_hang_that_is_no_whole_number_of_periods_is_counted_at_last() -> None:
    times = schedule(0.008, [0.0])
    assert lost(times[:100] + [t + 20_000_000 for t in times[100:]], 0.008) == [2]


@pytest.mark.parametrize("ppm", [-40_000.0, -5_000.0, 5_000.0, 10_000.0, 40_000.0])
@pytest.mark.parametrize("period", [0.001, 0.008, 0.04])
def test_learns_the_period_of_a_poor_clock(period: float, ppm: float) -> None:
    times = schedule(period, [0.0, 0.1, 0.05], ppm, extra=5000)
    assert lost(times, period) == []
    assert sum(lost(times[:4000] + times[4007:], period)) == 7


def test_a_computer_too_busy_for_seconds_loses_nothing() -> None:
    """Lateness wanders for three seconds at full rate, before it is worked off."""
    times = schedule(0.001, [0.0])
    random = Random(5)
    backlog = [random.uniform(0.0, 0.4) for _ in range(60)]
    busy = [t + round(1e9 * backlog[(i - 2000) // 50]) if 2000 <= i < 5000 else t for i, t in enumerate(times)]
    assert lost(list(accumulate(busy, max)), 0.001) == []


@pytest.mark.parametrize("period", [0.0, -1.0, float("nan")])
def test_refuses_a_period_that_is_none(period: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Interval(period)
