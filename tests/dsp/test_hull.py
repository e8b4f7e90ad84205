"""The hull against scipy's, and its laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull
from scipy.spatial.distance import pdist

from otolith.dsp import hull


@given(st.integers(0, 2**32 - 1), st.integers(3, 500))
def test_equal_to_qhull_and_all_pairs(seed: int, n: int) -> None:
    points = np.cumsum(np.random.default_rng(seed).normal(size=(n, 2)), axis=0)
    corners = hull.hull(*points.T)
    oracle = ConvexHull(points)
    assert {tuple(p) for p in corners} == {tuple(p) for p in points[oracle.vertices]}
    assert hull.area(corners) == pytest.approx(oracle.volume, rel=1e-9)
    assert hull.diameter(corners) == pytest.approx(pdist(points).max(), rel=1e-12)


@given(st.integers(-5, 5), st.integers(1, 9))
def test_points_on_a_line_have_length_and_no_area(slope: int, n: int) -> None:
    x = np.arange(n, dtype=np.float64)
    corners = hull.hull(x, slope * x)
    assert hull.area(corners) == 0
    assert hull.diameter(corners) == pytest.approx((n - 1) * np.hypot(1, slope))


def test_a_single_place_is_its_own_hull() -> None:
    assert hull.hull(np.full(9, 2.0), np.full(9, 3.0)).tolist() == [[2.0, 3.0]]
