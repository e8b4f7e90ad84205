"""The one shape in which samples travel: columns, in order, with their times and their gaps."""

from dataclasses import dataclass
from enum import IntFlag
from typing import Final

import numpy as np
from numpy.typing import NDArray


class Flag(IntFlag):
    """Why a sample is not to be trusted; 0 is a good sample. One ``uint32`` per sample."""

    SATURATED = 1
    """A converter or a cell is at the end of its range."""
    CHANNEL_ERROR = 2
    """The board itself reports a fault of a channel."""
    INVALID = 4
    """The board marks the channel's data as not valid (yet)."""
    UNLOADED = 8
    """Less vertical force than the threshold: nobody on the board, CoP is NaN."""
    AFTER_GAP = 16
    """Samples are missing immediately before this one."""
    INCOMPLETE = 32
    """One of several boards that are used as one has no sample at that time; INVALID as well."""
    NO_COP = 64
    """The board's loads have no centre of pressure (``BoardInfo.has_cop``): it is NaN, whoever stands there."""


UNTRUSTED: Final = int(Flag.SATURATED | Flag.CHANNEL_ERROR | Flag.INVALID)
"""Samples with one of these hold no number."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """``n`` consecutive samples of ``k`` channels, oldest first; arrays are read-only by agreement.

    A gap is data: ``missed`` samples are known to be lost immediately before this batch, and ``seq`` has
    already stepped over them. A batch never has a gap inside.
    """

    seq: int
    """Number of the first sample since the stream began, counting the lost ones."""
    counts: NDArray[np.float64]
    """``(n, k)``, the board's own numbers in ``BoardInfo.unit``; float64 holds every count exactly."""
    t_host: NDArray[np.int64]
    """``(n,)``, nanoseconds of ``CLOCK_MONOTONIC`` when the report that carried the sample completed."""
    flags: NDArray[np.uint32]
    """``(n,)``, see :class:`Flag`."""
    t_device: NDArray[np.float64] | None = None
    """``(n,)`` seconds of the board's own clock, or None where it has none."""
    missed: int = 0
    t: NDArray[np.int64] | None = None
    """``(n,)`` the clock of ``t_host``, strictly increasing: when the samples were taken, as far as a station found out
    and wrote down; None in what a driver delivers."""

    def __len__(self) -> int:
        return len(self.counts)
