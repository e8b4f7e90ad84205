"""What must hold for every trace and every load, whatever the numbers."""

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from otolith.dsp import _cop
from otolith.dsp._filter import filter_block
from otolith.dsp._stream import CopStream
from otolith.dsp._sway import SwayWindow
from otolith.dsp.filters import butter_lowpass, steady_state
from otolith.dsp.reference import cop as reference
from otolith.dsp.reference.sway import sway as textbook
from otolith.dsp.sway import Sway

Array = NDArray[np.float64]

X, Y = np.array([-216.5, 216.5, -216.5, 216.5]), np.array([119.0, 119.0, -119.0, -119.0])
MIRROR = np.array([1, 0, 3, 2])

lengths = st.integers(3, 60)
millimetres = st.floats(-300.0, 300.0)
traces = lengths.flatmap(lambda n: arrays(np.float64, (n, 2), elements=millimetres))
loads = st.integers(1, 40).flatmap(lambda n: arrays(np.float64, (n, 4), elements=st.floats(0.0, 500.0)))
angles = st.floats(-np.pi, np.pi)
scales = st.floats(0.01, 100.0)
cuts = st.lists(st.integers(0, 60), max_size=6)


def centre(block: Array, x: Array = X, y: Array = Y) -> tuple[Array, Array]:
    force, cop = np.empty(len(block)), np.empty((len(block), 2))
    _cop.cells(np.ascontiguousarray(block), x, y, 20.0, force, cop)
    return force, cop


def sway(trace: Array) -> Sway:
    window = SwayWindow(max(len(trace), 3), rate=100.0)
    window.run(np.ascontiguousarray(trace))
    return window.figures()


def same_bits(one: Sway, other: Sway) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name), equal_nan=True) for field in fields(Sway)
    )


def pieces(block: Array, at: list[int]) -> list[Array]:
    return [np.ascontiguousarray(part) for part in np.split(block, sorted(min(cut, len(block)) for cut in at))]


@given(loads)
def test_cop_is_the_twins(block: Array) -> None:
    force, cop = centre(block)
    expected_force, expected = reference.cells(block, X, Y, 20.0)
    np.testing.assert_allclose(force, expected_force, rtol=1e-12)
    sure = np.abs(force - 20.0) > 1e-9
    np.testing.assert_allclose(cop[sure], expected[sure], rtol=0, atol=1e-9)


@given(loads)
def test_cop_lies_on_the_plate(block: Array) -> None:
    """The convex hull of four corners is their rectangle."""
    _, cop = centre(block)
    standing = ~np.isnan(cop[:, 0])
    assert (np.abs(cop[standing, 0]) <= 216.5 * (1 + 1e-14)).all()
    assert (np.abs(cop[standing, 1]) <= 119.0 * (1 + 1e-14)).all()


@given(loads)
def test_mirrored_loads_mirror_the_cop(block: Array) -> None:
    _, cop = centre(block)
    _, mirrored = centre(block[:, MIRROR])
    np.testing.assert_allclose(mirrored, cop * [-1.0, 1.0], rtol=0, atol=1e-10)


@given(loads, st.integers(0, 20))
def test_heavier_people_stand_where_they_stand(block: Array, doublings: int) -> None:
    """Powers of two scale without rounding, so not one bit may move."""
    _, cop = centre(block + 5.0)
    _, scaled = centre((block + 5.0) * 2.0**doublings)
    np.testing.assert_array_equal(cop, scaled)


@given(traces, angles, millimetres, millimetres)
def test_path_knows_neither_place_nor_direction(trace: Array, angle: float, dx: float, dy: float) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    path = sway(trace).path_length
    for moved in (trace @ turn.T + [dx, dy], trace[::-1]):
        np.testing.assert_allclose(sway(moved).path_length, path, rtol=1e-9, atol=1e-9)


@given(traces, st.integers(1, 58))
def test_joined_paths_add_up(trace: Array, cut: int) -> None:
    cut = min(cut, len(trace) - 2)
    head, tail = sway(trace[: cut + 1]), sway(trace[cut:])
    total = sum(part.path_length for part in (head, tail) if part.n > 1)
    np.testing.assert_allclose(total, sway(trace).path_length, rtol=1e-12, atol=1e-12)


