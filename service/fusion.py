"""Several boards as one: their wrenches on one even grid of time, side by side as the plates of a larger board.

Pure: frames in, batches out; no clock, no task. What becomes of the batches is that of any board of plates: the CoP of
the whole is the mean of the boards' own, weighted by what each bears, and left and right are measured, not guessed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final

import numpy as np

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.board import BoardInfo, WrenchPlate
from otolith.drivers.calibration import Linear
from otolith.service.frame import Frame
from otolith.service.part_track import PartTrack

FAMILY: Final = "fused"
GATHER: Final = 0.005
"""Seconds of samples in a batch."""
PATIENCE: Final = 0.25
"""Seconds that a board may be behind the others, beyond its own latency, before the whole goes on without it."""
LONGEST: Final = 10.0
"""Seconds of grid that are filled at once; a longer absence of everybody is a gap."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the boards, and where its centre is on the whole: mm right, mm forward, degrees clockwise from above."""

    info: BoardInfo
    x: float
    y: float
    turn: float


class Fusion:
    """Give it the frames of all parts, each part's in order; it gives the batches of the board that they are together.

    The grid is even, at the nominal rate of the fastest part, on the station's clock. Every part is interpolated
    linearly between neighbouring samples, force and moment, never the CoP: so the whole is exact where the loads are
    straight lines. Where a part has none (lost, silent, a gap), the sample is INCOMPLETE, and never one-sided.
    Raises ValueError for fewer than two parts, or one twice.
    """

    def __init__(self, name: str, moniker: str, parts: Sequence[Part]) -> None:
        if len(parts) < 2 or len({part.info.id for part in parts}) != len(parts):  # noqa: PLR2004 - or there is nothing to fuse
            raise ValueError("a fused board is made of two boards or more, each of them once")
        self.info = _info(name, moniker, parts)
        self._tracks = {part.info.id: PartTrack(part.info) for part in parts}
        self._patience = PATIENCE + 2.0 * max(part.info.latency for part in parts)
        self._step = 1.0 / self.info.rate
        self._gather = max(1, round(GATHER * self.info.rate))
        self._start: float | None = None
        """Seconds of the station's clock at grid point 0 ..."""
        self._next = 0
        """... and the first one that is still to come."""

    def add(self, frame: Frame) -> Batch | None:
        """Take a frame of one of the parts; the grid points that this completes, where they are worth a batch."""
        if not len(frame):
            return None
        self._tracks[frame.board].add(frame)
        missed = 0
        limit = self._limit()
        if self._start is None:
            self._start = self._begin()
        if self._start is None or limit is None:
            return None
        if limit - self._at(self._next) > LONGEST:
            missed = int((limit - self._at(self._next)) / self._step)
            self._next += missed
        due = int(np.floor((limit - self._start) / self._step + 1e-9)) + 1 - self._next
        return self._batch(due, missed) if due >= self._gather or (missed and due > 0) else None

    def _at(self, point: int) -> float:
        return (self._start or 0.0) + point * self._step

    def _begin(self) -> float | None:
        """When everybody is there; or without those who are not, after patience."""
        firsts = [track.first for track in self._tracks.values() if track.first is not None]
        if len(firsts) == len(self._tracks):
            return max(firsts)
        waited = max(track.newest for track in self._tracks.values()) - min(firsts)
        return min(firsts) if waited > self._patience else None

    def _limit(self) -> float | None:
        """Up to when every part has told, or has been waited for."""
        newest = [track.newest for track in self._tracks.values()]
        limit = max(min(newest), max(newest) - self._patience)
        return limit if np.isfinite(limit) else None

    def _batch(self, n: int, missed: int) -> Batch:
        first = self._next
        t = self._at(0) + np.arange(first, first + n, dtype=np.float64) * self._step
        wrenches, flags = [], np.zeros(n, np.uint32)
        for track in self._tracks.values():
            wrench, doubts = track.at(t)
            wrenches.append(wrench)
            flags |= doubts
            track.forget(float(t[-1]))
        flags[0] |= np.uint32(Flag.AFTER_GAP if missed else 0)
        self._next += n
        return Batch(first, np.hstack(wrenches), np.rint(1e9 * t).astype(np.int64), flags, None, missed)


def _info(name: str, moniker: str, parts: Sequence[Part]) -> BoardInfo:
    plates = tuple(_plate(part) for part in parts)
    channels = 6 * len(plates)
    slowest = max(part.info.latency + 1.0 / part.info.rate for part in parts)
    return BoardInfo(
        moniker=moniker,
        family=FAMILY,
        model=" + ".join(part.info.model for part in parts),
        serial=name,
        firmware="",
        unit="N",
        rate=max(part.info.rate for part in parts),
        cells=(),
        calibration=Linear((1.0,) * channels, (0.0,) * channels, "of its boards"),
        simulated=any(part.info.simulated for part in parts),
        plates=plates,
        latency=slowest + GATHER,
    )


def _plate(part: Part) -> WrenchPlate:
    width, length = extent(part.info)
    return WrenchPlate(part.info.id, part.x, part.y, part.turn, width, length)


def extent(info: BoardInfo) -> tuple[float, float]:
    """Along x and y, mm: of its surface, or of its cells' places where it has cells."""
    xs, ys = [cell.x for cell in info.cells], [cell.y for cell in info.cells]
    for plate in info.plates:
        half = hypot(plate.width, plate.length) / 2.0 if plate.turn % 180.0 else 0.0
        across, along = (half or plate.width / 2.0), (half or plate.length / 2.0)
        xs += [plate.x - across, plate.x + across]
        ys += [plate.y - along, plate.y + along]
    return max(xs) - min(xs), max(ys) - min(ys)
