import numpy as np
from numpy.typing import NDArray

def chain(x: NDArray[np.float64], y: NDArray[np.float64], out: NDArray[np.intp]) -> int: ...
