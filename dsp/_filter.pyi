from numpy import float64
from numpy.typing import NDArray

def filter_block(
    sos: NDArray[float64],
    rest: NDArray[float64],
    state: NDArray[float64],
    x: NDArray[float64],
    out: NDArray[float64],
) -> None: ...
