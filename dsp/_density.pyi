import numpy as np
from numpy.typing import NDArray

def dwell(
    x: NDArray[np.float64], y: NDArray[np.float64], radius: float, longest: float, out: NDArray[np.float64]
) -> None: ...
