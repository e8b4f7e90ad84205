"""The weighted straight line through (index, host time), from all samples at once."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def line(index: Array, host: Array, nominal: float, memory: float) -> tuple[float, float]:
    """Slope, and the line's value at the last index, of host times (s).

    Least squares with weights (1 - 1/memory) ** age. The nominal slope enters as ``(memory / 20 + 1) ** 3 / 12`` of
    squared deviation that fades like a sample as old as the first.
    """
    ages = np.arange(len(index))[::-1]
    weights = (1.0 - 1.0 / memory) ** ages
    prior = (memory / 20.0 + 1.0) ** 3 / 12.0 * weights[0]
    i, h = weights @ index / weights.sum(), weights @ host / weights.sum()
    slope = (weights @ ((index - i) * (host - h)) + prior * nominal) / (weights @ (index - i) ** 2 + prior)
    return float(slope), float(h + slope * (index[-1] - i))
