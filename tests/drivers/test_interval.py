import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.drivers.interval import Interval

PERIODS = st.sampled_from([0.008, 0.001, 0.04])
JITTER = st.lists(st.floats(0.0, 0.2), min_size=7, max_size=50)


def schedule(n: int, period: float, jitter: list[float], ppm: float = 0.0) -> list[int]:
    """Arrival times in ns: an even clock that runs ``ppm`` slow, plus delays given as parts of a period."""
    step = period * (1.0 + ppm * 1e-6)
    return [round(1e9 * (i * step + jitter[i % len(jitter)] * period)) for i in range(n)]


def in_order(times: list[int], stall: int, length: int) -> list[int]:
    """Nothing arrives from sample ``stall`` on for ``length`` ns; then everything that waited, at once."""
    free = times[stall] + length
    return [max(t, free + 1000 * (i - stall)) if i >= stall and t < free else t for i, t in enumerate(times)]


def lost(times: list[int], period: float) -> list[int]:
    interval = Interval(period)
    return [missed for t in times if (missed := interval.arrived(t))]


@given(PERIODS, JITTER, st.floats(-300.0, 300.0))
def test_jitter_and_a_skewed_clock_lose_nothing(period: float, jitter: list[float], ppm: float) -> None:
    assert lost(schedule(3000, period, jitter, ppm), period) == []


@given(PERIODS, JITTER, st.floats(-300.0, 300.0), st.integers(0, 800), st.floats(0.5, 200.0))
def test_a_stalled_computer_that_catches_up_loses_nothing(
    period: float, jitter: list[float], ppm: float, stall: int, periods: float
) -> None:
    times = in_order(schedule(1500, period, jitter, ppm), stall, round(periods * period * 1e9))
    assert lost(sorted(times), period) == []


@given(PERIODS, JITTER, st.floats(-300.0, 300.0), st.integers(50, 800), st.integers(1, 400))
def test_dropped_samples_are_counted_exactly(
    period: float, jitter: list[float], ppm: float, at: int, dropped: int
) -> None:
    times = schedule(2500 + dropped, period, jitter, ppm)
    assert sum(lost(times[:at] + times[at + dropped :], period)) == dropped


@given(st.integers(2, 8), st.booleans())
def test_samples_that_travel_in_groups_lose_nothing_and_hide_no_loss(group: int, drop: bool) -> None:
    period, n = 0.001, 4000
    sent = [i for i in range(n) if not (drop and i == 1000)]
    arrivals = [1_000_000 * (i // group + 1) * group for i in sent]
    assert sum(lost(arrivals, period)) == int(drop)


def test_two_losses_are_two_losses() -> None:
    times = schedule(2000, 0.008, [0.0])
    assert lost(times[:300] + times[301:900] + times[904:], 0.008) == [1, 4]


def test_follows_a_clock_one_per_cent_slow() -> None:
    assert lost(schedule(5000, 0.008, [0.0, 0.1], 10_000.0), 0.008) == []


@pytest.mark.parametrize("period", [0.0, -1.0, float("nan")])
def test_refuses_a_period_that_is_none(period: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Interval(period)
