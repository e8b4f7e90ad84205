import numpy as np
from numpy.typing import NDArray

def spikes(
    t: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    start: float,
    jump: float,
    back: float,
    keep: NDArray[np.uint8],
) -> None: ...
def resample(
    t: NDArray[np.float64],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    half: float,
    at: NDArray[np.float64],
    to_x: NDArray[np.float64],
    to_y: NDArray[np.float64],
) -> int: ...
