"""Student's t distribution for whole degrees of freedom, in closed form (Abramowitz, Stegun 1964, 26.7.3-4)."""

import math

WIDEST = 1e6
"""Beyond every quantile that a confidence of 99.99 % asks for at one degree of freedom."""


def within(t: float, freedom: int) -> float:
    """Probability that |T| stays within ``t`` at ``freedom`` degrees. Raises ValueError below one degree."""
    if freedom < 1:
        raise ValueError(f"Student's t has one degree of freedom or more, not {freedom}")
    angle = math.atan(abs(t) / math.sqrt(freedom))
    s, c = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (c if odd else 1.0), 0.0
    for n in range(2 + odd, freedom + 1, 2):
        total += term
        term *= c * c * (n - 1) / n
    return 2.0 / math.pi * (angle + s * total) if odd else s * total


def quantile(confidence: float, freedom: int) -> float:
    """The t within which ``confidence`` of the distribution lies on both sides of zero; 1.96 for many at 0.95."""
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"a confidence lies between 0 and 1, not at {confidence}")
    low, high = 0.0, WIDEST
    while high - low > 1e-12 * max(high, 1.0):
        middle = (low + high) / 2.0
        low, high = (middle, high) if within(middle, freedom) < confidence else (low, middle)
    return (low + high) / 2.0
