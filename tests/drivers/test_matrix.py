"""The full matrix: channels with crosstalk to forces and moments, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from otolith.drivers.calibration import Calibration, Matrix

NUMBERS = st.floats(-100.0, 100.0, allow_subnormal=False)
SKEWED = Matrix(((2.0, 0.1, 0.0), (0.0, 3.0, -0.2)), (10.0, 20.0, 30.0), "nominal")


def test_is_a_calibration() -> None:
    assert isinstance(SKEWED, Calibration)


def test_each_load_is_its_row_times_the_counts_above_zero() -> None:
    loads = SKEWED.loads(np.array([[11.0, 22.0, 33.0]]))
    np.testing.assert_allclose(loads, [[2.0 + 0.2, 6.0 - 0.6]])


def test_a_tare_stands_in_for_the_zero() -> None:
    np.testing.assert_array_equal(SKEWED.loads(np.array([[1.0, 2.0, 3.0]]), (1.0, 2.0, 3.0)), [[0.0, 0.0]])


@given(loads=arrays(np.float64, (5, 2), elements=NUMBERS))
def test_counts_of_loads_have_those_loads(loads: np.ndarray) -> None:
    np.testing.assert_allclose(SKEWED.loads(SKEWED.counts(loads)), loads, atol=1e-9)


@pytest.mark.parametrize(
    ("rows", "zero"),
    [((), (0.0,)), (((1.0,),), ()), (((1.0, 2.0), (3.0,)), (0.0, 0.0)), (((float("nan"),),), (0.0,))],
)
def test_what_is_no_matrix_is_refused(rows: tuple[tuple[float, ...], ...], zero: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="calibration"):
        Matrix(rows, zero, "nominal")
