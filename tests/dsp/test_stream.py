"""The one-pass path against the same steps written out in numpy and scipy."""

from dataclasses import astuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import signal

from otolith.dsp._stream import CopStream
from otolith.dsp._sway import SwayWindow
from otolith.dsp.filters import butter_lowpass

X, Y = (-216.5, 216.5, -216.5, 216.5), (119.0, 119.0, -119.0, -119.0)
GAIN, ZERO = (0.1005, 0.0940, 0.0960, 0.0995), (2000.0, 2100.0, 1900.0, 2050.0)
SOS = butter_lowpass(2, 10.0, 100.0)

Outputs = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def stream(sos: NDArray[np.float64] | None = SOS, window: int = 50) -> CopStream:
    return CopStream(X, Y, GAIN, ZERO, rate=100.0, sos=sos, window=window)


def outputs(n: int, cells: int = 4) -> Outputs:
    return np.empty((n, cells)), np.empty(n), np.empty((n, 2)), np.empty((n, 2))


def standing(n: int, seed: int = 1) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return np.asarray(ZERO) + rng.normal(1800.0, 30.0, (n, 4)).cumsum(axis=0) / np.arange(1, n + 1)[:, None]


def run(s: CopStream, counts: NDArray[np.float64]) -> Outputs:
    out = outputs(*counts.shape)
    s.run(counts, *out)
    return out


def test_every_output_is_the_textbook_step() -> None:
    counts = standing(300)
    loads, force, cop, smooth = run(stream(), counts)

    expected = (counts - np.asarray(ZERO)) * np.asarray(GAIN)
    np.testing.assert_allclose(loads, expected, rtol=1e-15)
    np.testing.assert_allclose(force, expected.sum(axis=1), rtol=1e-14)
    centre = np.stack([expected @ np.asarray(X), expected @ np.asarray(Y)], axis=1) / expected.sum(axis=1)[:, None]
    np.testing.assert_allclose(cop, centre, rtol=0, atol=1e-11)
    start = signal.sosfilt_zi(SOS)[:, :, None] * cop[0]
    filtered, _ = signal.sosfilt(SOS, cop, axis=0, zi=start)
    np.testing.assert_allclose(smooth, filtered, rtol=0, atol=1e-12)


def test_the_sway_is_that_of_the_filtered_trace() -> None:
    s, window = stream(), SwayWindow(50, rate=100.0)
    _, _, _, smooth = run(s, standing(300))
    window.run(smooth)
    assert s.figures() == window.figures()


def test_blocks_and_pushes_give_the_same_bits() -> None:
    counts = standing(257)
    whole, pieces, single = stream(), stream(), stream()
    out = run(whole, counts)
    parts = [run(pieces, np.ascontiguousarray(part)) for part in np.array_split(counts, [1, 2, 40, 41, 200])]
    for one, many in zip(out, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(many))
    for row in counts:
        assert single.push(*row)
    assert whole.figures() == pieces.figures() == single.figures()
    assert single.latest() == (out[1][-1], *out[2][-1], *out[3][-1])


def test_nobody_on_the_board_is_nan_and_does_not_poison_the_filter() -> None:
    counts = standing(60)
    counts[20:30] = ZERO
    counts[40, 2] = np.nan
    s = stream()
    out = outputs(60)
    assert s.run(counts, *out) == 11
    _, _, cop, smooth = out
    gone = np.zeros(60, dtype=bool)
    gone[[*range(20, 30), 40]] = True
    np.testing.assert_array_equal(np.isnan(cop).all(axis=1), gone)
    np.testing.assert_array_equal(np.isnan(smooth).all(axis=1), gone)
    np.testing.assert_allclose(smooth[[30, 41]], cop[[30, 41]], rtol=0, atol=1e-12)
    assert s.figures().n == 39


def test_a_gap_restarts_the_filter_and_breaks_the_path() -> None:
    s = stream()
    run(s, standing(50))
    s.gap()
    _, _, cop, smooth = run(s, standing(1, seed=2))
    np.testing.assert_allclose(smooth, cop, rtol=0, atol=1e-12)
    joined = SwayWindow(50, rate=100.0)
    assert s.figures().path_length < 50.0
    assert joined.figures().n == 0


def test_a_tare_starts_afresh_with_the_new_zero() -> None:
    s = stream()
    run(s, standing(60))
    s.tare(np.asarray(ZERO) + 10.0)
    assert s.figures().n == 0
    loads, _, _, _ = run(s, standing(1))
    np.testing.assert_allclose(loads, (standing(1) - np.asarray(ZERO) - 10.0) * np.asarray(GAIN), rtol=1e-14)
    with pytest.raises(ValueError, match="the zero needs one finite number for each of the 4 cells"):
        s.tare([1.0, 2.0])


def test_any_number_of_cells() -> None:
    s = CopStream([-100.0, 100.0, 0.0], [0.0, 0.0, 90.0], [1.0] * 3, [0.0] * 3, rate=50.0, window=10)
    _, force, cop, smooth = run(s, np.array([[100.0, 100.0, 100.0]]))
    assert force[0] == 300.0
    np.testing.assert_allclose(cop, [[0.0, 30.0]])
    np.testing.assert_array_equal(cop, smooth)
    with pytest.raises(ValueError, match="this board has 3 cells"):
        s.push(1.0, 2.0, 3.0, 4.0)


def test_an_empty_block_is_nothing() -> None:
    s = stream()
    assert s.run(np.empty((0, 4)), *outputs(0)) == 0
    assert np.isnan(astuple(s.figures())[2:]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": (1.0, 2.0)}, "y needs one finite number for each of the 2 cells"),
        ({"gain": (1.0, 2.0, 3.0, np.nan)}, "the gain needs one finite"),
        ({"x": ()}, "at least one cell"),
        ({"window": 2}, "at least 3 samples, not 2"),
        ({"rate": 0.0}, "sample rate must be a positive"),
        ({"threshold": -1.0}, "force threshold must be a positive"),
        ({"sos": np.ones((2, 5))}, r"shape \(s, 6\)"),
    ],
)
def test_arguments_that_make_no_stream(change: dict[str, object], message: str) -> None:
    arguments = {"x": X, "y": Y, "gain": GAIN, "zero": ZERO, "rate": 100.0, "window": 50} | change
    with pytest.raises(ValueError, match=message):
        CopStream(**arguments)  # type: ignore[arg-type]  # wrong on purpose


def test_a_failed_second_set_up_leaves_no_stream() -> None:
    """Not a stream of four cells with the constants of one."""
    s = stream()
    with pytest.raises(ValueError, match="one finite number for each of the 1 cells"):
        s.__init__([1.0], [1.0], [1.0], [np.nan], rate=100.0, window=50)
    with pytest.raises(ValueError, match="never set up"):
        run(s, standing(3))


def test_blocks_that_do_not_fit() -> None:
    s, counts = stream(), standing(5)
    loads, force, cop, smooth = outputs(5)
    with pytest.raises(ValueError, match="4 columns"):
        s.run(np.ones((5, 3)), loads, force, cop, smooth)
    with pytest.raises(ValueError, match="as many rows as there are samples, 5"):
        s.run(counts, loads, force[:4], cop, smooth)
    with pytest.raises(ValueError, match="contiguous"):
        s.run(counts[:, ::-1], loads, force, cop, smooth)
