from numpy import float64
from numpy.typing import NDArray

def cells(
    loads: NDArray[float64],
    x: NDArray[float64],
    y: NDArray[float64],
    threshold: float,
    force: NDArray[float64],
    cop: NDArray[float64],
) -> None: ...
