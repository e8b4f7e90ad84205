"""What stands on a simulated board: sources of corner loads, as a function of time."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class LoadSource(Protocol):
    """Newtons per cell at given times; a pure function of time, so that every run is the same."""

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` newtons at ``t`` ``(n,)`` seconds since the source began."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    """The same loads for ever: a weight on the board, or nobody (all zeros)."""

    newtons: tuple[float, ...]

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, k)`` rows, all alike."""
        return np.tile(np.asarray(self.newtons, dtype=np.float64), (len(t), 1))
