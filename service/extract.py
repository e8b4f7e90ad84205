"""Any recording that can be read, as samples that can be written: calibrated, with its CoP, gaps as gaps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith import __version__
from otolith.drivers.batch import UNTRUSTED, Batch, Flag
from otolith.drivers.board import Cell, WrenchPlate
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.c3d.plates import wrench_plates
from otolith.drivers.replay.description import Description
from otolith.drivers.replay.journal import Journal
from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.roles import WRENCH
from otolith.drivers.replay.trial import Kind as Format
from otolith.drivers.replay.trial import kind_of, read_recording
from otolith.service.bearing import bearing
from otolith.service.samples import TOLD, Array, Block, Column, Samples

UNLOADED: Final = 20.0
"""N; below it nobody stands on the plate and the position means nothing."""
NMM: Final = 1000.0
"""N mm in a N·m."""
UNEVEN: Final = "the board samples when it likes"
SIZE: Final = 16384
"""Samples of a block, at most."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read, as for its analysis."""

    columns: Mapping[str, str] | None = None
    units: str | None = None
    rate: float | None = None
    plate: int | None = None
    stream: str | None = None


def extract(path: Path, reading: Reading | None = None) -> Samples:
    """A journal is read as it is written out; any other format is read whole. Raises RecordingError."""
    how = reading or Reading()
    kind = kind_of(path)
    for option, owner in (("plate", Format.C3D), ("stream", Format.XDF)):
        if getattr(how, option) is not None and kind is not owner:
            raise RecordingError(f"{path}: --{option} chooses a {option} of {owner.words}, and this is none")
    if kind is Format.JOURNAL:
        return of_journal(Journal(path))
    if kind is Format.C3D:
        return of_recording(wrench_plates(C3dFile(path), how.plate, how.columns, how.rate))
    recording = read_recording(path, how.columns, how.units, how.rate, how.stream, even=False)
    if isinstance(recording, C3dFile):
        raise RecordingError(f"{path}: changed while it was being read")
    return of_recording(recording)


def of_journal(journal: Journal) -> Samples:
    """Newtons by the zero in use at the time. Raises RecordingError where there are no samples."""
    head, recovery = journal.head, journal.recovery
    if not recovery.samples:
        raise RecordingError(f"{journal.path}: the journal holds no samples")
    first = next(batch for batch in journal.batches() if len(batch))
    lost = sum(gap.count for gap in recovery.gaps if gap.seq > first.seq)
    board = head.board
    return Samples(
        source=str(journal.path),
        description=Description(
            name=journal.path.stem,
            rate=board.rate,
            irregular=UNEVEN if board.irregular else None,
            started=_started(head.started, head.monotonic_ns, int(first.t_host[0])),
            family=board.family,
            model=board.model,
            serial=board.serial,
            simulated=board.simulated,
            calibration=head.calibration.source,
            cells=board.cells,
            plates=board.plates,
            notes=() if recovery.complete else ("the journal was never closed; it ends with the last whole block",),
            versions=dict(head.versions) | {"converted by otolith": __version__},
        ),
        columns=(*_named("ml", "ap", "fz"), *_load_columns(board.cells, board.plates)),
        total=recovery.samples,
        length=recovery.samples + lost,
        blocks=lambda: _journal_blocks(journal, first),
    )


def of_recording(recording: Recording) -> Samples:
    """The columns that the recording has, and the CoP of its loads where it has none itself."""
    recording = _with_cop(recording)
    loads, cells, plates = recording.loads, recording.cells, recording.plates
    if loads is not None and not plates and not cells:
        cells = tuple(Cell(str(i), np.nan, np.nan) for i in range(1, loads.shape[1] + 1))
    names = [
        name for name, have in (("ml", recording.ml), ("ap", recording.ap), ("fz", recording.force)) if have is not None
    ]
    shear = ["fml", "fap"] if recording.shear is not None else []
    columns = (*_named(*names, *shear), *(_load_columns(cells, plates) if loads is not None else ()))
    missed = np.zeros(len(recording), dtype=np.int64)
    for gap in recording.gaps:
        missed[gap.index] = gap.missed
    parts = [recording.ml, recording.ap, recording.force, *([] if recording.shear is None else recording.shear.T)]
    values = np.column_stack([part for part in parts if part is not None] or [np.empty((len(recording), 0))])
    whole = values if loads is None else np.hstack([values, _in_metres(loads, len(plates))])
    flags = _flags(recording, whole, missed)
    return Samples(
        source=recording.source,
        description=_described(recording),
        columns=columns,
        total=len(recording),
        length=len(recording) + int(missed.sum()),
        blocks=lambda: _recording_blocks(recording.t - recording.t[0], whole, flags, missed),
    )


def _described(recording: Recording) -> Description:
    """What an earlier conversion said, where there was one; what was read now, in any case."""
    about = recording.about or Description(name=recording.name, rate=recording.rate)
    notes = recording.notes
    if recording.wrench is not None:
        notes += ("the wrench fx to mz was left out: the file does not say along which axes it is",)
    return replace(
        about,
        name=recording.name,
        rate=recording.rate,
        irregular=recording.irregular,
        cells=recording.cells,
        plates=recording.plates,
        notes=tuple(dict.fromkeys((*about.notes, *notes))),
        versions=about.versions | {"converted by otolith": __version__},
    )


