"""CoP of cells and wrenches: known answers, every memory layout, bad input."""

import numpy as np
import pytest
from numpy.typing import NDArray

from otolith.dsp import _cop, _wrench
from otolith.dsp.reference import cop as reference

Array = NDArray[np.float64]
X, Y = np.array([-216.5, 216.5, -216.5, 216.5]), np.array([119.0, 119.0, -119.0, -119.0])


def cells(loads: Array, x: Array = X, y: Array = Y, threshold: float = 20.0) -> tuple[Array, Array]:
    force, cop = np.empty(len(loads)), np.empty((len(loads), 2), order="F" if loads.flags.f_contiguous else "C")
    _cop.cells(loads, x, y, threshold, force, cop)
    return force, cop


def centres(wrench: Array, offset: Array, threshold: float = 20.0) -> tuple[Array, Array]:
    cop, free_moment = np.empty((len(wrench), 2)), np.empty(len(wrench))
    _wrench.centres(wrench, offset, threshold, cop, free_moment)
    return cop, free_moment


def test_the_four_corner_formula() -> None:
    """CoPx = (X/2)((TR+BR)-(TL+BL))/F, CoPy = (Y/2)((TR+TL)-(BR+BL))/F (Leach et al. 2014), cells TL TR BL BR."""
    force, cop = cells(np.array([[100.0, 140.0, 80.0, 120.0]]))
    assert force[0] == 440.0
    np.testing.assert_allclose(cop, [[216.5 * (260 - 180) / 440, 119.0 * (240 - 200) / 440]], rtol=1e-15)


@pytest.mark.parametrize("k", [1, 3, 4, 8])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 5, 64, 1001])
def test_every_layout_is_the_twin(k: int, n: int) -> None:
    rng = np.random.default_rng(10 * n + k)
    loads, x, y = rng.uniform(-5.0, 30.0, (n, k)), rng.normal(0.0, 200.0, k), rng.normal(0.0, 200.0, k)
    force, cop = reference.cells(loads, x, y, 20.0)
    wide = np.zeros((n, 2 * k))
    wide[:, ::2] = loads
    for block in (loads, np.asfortranarray(loads), wide[:, ::2]):
        ours, centre = cells(block, x, y)
        np.testing.assert_allclose(ours, force, rtol=1e-12, atol=1e-12)
        sure = np.abs(force - 20.0) > 1e-9
        np.testing.assert_allclose(centre[sure], cop[sure], rtol=1e-11, atol=1e-9)


def test_the_layouts_agree_to_the_bit() -> None:
    loads = np.random.default_rng(7).uniform(0.0, 300.0, (1003, 4))
    rows, columns = cells(loads), cells(np.asfortranarray(loads))
    strided = cells(np.repeat(loads, 2, axis=0)[::2])
    for other in (columns, strided):
        np.testing.assert_array_equal(rows[0], other[0])
        np.testing.assert_array_equal(rows[1], other[1])


def test_nobody_on_the_board() -> None:
    loads = np.array([[0.0] * 4, [5.0] * 4, [4.9] * 4, [np.nan, 100.0, 100.0, 100.0], [np.inf] * 4, [-200.0] * 4])
    force, cop = cells(loads)
    np.testing.assert_array_equal(np.isnan(cop).all(axis=1), [True, False, True, True, True, True])
    np.testing.assert_array_equal(force[:3], [0.0, 20.0, 19.6])


@pytest.mark.parametrize(
    ("loads", "x", "force", "cop", "threshold", "message"),
    [
        ((5, 4), 3, 5, (5, 2), 20.0, "one x and one y per cell"),
        ((5, 0), 0, 5, (5, 2), 20.0, "one x and one y per cell"),
        ((5, 4), 4, 4, (5, 2), 20.0, r"force of \(5,\)"),
        ((5, 4), 4, 5, (5, 3), 20.0, r"CoP of \(5, 2\)"),
        ((5, 4), 4, 5, (5, 2), 0.0, "threshold must be a positive"),
        ((5, 4), 4, 5, (5, 2), float("nan"), "threshold must be a positive"),
    ],
)
def test_cells_that_do_not_fit(
    *, loads: tuple[int, int], x: int, force: int, cop: tuple[int, int], threshold: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        _cop.cells(np.ones(loads), np.ones(x), np.ones(x), threshold, np.ones(force), np.ones(cop))


def test_a_force_on_the_surface_gives_its_own_point() -> None:
    """A force at P on the surface with a free moment T, seen by a sensor 40 mm below it and aside (z points down)."""
    force, at, free = np.array([30.0, -20.0, 700.0]), np.array([55.0, -21.0, 0.0]), 1500.0
    offset = np.array([3.0, -2.0, -40.0])
    wrench = np.array([[*force, *np.cross(at + offset, force)]])
    wrench[0, 5] += free
    cop, free_moment = centres(wrench, offset)
    np.testing.assert_allclose(cop[0], at[:2], rtol=1e-13)
    assert free_moment[0] == pytest.approx(free, rel=1e-12)


def test_wrenches_are_the_twin() -> None:
    rng = np.random.default_rng(5)
    wrench, offset = rng.normal(0.0, 50.0, (500, 6)), np.array([1.0, 2.0, -41.0])
    cop, free_moment = centres(wrench, offset)
    expected, moment = reference.wrenches(wrench, offset, 20.0)
    np.testing.assert_allclose(cop, expected, rtol=1e-10, atol=1e-9)
    np.testing.assert_allclose(free_moment, moment, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("signals", [6, 8])
def test_calibration_comes_before_the_centre(signals: int) -> None:
    rng = np.random.default_rng(signals)
    raw, columns, offset = (
        rng.normal(0, 1, (300, signals)),
        rng.normal(0, 50, (signals, 6)),
        np.array([1.0, 2.0, -41.0]),
    )
    wrench, cop, free_moment = np.empty((300, 6)), np.empty((300, 2)), np.empty(300)
    _wrench.calibrated(raw, columns, offset, 20.0, wrench, cop, free_moment)
    np.testing.assert_allclose(wrench, raw @ columns, rtol=1e-10, atol=1e-11)
    plain = centres(wrench, offset)
    np.testing.assert_array_equal(cop, plain[0])
    np.testing.assert_array_equal(free_moment, plain[1])


def test_wrenches_that_do_not_fit() -> None:
    good = np.ones((5, 6)), np.ones(3), 20.0, np.ones((5, 2)), np.ones(5)
    for place, wrong, message in [
        (0, np.ones((5, 5)), "six columns"),
        (1, np.ones(2), "three components, not 2"),
        (2, -1.0, "threshold must be a positive"),
        (3, np.ones((4, 2)), r"CoP of \(5, 2\)"),
        (4, np.ones(4), r"free moment of \(5,\)"),
    ]:
        arguments = [wrong if i == place else value for i, value in enumerate(good)]
        with pytest.raises(ValueError, match=message):
            _wrench.centres(*arguments)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(ValueError, match=r"6 signals need a calibration of \(6, 6\)"):
        _wrench.calibrated(np.ones((5, 6)), np.ones((8, 6)), np.ones(3), 20.0, np.ones((5, 6)), *good[3:])
