"""Recordings in text tables: CSV, TSV, semicolons or blanks, plain or ``.gz``; explicit columns, explicit units."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import UNTRUSTED
from otolith.drivers.board import WrenchPlate
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.grid import Grid
from otolith.drivers.replay.recording import Column, Recording, flags_of, gaps_of
from otolith.drivers.replay.roles import EXAMPLE, FLAGS, NUMBERED, WRENCH, Place, places
from otolith.drivers.replay.sheet import read_sheet
from otolith.drivers.replay.timing import backwards, timing

FAR = 5.0
"""mm between two rows that no person covers; the plate's origin is where a frame is missing."""
BOUND = 1e30
"""Beyond, a value is damage and counts as no number; its powers would not be numbers either."""
LATEST = 1e11
"""Seconds; no clock has counted that far."""
NMM = 1000.0
"""N mm in a N·m."""


def read_table(
    path: Path | str, columns: Mapping[str, str] | None = None, units: str | None = None, rate: float | None = None
) -> Recording:
    """Read a table of samples, one row a sample.

    ``columns`` maps roles to column names (or to column numbers from 1, where the file has no header); without it
    the columns must be called t, ml, ap, fz. ``units`` is the length unit of the CoP columns (mm, cm, m); a unit
    in the column's name, as in ``COPx[cm]``, must agree with it, and stands in for it. ``rate`` in Hz is needed
    only without a time column. Rows without a number become gaps. Raises RecordingError with file, line and column.
    """
    return read_grid(read_sheet(Path(path), tuple((columns or {}).values())), columns, units, rate)


def read_grid(grid: Grid, columns: Mapping[str, str] | None, units: str | None, rate: float | None) -> Recording:
    """Give the columns of any format their roles, as :func:`read_table` says. Raises RecordingError."""
    data = {role: _numbers(grid, place) for role, place in places(grid.source, grid.header, columns, units).items()}
    if rate is not None and not 0 < rate < np.inf:
        raise RecordingError(f"the rate must be a positive number of samples per second, not {rate:g}")
    return _recording(grid, data, rate)


def _recording(grid: Grid, data: dict[str, Column], rate: float | None) -> Recording:
    if ("ml" in data) != ("ap" in data):
        raise RecordingError(f"{grid.source}: a CoP needs both ml and ap, as in {EXAMPLE}")
    if not data.keys() - {"t", FLAGS}:
        raise RecordingError(f"{grid.source}: the column map names no CoP, force or load, see {EXAMPLE}")
    t = _times(grid, data.get("t"), rate)
    try:
        told = timing(t, rate)
    except RecordingError as error:
        raise RecordingError(f"{grid.source}: {error}") from error
    flags = flags_of(data.pop(FLAGS, None))
    bad = _bad(data, flags)
    if bad.all():
        raise RecordingError(f"{grid.source}: not one row holds a number in every chosen column")
    for role in data.keys() - {"t"}:
        data[role][bad] = np.nan
    loads, plates = loads_of(data)
    return Recording(
        name=_stem(grid.source),
        source=grid.source,
        rate=told.rate,
        t=t,
        ml=data.get("ml"),
        ap=data.get("ap"),
        force=data.get("fz"),
        shear=np.column_stack([data["fml"], data["fap"]]) if data.keys() >= {"fml", "fap"} else None,
        wrench=np.column_stack([data[role] for role in WRENCH]) if data.keys() >= set(WRENCH) else None,
        loads=loads,
        plates=plates,
        flags=flags,
        gaps=gaps_of(t, bad, told.missed),
        irregular=told.irregular,
    )


def _bad(data: Mapping[str, Column], flags: NDArray[np.uint32] | None) -> NDArray[np.bool_]:
    """Rows without a number. Where loads are known, a CoP may lack: nobody stood there."""
    measured = [role for role in data if NUMBERED.fullmatch(role)]
    bad = np.logical_or.reduce([~np.isfinite(data[role]) for role in measured or data.keys() - {"t"}])
    if flags is not None:
        bad |= (flags & np.uint32(UNTRUSTED)) != 0
    if "ml" in data and not measured:
        bad |= _dropped(data["ml"], data["ap"])
    return np.asarray(bad)


def loads_of(data: Mapping[str, Column]) -> tuple[Column | None, tuple[WrenchPlate, ...]]:
    """Loads of the cells, else of the plates that have all six, in N and N mm."""
    cells = sorted((role for role in data if role.startswith("load")), key=lambda role: int(role[4:]))
    if cells:
        return np.column_stack([data[role] for role in cells]), ()
    whole = [i for i in range(1, 100) if data.keys() >= {f"{role}{i}" for role in WRENCH}]
    if not whole:
        return None, ()
    six = [data[f"{role}{i}"] * (NMM if role.startswith("m") else 1.0) for i in whole for role in WRENCH]
    return np.column_stack(six), tuple(WrenchPlate(str(i)) for i in whole)


def _numbers(grid: Grid, place: Place) -> Column:
    scale = place.scale
    out = grid.numbers(place.index)
    out = np.where(np.abs(out) < BOUND, out, np.nan)
    # Divide where the file's unit is the smaller one: 1e-3 is not exact in binary, 1000 is.
    return out / (1.0 / scale) if 0.0 < abs(scale) < 1.0 else out * scale


def _times(grid: Grid, t: NDArray[np.float64] | None, rate: float | None) -> NDArray[np.float64]:
    if t is None:
        if rate is None:
            raise RecordingError(f"{grid.source}: no time column: name it, as in {EXAMPLE}, or give --rate")
        return np.arange(len(grid)) / rate
    if not np.isfinite(t).all():
        row = int(np.flatnonzero(~np.isfinite(t))[0])
        raise RecordingError(f"{grid.source}, {grid.where(row)}: the row has no time")
    if len(far := np.flatnonzero(np.abs(t) > LATEST)):
        row = int(far[0])
        raise RecordingError(
            f"{grid.source}, {grid.where(row)}: no clock shows {t[row]:g} s; is the unit of time right?"
        )
    if (late := backwards(t)) is not None:
        raise RecordingError(
            f"{grid.source}, {grid.where(late)}: time does not advance, {t[late - 1]:g} s to {t[late]:g} s"
        )
    return t


def _stem(source: str) -> str:
    name = Path(source).name
    return name.removesuffix(".gz").rsplit(".", 1)[0] or name


def _dropped(ml: NDArray[np.float64], ap: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Rows that some programs write as zeros for want of a frame: exactly (0, 0), far from the rows around them."""
    zero: NDArray[np.bool_] = (ml == 0.0) & (ap == 0.0)
    rest = np.flatnonzero(~zero)
    if not zero.any() or len(rest) == 0:
        return np.zeros(len(ml), dtype=np.bool_)
    place = np.clip(np.searchsorted(rest, np.arange(len(ml))), 0, len(rest) - 1)
    after, before = rest[place], rest[np.maximum(place - 1, 0)]
    zero &= np.minimum(np.hypot(ml[after], ap[after]), np.hypot(ml[before], ap[before])) > FAR
    return zero