def _journal_blocks(journal: Journal, first: Batch) -> Iterator[Block]:
    board = journal.head.board
    arms = bearing(board.cells, board.plates).arms
    clock = first.t_device is not None
    begin = float(first.t_device[0]) if first.t_device is not None else 0.0
    taken = _Taken(first)
    held: list[Block] = []
    for batch, loads in journal.loads():
        if not len(batch):
            continue
        index = batch.seq - first.seq
        if clock and batch.t_device is None:
            raise RecordingError(f"{journal.path}: the board's clock stops at sample {batch.seq}")
        if clock and batch.t_device is not None:
            t = batch.t_device - begin
        else:
            t = taken.seconds(batch) if board.irregular else _grid(index, len(batch), board.rate)
        loads[(batch.flags & np.uint32(UNTRUSTED)) != 0] = np.nan
        values = np.hstack([_cop_and_force(loads, arms), _in_metres(loads, len(board.plates))])
        block = Block(
            index, t, values, _after_gap(batch.flags, batch.missed if index else 0), batch.missed if index else 0
        )
        if held and (block.missed or sum(map(len, held)) + len(block) > SIZE):
            yield _joined(held)
            held = []
        held.append(block)
    yield _joined(held)


def _recording_blocks(t: Array, values: Array, flags: NDArray[np.uint32], missed: NDArray[np.int64]) -> Iterator[Block]:
    index = np.arange(len(t)) + np.cumsum(missed)
    starts = sorted({*range(0, len(t), SIZE), *(int(row) for row in np.flatnonzero(missed))})
    for start, stop in zip(starts, [*starts[1:], len(t)], strict=True):
        rows = slice(start, stop)
        yield Block(int(index[start]), t[rows], values[rows], flags[rows], int(missed[start]))


def _joined(blocks: list[Block]) -> Block:
    if len(blocks) == 1:
        return blocks[0]
    return Block(
        blocks[0].index,
        np.concatenate([block.t for block in blocks]),
        np.concatenate([block.values for block in blocks]),
        np.concatenate([block.flags for block in blocks]),
        blocks[0].missed,
    )


class _Taken:
    """When the samples of a board without even times were taken, as far as its journal tells: seconds, increasing."""

    def __init__(self, first: Batch) -> None:
        self._origin = int((first.t_host if first.t is None else first.t)[0])
        self._last = self._origin - 1

    def seconds(self, batch: Batch) -> Array:
        """``(n,)`` since the first sample."""
        steps = np.arange(len(batch))
        known = np.maximum(batch.t_host if batch.t is None else batch.t, self._last + 1)
        forward = np.maximum.accumulate(known - steps) + steps
        self._last = int(forward[-1])
        return np.asarray((forward - self._origin) * 1e-9, dtype=np.float64)


def _grid(index: int, n: int, rate: float) -> Array:
    grid: Array = (index + np.arange(n)) / rate
    return grid


def _after_gap(flags: NDArray[np.uint32], missed: int) -> NDArray[np.uint32]:
    flags = flags.copy()
    if missed:
        flags[0] |= np.uint32(Flag.AFTER_GAP)
    return flags


def _cop_and_force(loads: Array, arms: Array) -> Array:
    """``(n, 3)``: CoP in mm, NaN where nobody stands, and the vertical force in N."""
    force, x, y = (loads @ arms.T).T
    standing = force >= UNLOADED
    divisor = np.where(standing, force, 1.0)
    return np.column_stack([np.where(standing, x / divisor, np.nan), np.where(standing, y / divisor, np.nan), force])


def _with_cop(recording: Recording) -> Recording:
    loads = recording.loads
    if recording.ml is not None or loads is None or not (recording.cells or recording.plates):
        return recording
    if len({(plate.x, plate.y) for plate in recording.plates}) < len(recording.plates):
        return recording  # of plates without a place, a table's, there is no common CoP
    ml, ap, force = _cop_and_force(loads, bearing(recording.cells, recording.plates).arms).T
    return replace(recording, ml=ml, ap=ap, force=force if recording.force is None else recording.force)


def _flags(recording: Recording, values: Array, missed: NDArray[np.int64]) -> NDArray[np.uint32]:
    """As recorded; where nothing was, what the rows themselves show."""
    if recording.flags is not None:
        flags = recording.flags.copy()
    else:
        flags = np.zeros(len(recording), dtype=np.uint32)
        for gap in recording.gaps:
            flags[gap.index : gap.index + gap.rows] |= np.uint32(Flag.INVALID)
        if recording.ml is not None:
            nobody = ~np.isfinite(recording.ml) & (flags == 0)
            flags[nobody & np.isfinite(values).any(axis=1)] |= np.uint32(Flag.UNLOADED)
    flags[missed > 0] |= np.uint32(Flag.AFTER_GAP)
    return flags


def _in_metres(loads: Array, plates: int) -> Array:
    """Moments leave in N·m."""
    if not plates:
        return loads
    scaled: Array = loads / np.tile(np.where([role.startswith("m") for role in WRENCH], NMM, 1.0), plates)
    return scaled


def _named(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, "position" if name in {"ml", "ap"} else "force", TOLD[name]) for name in names)


def _load_columns(cells: tuple[Cell, ...], plates: tuple[WrenchPlate, ...]) -> tuple[Column, ...]:
    if not plates:
        return tuple(Column(f"load{i}", "force", f"cell {cell.name}") for i, cell in enumerate(cells, start=1))
    return tuple(
        Column(f"{role}{i}", "moment" if role.startswith("m") else "force", f"plate {plate.name}, {role.capitalize()}")
        for i, plate in enumerate(plates, start=1)
        for role in WRENCH
    )


def _started(wall: str, monotonic_ns: int, first_ns: int) -> str:
    """Wall-clock time of the first sample, by the one moment of which both clocks are known."""
    moment = datetime.fromisoformat(wall) + timedelta(microseconds=(first_ns - monotonic_ns) / 1000)
    return moment.isoformat(timespec="microseconds")
