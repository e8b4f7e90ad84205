"""What a recording plays when it plays the part of a board: strips of samples, wherever they are kept."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import UNTRUSTED, Batch, Flag
from otolith.drivers.board import Cell, WrenchPlate
from otolith.drivers.errors import RecordingError
from otolith.drivers.loads import corner_loads
from otolith.drivers.phidget_bridge.geometry import btracks_cells
from otolith.drivers.replay.journal import Journal
from otolith.drivers.replay.recording import Recording

Array = NDArray[np.float64]

WEIGHT: Final = 700.0
"""N: the vertical force where a recording has a CoP only; CoP does not depend on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """Consecutive samples of a recording."""

    loads: Array
    """``(n, k)`` N, and N mm where plates measure moments."""
    t: Array
    """``(n,)`` seconds, as recorded."""
    flags: NDArray[np.uint32]
    missed: int
    """Samples missing immediately before."""

    def __len__(self) -> int:
        return len(self.t)


@dataclass(frozen=True, slots=True)
class Reel:
    """A recording that can be played, from its beginning, as often as one likes."""

    name: str
    model: str
    rate: float
    cells: tuple[Cell, ...]
    plates: tuple[WrenchPlate, ...]
    strips: Callable[[], Iterator[Strip]]
    irregular: bool = False
    """Its samples are not evenly spaced."""

    @property
    def columns(self) -> int:
        """Loads per sample."""
        return len(self.cells) or 6 * len(self.plates)


def journal_reel(path: Path) -> Reel:
    """A journal, read as it is played: by the board's own clock, or else by the station's."""
    journal = Journal(path)
    board = journal.head.board
    if not journal.recovery.samples:
        raise RecordingError(f"{path}: the journal holds no samples")
    strips = partial(_journal_strips, journal)
    return Reel(path.stem, "recording", board.rate, board.cells, board.plates, strips, board.irregular)


def _journal_strips(journal: Journal) -> Iterator[Strip]:
    clock: bool | None = None
    origin = 0
    for batch, loads in journal.loads():
        if not len(batch):
            continue
        taken = batch.t_host if batch.t is None else batch.t
        if clock is None:
            clock, origin = batch.t_device is not None, int(taken[0])
        if clock and batch.t_device is None:
            raise RecordingError(f"{journal.path}: the board's clock stops at sample {batch.seq}")
        since = np.asarray((taken - origin) * 1e-9, dtype=np.float64)
        t = batch.t_device if clock and batch.t_device is not None else since
        yield Strip(loads, t, batch.flags & ~np.uint32(Flag.AFTER_GAP | Flag.UNLOADED), batch.missed)


def recording_reel(recording: Recording) -> Reel:
    """A recording in memory; one with a CoP alone plays on the cells of a BTrackS board. Raises RecordingError."""
    own = bool(recording.cells or recording.plates)
    if recording.loads is not None and recording.plates and len(recording.plates) > 1:
        _refuse_piled(recording)
    cells = recording.cells or (() if recording.plates else btracks_cells())
    loads = _newtons(recording, cells)
    model = "recording" if own else "recording as BTrackS"
    strips, uneven = partial(_strips, recording, loads), recording.irregular is not None
    return Reel(recording.name, model, recording.rate, cells, recording.plates, strips, uneven)


def _refuse_piled(recording: Recording) -> None:
    """Plates of a table have no places; several of them at one place are none."""
    if len({(plate.x, plate.y) for plate in recording.plates}) < len(recording.plates):
        raise RecordingError(
            f"{recording.source}: the file does not say where its {len(recording.plates)} plates stand; give the CoP's"
            " columns, or a format that says it (C3D, Parquet, XDF)"
        )


def _newtons(recording: Recording, cells: tuple[Cell, ...]) -> Array:
    if recording.loads is not None and (recording.plates or recording.cells or recording.ml is None):
        if not recording.plates and recording.loads.shape[1] != len(cells):
            raise RecordingError(
                f"{recording.source}: {recording.loads.shape[1]} cells, and the board has {len(cells)}"
            )
        return recording.loads
    if recording.ml is None or recording.ap is None:
        raise RecordingError(f"{recording.source}: a board needs a CoP (ml and ap), or loads of its cells")
    force = np.full(len(recording), WEIGHT) if recording.force is None else recording.force
    return corner_loads(force, recording.ml, recording.ap, cells)


def _strips(recording: Recording, loads: Array) -> Iterator[Strip]:
    """Runs of rows that hold numbers; the others are missing before what follows."""
    flags = np.zeros(len(recording), dtype=np.uint32) if recording.flags is None else recording.flags
    flags = flags & ~np.uint32(Flag.AFTER_GAP | Flag.UNLOADED | UNTRUSTED)
    good: NDArray[np.bool_] = np.asarray(np.isfinite(loads).all(axis=1))
    missed = np.zeros(len(recording), dtype=np.int64)
    for gap in recording.gaps:
        missed[gap.index] = gap.missed
    breaks = np.flatnonzero(~good | (missed > 0))
    starts = np.flatnonzero(good & (~np.concatenate([[False], good[:-1]]) | (missed > 0)))
    ends = np.append(breaks, len(good))[np.searchsorted(breaks, starts, side="right")]
    before = 0
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        lost = first - before + int(missed[before : first + 1].sum())
        yield Strip(loads[first:last], recording.t[first:last], flags[first:last], lost)
        before = last


def gathered(strips: Iterable[Strip], size: int) -> Iterator[Strip]:
    """The same samples in strips of at most ``size``, short ones joined where nothing is missing between them."""
    held: list[Strip] = []
    count = 0
    for strip in strips:
        if held and (strip.missed or count + len(strip) > size):
            yield joined(held)
            held, count = [], 0
        rest = strip
        while len(rest) > size:
            yield _part(rest, 0, size)
            rest = replace(_part(rest, size, len(rest)), missed=0)
        held.append(rest)
        count += len(rest)
    if held:
        yield joined(held)


def joined(strips: list[Strip]) -> Strip:
    """One strip of several that follow each other."""
    if len(strips) == 1:
        return strips[0]
    return Strip(
        np.concatenate([strip.loads for strip in strips]),
        np.concatenate([strip.t for strip in strips]),
        np.concatenate([strip.flags for strip in strips]),
        strips[0].missed,
    )


def _part(strip: Strip, first: int, last: int) -> Strip:
    rows = slice(first, last)
    return Strip(strip.loads[rows], strip.t[rows], strip.flags[rows], strip.missed)


def batch_of(strip: Strip, seq: int, host: NDArray[np.int64], t: Array) -> Batch:
    """What a board would have sent; ``seq`` has stepped over what is missing."""
    flags = strip.flags.copy()
    flags[0] |= np.uint32(Flag.AFTER_GAP if strip.missed else 0)
    return Batch(seq, strip.loads, host, flags, t, strip.missed)
