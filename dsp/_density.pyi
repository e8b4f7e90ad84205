import numpy as np
from numpy.typing import NDArray

def stay(
    x: NDArray[np.float64], y: NDArray[np.float64], radius: float, box: NDArray[np.float64], out: NDArray[np.intp]
) -> None: ...
