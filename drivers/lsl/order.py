"""The order of a stream's samples: their numbers, and what is missing among them. No I/O."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.interval import Interval


class Order:
    """Numbers samples as they come.

    A stream that flags its gaps is believed, and the step of its time stamps says how long they are; in any other even
    stream losses are found by the stamps alone (see ``Interval``), and in an uneven one not at all.
    """

    def __init__(self, rate: float, *, flagged: bool, even: bool) -> None:
        self._rate = rate
        self._flagged = flagged
        self._interval = Interval(1.0 / rate) if even and not flagged else None
        self._next = 0
        self._last: float | None = None

    def runs(self, stamps: NDArray[np.float64], flags: NDArray[np.uint32]) -> Iterator[tuple[int, int, slice]]:
        """Runs of a chunk without a gap inside: number of the first sample, how many are missing before it, rows."""
        missed = self._missed(stamps, flags)
        starts = [0, *(int(row) for row in np.flatnonzero(missed) if row)]
        for start, stop in zip(starts, [*starts[1:], len(stamps)], strict=True):
            self._next += int(missed[start])
            yield self._next, int(missed[start]), slice(start, stop)
            self._next += stop - start

    def _missed(self, stamps: NDArray[np.float64], flags: NDArray[np.uint32]) -> NDArray[np.int64]:
        if self._interval is not None:
            arrived = self._interval.arrived
            return np.array([arrived(t) for t in np.rint(stamps * 1e9).astype(np.int64).tolist()], dtype=np.int64)
        previous = np.concatenate([[stamps[0] if self._last is None else self._last], stamps[:-1]])
        self._last = float(stamps[-1])
        steps = np.maximum(np.rint((stamps - previous) * self._rate).astype(np.int64) - 1, 1)
        after = (flags & np.uint32(Flag.AFTER_GAP)) != 0
        after[0] &= self._next > 0
        return np.where(after & self._flagged, steps, 0)
