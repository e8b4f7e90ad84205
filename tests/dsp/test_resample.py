"""Streaming SWARII against the window-by-window definition."""

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.dsp._resample import SwariiStream
from otolith.dsp.reference.resample import swarii

Array = NDArray[np.float64]


def wii(seconds: float, seed: int = 1) -> tuple[Array, Array]:
    """Times as a Wii board gives them, 25 ms give or take, and a trace."""
    rng = np.random.default_rng(seed)
    t = np.cumsum(rng.uniform(0.013, 0.037, int(seconds / 0.025)))
    return t, rng.normal(0.0, 1.0, (len(t), 2)).cumsum(axis=0)


def streamed(t: Array, trace: Array, rate: float, window: float, pieces: int = 1) -> Array:
    stream = SwariiStream(rate=rate, window=window)
    blocks = zip(np.array_split(t, pieces), np.array_split(trace, pieces), strict=True)
    rows = [stream.run(np.ascontiguousarray(a), np.ascontiguousarray(b)) for a, b in blocks]
    return np.concatenate([*rows, stream.flush()])


@pytest.mark.parametrize(("rate", "window"), [(25.0, 0.08), (100.0, 0.6), (50.0, 0.02), (10.0, 0.25)])
def test_streaming_is_batch(rate: float, window: float) -> None:
    t, trace = wii(20.0)
    np.testing.assert_allclose(streamed(t, trace, rate, window), swarii(t, trace, rate, window), rtol=0, atol=1e-10)


@pytest.mark.parametrize("pieces", [2, 7, 100, 800])
def test_any_chunking_gives_the_same_bits(pieces: int) -> None:
    t, trace = wii(20.0)
    np.testing.assert_array_equal(streamed(t, trace, 25.0, 0.08), streamed(t, trace, 25.0, 0.08, pieces))


def test_a_constant_stays_and_a_line_keeps_its_place() -> None:
    """The weights sum to one, and lean to neither side by more than a sample."""
    t = np.arange(0.0, 4.0, 0.02)
    trace = np.column_stack([np.full(len(t), 3.0), 10.0 * t])
    rows = streamed(t, trace, 25.0, 0.08)
    np.testing.assert_allclose(rows[:, 1], 3.0, rtol=1e-14)
    middle = (rows[:, 0] > 0.1) & (rows[:, 0] < 3.8)
    np.testing.assert_allclose(rows[middle, 2], 10.0 * rows[middle, 0], rtol=0, atol=0.1)


def test_rows_come_half_a_window_late_and_no_later() -> None:
    t = np.arange(0.0, 2.0, 0.01)
    stream, seen = SwariiStream(rate=50.0, window=0.1), 0
    for now in t:
        rows = stream.run(np.array([now]), np.zeros((1, 2)))
        seen += len(rows)
        due = np.floor((now - 0.05) * 50.0 + 1e-6) + 1 if now >= 0.05 - 1e-9 else 0
        assert abs(seen - due) <= 1
    assert seen > 90


def test_gaps_stay_gaps_whatever_their_length() -> None:
    t, trace = wii(10.0)
    for pause in (0.5, 100.0, 1e9):
        late = np.where(np.arange(len(t)) < 200, t, t + pause)
        rows = streamed(late, trace, 25.0, 0.08)
        assert len(rows) < 260
        assert np.diff(rows[:, 0]).max() == pytest.approx(pause, rel=0.3)
        if pause < 1000:
            np.testing.assert_allclose(rows, swarii(late, trace, 25.0, 0.08), rtol=0, atol=1e-9)


def test_missing_samples_are_left_out() -> None:
    t, trace = wii(10.0)
    gone = np.random.default_rng(2).random(len(t)) < 0.3
    with_gaps = np.where(gone[:, None], np.nan, trace)
    np.testing.assert_array_equal(
        streamed(t, with_gaps, 25.0, 0.08), streamed(t[~gone], np.ascontiguousarray(trace[~gone]), 25.0, 0.08)
    )
    assert len(streamed(t, np.full_like(trace, np.nan), 25.0, 0.08)) == 0


def test_a_second_record_begins_afresh() -> None:
    t, trace = wii(3.0)
    stream = SwariiStream(rate=25.0, window=0.08)
    first = np.concatenate([stream.run(t, trace), stream.flush()])
    second = np.concatenate([stream.run(t, trace), stream.flush()])
    np.testing.assert_array_equal(first, second)


def test_bad_times_are_refused_and_take_nothing() -> None:
    t, trace = wii(3.0)
    stream, other = SwariiStream(), SwariiStream()
    head = stream.run(t[:50], trace[:50])
    for bad in (t[49], np.nan, np.inf, -1.0):
        with pytest.raises(ValueError, match="times must be finite and increase"):
            stream.run(np.array([t[50], bad]), trace[:2])
    with pytest.raises(ValueError, match=r"2 times need a trace of \(2, 2\)"):
        stream.run(t[50:52], trace[:3])
    rows = np.concatenate([head, stream.run(t[50:], trace[50:])])
    np.testing.assert_array_equal(rows, other.run(t, trace))
    assert (stream.rate, stream.window) == (25.0, 0.08)
    assert stream.run(np.empty(0), np.empty((0, 2))).shape == (0, 3)


def test_rates_and_windows_that_make_no_sense() -> None:
    for rate, window in ((0.0, 0.08), (25.0, -1.0), (np.inf, 0.1)):
        with pytest.raises(ValueError, match="positive rate"):
            SwariiStream(rate=rate, window=window)
    with pytest.raises(ValueError, match="never set up"):
        SwariiStream.__new__(SwariiStream).run(np.zeros(1), np.zeros((1, 2)))
