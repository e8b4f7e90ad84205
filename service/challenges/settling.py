"""What is learnt of a person while they settle: their weight, and where they stand by themselves."""

import numpy as np
from numpy.typing import NDArray

from otolith.service.frame import Frame

Column = NDArray[np.float64]


class Settling:
    """Fed with the frames of one settling; the first half of them is forgotten, somebody was still moving."""

    def __init__(self) -> None:
        self._force: list[Column] = []
        self._cop: list[Column] = []

    def feed(self, frame: Frame) -> None:
        """The next samples."""
        self._force.append(frame.force)
        self._cop.append(frame.cop)

    @property
    def weight(self) -> float:
        """Mean vertical force, N; 0 without any."""
        return float(np.mean(np.concatenate(self._force[self._half :]))) if self._force else 0.0

    @property
    def middle(self) -> tuple[float, float] | None:
        """Mean CoP, mm; None where there was none."""
        if not self._cop:
            return None
        cop = np.concatenate(self._cop[self._half :])
        cop = cop[np.isfinite(cop).all(axis=1)]
        if not len(cop):
            return None
        ml, ap = cop.mean(axis=0).tolist()
        return ml, ap

    @property
    def _half(self) -> int:
        return len(self._force) // 2
