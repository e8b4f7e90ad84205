"""Points drawn with the dots of Braille: two across and four down in each character."""

import numpy as np
from numpy.typing import NDArray

BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""Dot to bit of U+2800 (Unicode 16, chapter 21.1)."""


def braille(points: NDArray[np.float64], half_span: float, columns: int, rows: int) -> list[str]:
    """``rows`` lines of ``columns`` characters; ``points`` ``(n, 2)`` around (0, 0), y up, as wide as ``half_span``.

    Points outside, and NaN, are left out.
    """
    dots = np.zeros((rows * 4, columns * 2), dtype=bool)
    inside = points[np.all(np.abs(points) < half_span, axis=1)]
    x = ((inside[:, 0] / half_span + 1) / 2 * columns * 2).astype(int)
    y = ((1 - inside[:, 1] / half_span) / 2 * rows * 4).astype(int)
    dots[y, x] = True
    cells = dots.reshape(rows, 4, columns, 2).transpose(0, 2, 1, 3)
    codes = 0x2800 + (cells * BITS).sum(axis=(2, 3))
    return ["".join(map(chr, row)) for row in codes]
