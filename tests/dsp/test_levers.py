"""Loads with levers: plates among cells, against the textbook and against statics; and which side bears what."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from otolith.dsp import _wrench
from otolith.dsp._stream import CopStream
from otolith.dsp.plates.levers import FZ, MX, MY, cell_levers, plate_levers
from otolith.dsp.plates.sides import sides_of_cells, sides_of_plates
from otolith.dsp.reference import cop as reference

Array = NDArray[np.float64]
LEVERS = np.hstack([plate_levers(-250.0, 10.0, 90.0, 40.0), plate_levers(260.0, -5.0, 33.0, 12.0)])
ARMS = np.stack([LEVERS[FZ], -LEVERS[MY], LEVERS[MX]])
LOADS = arrays(np.float64, st.tuples(st.integers(1, 9), st.just(12)), elements=st.floats(-500.0, 500.0))
TURN = st.floats(-360.0, 360.0)


def stream(channels: int = 12, seed: int = 1) -> CopStream:
    matrix = np.random.default_rng(seed).normal(0.0, 0.1, (12, channels)) + np.eye(12, channels)
    zero = np.arange(channels, dtype=np.float64)
    return CopStream(ARMS[1], ARMS[2], matrix, zero, weight=ARMS[0], rate=100.0, window=50)


def run(s: CopStream, counts: Array) -> tuple[Array, ...]:
    n = len(counts)
    out = np.empty((n, 12)), np.empty(n), np.empty((n, 2)), np.empty((n, 2))
    s.run(np.ascontiguousarray(counts), *out)
    return out


@given(loads=LOADS)
def test_parts_are_the_textbooks(loads: Array) -> None:
    found = np.empty((len(loads), 2, 3))
    _wrench.parts(loads, ARMS, 20.0, found)
    wanted = reference.parts(loads, LEVERS, 20.0)
    clear = np.abs(wanted[..., 0] - 20.0) > 1e-6  # at the threshold itself the last bit decides
    np.testing.assert_allclose(found[clear], wanted[clear], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("channels", [12, 14])
def test_any_chunking_gives_the_same_bits(channels: int) -> None:
    counts = np.random.default_rng(2).uniform(0.0, 300.0, (101, channels))
    whole, pieces = stream(channels), stream(channels)
    out = run(whole, counts)
    parts = [run(pieces, part) for part in np.array_split(counts, [1, 2, 40, 41, 80])]
    for one, many in zip(out, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(one, np.concatenate(many))
    assert whole.figures() == pieces.figures()


@given(turn=TURN, x=st.floats(-500, 500), y=st.floats(-500, 500), top=st.floats(0, 100))
def test_a_plate_that_is_moved_and_turned_keeps_its_force_and_mirrors_back(
    turn: float, x: float, y: float, top: float
) -> None:
    levers = plate_levers(x, y, turn, top)
    np.testing.assert_allclose(np.linalg.norm(levers[:2, :2], axis=0), 1.0)
    np.testing.assert_allclose(levers[FZ], np.eye(6)[FZ], atol=0)
    back = plate_levers(0.0, 0.0, -turn, 0.0) @ plate_levers(0.0, 0.0, turn, 0.0)
    np.testing.assert_allclose(back, np.eye(6), atol=1e-12)


@given(x=st.floats(-400, 400), y=st.floats(-400, 400), force=st.floats(1, 2000), turn=TURN)
def test_a_plate_of_vertical_forces_is_a_cell_where_they_stand(x: float, y: float, force: float, turn: float) -> None:
    a = np.deg2rad(turn)
    own = np.array([np.cos(a) * x - np.sin(a) * y, np.sin(a) * x + np.cos(a) * y])  # the place in the plate's axes
    wrench = np.array([0.0, 0.0, force, own[1] * force, -own[0] * force, 0.0])
    np.testing.assert_allclose(
        plate_levers(0.0, 0.0, turn, 35.0) @ wrench, cell_levers([x], [y])[:, 0] * force, atol=1e-6
    )


def test_sides() -> None:
    sides = sides_of_plates(np.array([-250.0, 260.0]), LEVERS)
    assert sides is not None
    np.testing.assert_array_equal(sides @ np.arange(12.0), [2.0, 8.0])
    assert sides_of_plates(np.array([0.0]), LEVERS[:, :6]) is None
    assert sides_of_plates(np.array([10.0, 260.0]), LEVERS) is None
    cells = sides_of_cells(np.array([-100.0, 0.0, 100.0]))
    assert cells is not None
    np.testing.assert_array_equal(cells, [[1.0, 0.5, 0.0], [0.0, 0.5, 1.0]])
    assert sides_of_cells(np.array([0.0, 0.0])) is None


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="one row of finite numbers for each of the 12 loads"):
        CopStream(ARMS[1], ARMS[2], np.eye(11, 12), [0.0] * 12, weight=ARMS[0], rate=100.0, window=50)
    with pytest.raises(ValueError, match="the zero needs one finite number for each of the 14 channels"):
        CopStream(ARMS[1], ARMS[2], np.eye(12, 14), [0.0] * 12, weight=ARMS[0], rate=100.0, window=50)
    with pytest.raises(ValueError, match="the weight needs one finite number for each of the 12 loads"):
        CopStream(ARMS[1], ARMS[2], [1.0] * 12, [0.0] * 12, weight=[1.0], rate=100.0, window=50)
    with pytest.raises(ValueError, match="counts need 14 columns, one per channel, and loads 12"):
        run(stream(14), np.zeros((3, 12)))
    with pytest.raises(ValueError, match="the zero needs one finite number for each of the 14 channels"):
        stream(14).tare([0.0] * 12)
    for loads, arms, out in [((2, 5), (3, 5), (2, 1, 3)), ((2, 6), (2, 6), (2, 1, 3)), ((2, 6), (3, 6), (2, 2, 3))]:
        with pytest.raises(ValueError, match=r"six loads each|need a result of \(2, 1, 3\)"):
            _wrench.parts(np.zeros(loads), np.zeros(arms), 20.0, np.zeros(out))
    with pytest.raises(ValueError, match="force threshold"):
        _wrench.parts(np.zeros((1, 6)), np.zeros((3, 6)), 0.0, np.zeros((1, 1, 3)))
