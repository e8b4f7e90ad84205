"""The recent past of one board that is a part of a fused one: its wrench over the station's clock."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Flag
from otolith.drivers.board import BoardInfo
from otolith.service.bearing import Array, bearing
from otolith.service.frame import Frame
from otolith.service.tare import UNUSABLE

SAME: Final = 1e-6
"""Seconds: times that differ by less are one; a computer's clock tells no more."""
MISSING: Final = np.uint32(Flag.INVALID | Flag.INCOMPLETE)


class PartTrack:
    """Samples of one part by the time at which they were taken, as far as it can be told."""

    def __init__(self, info: BoardInfo) -> None:
        self.first: float | None = None
        """Time of the first sample since the part came (back), seconds."""
        self.newest = -np.inf
        self._levers = bearing(info.cells, info.plates).levers
        self._expected = 0
        self._clear()

    def _clear(self) -> None:
        self._t = np.empty(0)
        self._seq = np.empty(0, np.int64)
        self._wrench = np.empty((0, 6))
        self._flags = np.empty(0, np.uint32)

    def add(self, frame: Frame) -> None:
        """Note a frame that is not empty; one whose numbers run back is of a board that was plugged in again."""
        if frame.seq < self._expected:
            self._clear()
        self._expected = frame.seq + len(frame)
        t = self._times(frame)
        self._t = np.concatenate([self._t, t])
        self._seq = np.concatenate([self._seq, np.arange(frame.seq, self._expected)])
        self._wrench = np.concatenate([self._wrench, frame.loads @ self._levers.T])
        self._flags = np.concatenate([self._flags, frame.flags & np.uint32(UNUSABLE)])
        self.first = float(t[0]) if self.first is None else self.first
        self.newest = float(self._t[-1])

    def at(self, t: Array) -> tuple[Array, NDArray[np.uint32]]:
        """``(n, 6)`` wrenches and ``(n,)`` flags at times ``t``; NaN and INCOMPLETE where no two neighbours enclose."""
        found, flags = np.full((len(t), 6), np.nan), np.full(len(t), MISSING, np.uint32)
        if not len(self._t):
            return found, flags
        after = np.clip(np.searchsorted(self._t, t - SAME), 0, len(self._t) - 1)
        before = np.maximum(after - 1, 0)
        exact = np.abs(self._t[after] - t) <= SAME
        between = (self._t[before] < t) & (t < self._t[after]) & (self._seq[after] - self._seq[before] == 1)
        before = np.where(exact, after, before)
        span = np.where(between & ~exact, self._t[after] - self._t[before], 1.0)
        share = np.where(between & ~exact, (t - self._t[before]) / span, 0.0)[:, None]
        known = exact | between
        mixed = self._wrench[before] + share * (self._wrench[after] - self._wrench[before])
        found[known] = mixed[known]
        flags[known] = (self._flags[before] | self._flags[after])[known]
        return found, flags

    def forget(self, before: float) -> None:
        """Drop what no time after ``before`` needs."""
        keep = max(0, int(np.searchsorted(self._t, before, side="right")) - 1)
        self._t, self._seq = self._t[keep:], self._seq[keep:]
        self._wrench, self._flags = self._wrench[keep:], self._flags[keep:]

    def _times(self, frame: Frame) -> Array:
        """Seconds of the station's clock at which the samples were taken, never decreasing."""
        floor = self._t[-1] if len(self._t) else -np.inf
        times: Array = np.maximum(1e-9 * frame.t, floor)
        return times
