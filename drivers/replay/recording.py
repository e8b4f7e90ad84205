"""A recording in memory: what a file of any format becomes before it is analysed or replayed."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell, WrenchPlate
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.description import Description

Column = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that are not there: rows missing from the file, or rows whose CoP or force is not a number."""

    index: int
    """Row before which samples are missing (``rows == 0``), or the first of the rows without a number."""
    rows: int
    """Rows of the recording without a number."""
    missed: int
    """Samples missing between two rows, as far as their times tell."""
    seconds: float
    """Time of the last good sample before the gap (of the first row, where there is none)."""


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """``n`` rows of one trial; arrays are read-only by agreement. CoP in the ISPGR frame, mm.

    At least one of CoP (``ml`` and ``ap``), ``force``, ``wrench`` and ``loads`` is there. Gaps are listed, and
    the rows of a gap hold NaN; nothing is filled in.
    """

    name: str
    """For people: the file's name without folder and endings."""
    source: str
    """Where it came from: the file's path."""
    rate: float
    """Samples per second: given, or the one that the times fit."""
    t: Column
    """``(n,)`` seconds, strictly increasing, as recorded."""
    ml: Column | None = None
    """``(n,)`` mm, to the subject's right."""
    ap: Column | None = None
    """``(n,)`` mm, forward."""
    force: Column | None = None
    """``(n,)`` N, vertical, positive under load."""
    shear: Column | None = None
    """``(n, 2)`` N, horizontal force along ML and AP."""
    wrench: Column | None = None
    """``(n, 6)`` Fx Fy Fz (N) Mx My Mz (N·m), in the file's own axes."""
    loads: Column | None = None
    """``(n, k)`` N per cell; of ``plates``, six loads each as :class:`~otolith.drivers.board.WrenchPlate` has them."""
    cells: tuple[Cell, ...] = ()
    """Where those cells stand, where it is known."""
    plates: tuple[WrenchPlate, ...] = ()
    """The plates whose loads these are; none where they are of cells."""
    flags: NDArray[np.uint32] | None = None
    """``(n,)`` as recorded, see :class:`~otolith.drivers.batch.Flag`; None where the file has none."""
    about: Description | None = None
    """What the file itself says of the board behind it, where this program wrote it."""
    gaps: tuple[Gap, ...] = ()
    irregular: str | None = None
    """Why the rows are not evenly spaced in time, in plain words; None where they are."""
    notes: tuple[str, ...] = ()
    """What was decided in reading it that a reader of the figures should know, one sentence each, without full stop."""

    def __len__(self) -> int:
        return len(self.t)

    def segment(self, start: float, stop: float) -> Self:
        """Samples ``[round(start·rate), round(stop·rate))``, seconds from the first row; missing samples count.

        An infinite ``stop`` is the end.

        Raises RecordingError where the recording does not reach that far.
        """
        missed = np.zeros(len(self), dtype=np.int64)
        for gap in self.gaps:
            missed[gap.index] = gap.missed
        places = np.arange(len(self)) + np.cumsum(missed)
        end = int(places[-1]) + 1
        first, last = round(start * self.rate), end if stop == np.inf else round(stop * self.rate)
        if not 0 <= first < last:
            raise RecordingError(f"{self.source}: a segment runs forward from 0 s, not from {start:g} to {stop:g} s")
        if last > end:
            raise RecordingError(
                f"{self.source}: the segment ends at {stop:g} s, the recording at {end / self.rate:g} s"
            )
        first, last = (int(row) for row in np.searchsorted(places, [first, last]))
        cut = slice(first, last)
        return replace(
            self,
            t=self.t[cut],
            ml=None if self.ml is None else self.ml[cut],
            ap=None if self.ap is None else self.ap[cut],
            force=None if self.force is None else self.force[cut],
            shear=None if self.shear is None else self.shear[cut],
            wrench=None if self.wrench is None else self.wrench[cut],
            loads=None if self.loads is None else self.loads[cut],
            flags=None if self.flags is None else self.flags[cut],
            gaps=tuple(inside for gap in self.gaps if (inside := _inside(gap, first, last)) is not None),
        )


def flags_of(column: Column | None) -> NDArray[np.uint32] | None:
    """Flags of a column of numbers; what is no number of bits is none."""
    if column is None:
        return None
    return np.where((column >= 0) & (column < 2**32), column, 0.0).astype(np.uint32)


def described(recording: Recording, about: Description | None) -> Recording:
    """With the cells or plates that the description gives its loads a place by, where these fit."""
    recording = replace(recording, about=about)
    if about is None or recording.loads is None:
        return recording
    columns = recording.loads.shape[1]
    if recording.plates:
        return replace(recording, plates=about.plates) if 6 * len(about.plates) == columns else recording
    return replace(recording, cells=about.cells) if len(about.cells) == columns else recording


def _inside(gap: Gap, first: int, last: int) -> Gap | None:
    """The part of a gap that a cut keeps, counted from the cut; None where nothing remains."""
    begin, end = max(gap.index, first), min(gap.index + gap.rows, last)
    missed = gap.missed if first < gap.index < last else 0
    if begin >= end and not missed:
        return None
    return Gap(begin - first, max(end - begin, 0), missed, gap.seconds)


def gaps_of(t: Column, bad: NDArray[np.bool_], missed: NDArray[np.int64]) -> tuple[Gap, ...]:
    """The gaps of rows at times ``t``: ``bad`` ones hold no number, ``missed`` are lost before each; all ``(n,)``."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bad, [False]]).astype(np.int8)))
    blank = {int(a): int(b - a) for a, b in zip(edges[::2], edges[1::2], strict=True)}
    starts = sorted(blank.keys() | {int(i) for i in np.flatnonzero(missed)})
    return tuple(Gap(i, blank.get(i, 0), int(missed[i]), float(t[max(i - 1, 0)])) for i in starts)
