from numpy import float64
from numpy.typing import NDArray

def centres(
    wrench: NDArray[float64],
    offset: NDArray[float64],
    threshold: float,
    cop: NDArray[float64],
    free_moment: NDArray[float64],
) -> None: ...
def calibrated(
    signals: NDArray[float64],
    columns: NDArray[float64],
    offset: NDArray[float64],
    threshold: float,
    wrench: NDArray[float64],
    cop: NDArray[float64],
    free_moment: NDArray[float64],
) -> None: ...
def parts(loads: NDArray[float64], arms: NDArray[float64], threshold: float, out: NDArray[float64]) -> None: ...
