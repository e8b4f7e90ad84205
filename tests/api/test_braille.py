import numpy as np
import pytest

from otolith.api.cli.braille import braille


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((-0.9, 0.9), "⠁ "),
        ((0.9, -0.9), " ⢀"),
        ((2.0, 0.0), "  "),
        ((np.nan, 0.0), "  "),
    ],
)
def test_one_point_is_one_dot(point: tuple[float, float], expected: str) -> None:
    assert braille(np.array([point]), 1.0, 2, 1) == [expected.replace(" ", "\u2800")]


def test_all_dots_fill_the_canvas() -> None:
    axis = np.linspace(-0.99, 0.99, 100)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    assert braille(points, 1.0, 3, 2) == ["⣿⣿⣿", "⣿⣿⣿"]
