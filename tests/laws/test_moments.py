"""Pieces of a trace put together are the trace."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from otolith.dsp.moments import Moments, moments
from otolith.dsp.reference.sway import sway as textbook
from otolith.dsp.sway import Sums, sway_of

Array = NDArray[np.float64]

values = st.one_of(st.floats(-300.0, 300.0), st.just(np.nan))
traces = st.integers(0, 50).flatmap(lambda n: arrays(np.float64, (n, 2), elements=values))
cuts = st.lists(st.integers(0, 50), max_size=5)


def assert_same(one: Moments, other: Moments) -> None:
    assert (one.n, one.gap) == (other.n, other.gap)
    assert (one.low, one.high, one.first, one.last) == (other.low, other.high, other.first, other.last)
    np.testing.assert_allclose(one.mean, other.mean, rtol=0, atol=1e-9)
    np.testing.assert_allclose(one.square, other.square, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(one.path, other.path, rtol=1e-12, atol=1e-9)


@given(traces, cuts)
def test_pieces_add_up(trace: Array, at: list[int]) -> None:
    total = Moments()
    for piece in np.split(trace, sorted(min(cut, len(trace)) for cut in at)):
        total += moments(piece)
    assert_same(total, moments(trace))


@given(traces, traces, traces)
def test_the_order_of_adding_does_not_matter(a: Array, b: Array, c: Array) -> None:
    one, two, three = moments(a), moments(b), moments(c)
    assert_same((one + two) + three, one + (two + three))


def test_the_figures_are_those_of_the_whole() -> None:
    trace = np.random.default_rng(1).normal(0.0, 1.0, (300, 2)).cumsum(axis=0)
    total = moments(trace[:100]) + moments(trace[100:]) + Moments()
    ours, theirs = sway_of(total.sums(), 100.0), textbook(trace, 100.0)
    for name in ("path_length", "rms_ml", "rms_ap", "range_ml", "prediction_ellipse_area", "ellipse_angle", "mean_ap"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-10)
    assert str(Moments().sums()) == str(Sums())
