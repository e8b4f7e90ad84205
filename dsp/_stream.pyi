from collections.abc import Sequence
from typing import final

from numpy import float64
from numpy.typing import NDArray

from otolith.dsp.sway import Sway

@final
class CopStream:
    def __init__(
        self,
        x: Sequence[float] | NDArray[float64],
        y: Sequence[float] | NDArray[float64],
        gain: Sequence[float] | Sequence[Sequence[float]] | NDArray[float64],
        zero: Sequence[float] | NDArray[float64],
        *,
        weight: Sequence[float] | NDArray[float64] | None = None,
        rate: float,
        threshold: float = 20.0,
        sos: NDArray[float64] | None = None,
        window: int,
    ) -> None: ...
    @property
    def cells(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def window(self) -> int: ...
    @property
    def rate(self) -> float: ...
    @property
    def threshold(self) -> float: ...
    def run(
        self,
        counts: NDArray[float64],
        loads: NDArray[float64],
        force: NDArray[float64],
        cop: NDArray[float64],
        smooth: NDArray[float64],
    ) -> int: ...
    def push(self, c0: float, c1: float, c2: float, c3: float) -> bool: ...
    def latest(self) -> tuple[float, float, float, float, float]: ...
    def tare(self, zero: Sequence[float] | NDArray[float64]) -> None: ...
    def gap(self) -> None: ...
    def reset(self) -> None: ...
    def figures(self) -> Sway: ...
