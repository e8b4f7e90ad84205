import numpy as np
from numpy.typing import NDArray

def short_lags(x: NDArray[np.float64], out: NDArray[np.float64]) -> None: ...
