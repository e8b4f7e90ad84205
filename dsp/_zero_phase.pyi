import numpy as np
from numpy.typing import NDArray

def run(b: NDArray[np.float64], a: NDArray[np.float64], rest: NDArray[np.float64], x: NDArray[np.float64]) -> None: ...