@given(traces, scales)
def test_the_ellipse_grows_with_the_square(trace: Array, k: float) -> None:
    """Compared with the area of the circle that holds the trace, since a line has an area of rounding errors."""
    one, other = sway(trace), sway(k * trace)
    roundoff = 1e-10 * (one.rms_radius + 1e-3) ** 2
    assert abs(other.prediction_ellipse_area / k**2 - one.prediction_ellipse_area) <= 30 * np.sqrt(1e-10) * (
        one.rms_radius**2
    ) or np.isclose(other.prediction_ellipse_area / k**2, one.prediction_ellipse_area, rtol=1e-6, atol=roundoff)


@given(traces)
def test_streaming_is_batch(trace: Array) -> None:
    ours, theirs = sway(trace), textbook(trace, 100.0)
    size = max(1.0, float(np.abs(trace).max()))
    for name in ("path_length", "mean_velocity", "range_ml", "range_ap", "mean_ml", "mean_ap"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, atol=1e-9 * size)
    # A square root turns an error of 1e-15 of the size into one of 3e-8 of it, where the true figure is zero.
    for name in ("rms_ml", "rms_ap", "rms_radius", "ellipse_major", "ellipse_minor"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, atol=1e-6 * size)


@given(st.integers(3, 20), traces, cuts, st.lists(st.integers(0, 59), max_size=5))
def test_any_chunking_of_a_trace_gives_the_same_bits(window: int, trace: Array, at: list[int], gone: list[int]) -> None:
    trace = trace.copy()
    trace[[i for i in gone if i < len(trace)]] = np.nan
    whole, parts, single = (SwayWindow(window, rate=100.0) for _ in range(3))
    whole.run(trace)
    for part in pieces(trace, at):
        parts.run(part)
    for x, y in trace:
        single.push(x, y)
    assert same_bits(whole.figures(), parts.figures())
    assert same_bits(whole.figures(), single.figures())


@given(traces, cuts, st.sampled_from([1, 2, 4, 5]))
def test_any_chunking_of_a_filter_gives_the_same_bits(trace: Array, at: list[int], order: int) -> None:
    sos = butter_lowpass(order, 10.0, 100.0)
    whole, state = np.empty_like(trace), np.full((len(sos), 2, 2), np.nan)
    filter_block(sos, steady_state(sos), state, trace, whole)
    outputs, carried = [], np.full((len(sos), 2, 2), np.nan)
    for part in pieces(trace, at):
        out = np.empty_like(part)
        filter_block(sos, steady_state(sos), carried, part, out)
        outputs.append(out)
    np.testing.assert_array_equal(np.concatenate(outputs), whole)
    np.testing.assert_array_equal(carried, state)


@given(loads, cuts)
@settings(deadline=None)
def test_any_chunking_of_the_real_time_path_gives_the_same_bits(counts: Array, at: list[int]) -> None:
    def fresh() -> CopStream:
        return CopStream(X, Y, [0.5] * 4, [3.0] * 4, rate=100.0, sos=butter_lowpass(4, 10.0, 100.0), window=7)

    def run(stream: CopStream, block: Array) -> tuple[Array, ...]:
        n = len(block)
        out = np.empty((n, 4)), np.empty(n), np.empty((n, 2)), np.empty((n, 2))
        stream.run(block, *out)
        return out

    whole, parts, single = fresh(), fresh(), fresh()
    expected = run(whole, counts)
    outputs = [run(parts, part) for part in pieces(counts, at)]
    for one, many in zip(expected, zip(*outputs, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(many))
    for row in counts:
        single.push(*row)
    assert same_bits(whole.figures(), parts.figures())
    assert same_bits(whole.figures(), single.figures())
    force, cop = np.empty(len(counts)), np.empty((len(counts), 2))
    _cop.cells(expected[0], X, Y, 20.0, force, cop)
    np.testing.assert_array_equal(force, expected[1])
    np.testing.assert_array_equal(cop, expected[2])
