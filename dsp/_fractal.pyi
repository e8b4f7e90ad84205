import numpy as np
from numpy.typing import NDArray

def fluctuations(profile: NDArray[np.float64], scales: NDArray[np.intp], out: NDArray[np.float64]) -> None: ...
