"""Recordings in text tables: CSV, TSV, semicolons or blanks, plain or ``.gz``; explicit columns, explicit units."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.grid import Grid
from otolith.drivers.replay.recording import Recording, gaps_of
from otolith.drivers.replay.sheet import LABEL, read_sheet, unlabelled
from otolith.drivers.replay.timing import backwards, timing

LENGTH = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
"""Length units of CoP columns, in mm."""
TIME = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}
FORCE = {"n": 1.0, "kn": 1e3}
MOMENT = {"nm": 1.0, "n.m": 1.0, "n·m": 1.0, "nmm": 1e-3, "n.mm": 1e-3, "n·mm": 1e-3}
WRENCH = ("fx", "fy", "fz", "mx", "my", "mz")
ROLES = ("t", "ml", "ap", "fml", "fap", *WRENCH)
FAR = 5.0
"""mm between two rows that no person covers; the plate's origin is where a frame is missing."""
BOUND = 1e30
"""Beyond, a value is damage and counts as no number; its powers would not be numbers either."""
LATEST = 1e11
"""Seconds; no clock has counted that far."""
EXAMPLE = "--columns 't=Time[s],ml=COPy[cm],ap=COPx[cm]'"


def parse_columns(text: str) -> dict[str, str]:
    """Read ``'t=Time[s],ml=COPy[cm],ap=-COPx[cm]'`` into role -> column; a leading minus turns an axis round.

    Roles: t; ml, ap for the CoP; fml, fap for the horizontal force along the same axes; fx fy fz mx my mz as the plate
    has them; load1, load2 ... for single cells. Raises RecordingError.
    """
    columns: dict[str, str] = {}
    for part in re.split(r",(?=\s*\w+\s*=)", text):
        role, equals, name = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            raise RecordingError(f"cannot read the column map at {part!r}: write role=column, as in {EXAMPLE}")
        if role not in ROLES and not re.fullmatch(r"load\d+", role):
            raise RecordingError(f"{role!r} is no role of a column: use {', '.join(ROLES)}, load1, load2 ...")
        if role in columns:
            raise RecordingError(f"the column map names {role} twice: {columns[role]!r} and {name!r}")
        columns[role] = name
    return columns


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
    chosen = {role: _find(grid, role, name) for role, name in (columns or _by_name(grid)).items()}
    data = {role: _numbers(grid, role, index, sign, units) for role, (index, sign) in chosen.items()}
    if rate is not None and not 0 < rate < np.inf:
        raise RecordingError(f"the rate must be a positive number of samples per second, not {rate:g}")
    return _recording(grid, data, rate)


def _recording(grid: Grid, data: dict[str, NDArray[np.float64]], rate: float | None) -> Recording:
    n = len(grid)
    cells = sorted((role for role in data if role.startswith("load")), key=lambda role: int(role[4:]))
    if ("ml" in data) != ("ap" in data):
        raise RecordingError(f"{grid.source}: a CoP needs both ml and ap, as in {EXAMPLE}")
    if not data.keys() - {"t"}:
        raise RecordingError(f"{grid.source}: the column map names no CoP, force or load, see {EXAMPLE}")
    t = _times(grid, data.get("t"), rate)
    try:
        told = timing(t, rate)
    except RecordingError as error:
        raise RecordingError(f"{grid.source}: {error}") from error
    bad = np.zeros(n, dtype=np.bool_)
    for role in data.keys() - {"t"}:
        bad |= ~np.isfinite(data[role])
    if "ml" in data:
        bad |= _dropped(data["ml"], data["ap"])
    if bad.all():
        raise RecordingError(f"{grid.source}: not one row holds a number in every chosen column")
    for role in data.keys() - {"t"}:
        data[role][bad] = np.nan
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
        loads=np.column_stack([data[role] for role in cells]) if cells else None,
        gaps=gaps_of(t, bad, told.missed),
        irregular=told.irregular,
    )


def _by_name(grid: Grid) -> dict[str, str]:
    named = {unlabelled(name): name for name in grid.header}
    named = {"t" if name == "time" else name: column for name, column in named.items()}
    found = {role: named[role] for role in ROLES if role in named}
    if not found.keys() - {"t"}:
        raise RecordingError(
            f"{grid.source}: say which column is which, as in {EXAMPLE}; the file has {_listed(grid.header)}"
        )
    return found


def _find(grid: Grid, role: str, name: str) -> tuple[int, float]:
    """Column number and sign of ``name``: exact, else without regard to case, else without its unit label."""
    forms: Sequence[Sequence[str]] = (
        grid.header,
        [column.lower() for column in grid.header],
        [unlabelled(column) for column in grid.header],
    )
    for wanted, sign in ((name, 1.0), (name[1:].strip(), -1.0)):
        if sign < 0 and not name.startswith("-"):
            break
        for columns, form in zip(forms, (wanted, wanted.lower(), wanted.lower()), strict=True):
            if columns.count(form) == 1:
                return columns.index(form), sign
            if columns.count(form) > 1:
                raise RecordingError(f"{grid.source}: the file has {columns.count(form)} columns called {form!r}")
    raise RecordingError(f"{grid.source}: no column {name!r} (wanted as {role}); the file has {_listed(grid.header)}")


def _numbers(grid: Grid, role: str, index: int, sign: float, units: str | None) -> NDArray[np.float64]:
    scale = sign * _scale(grid, role, grid.header[index], units)
    out = grid.numbers(index)
    out = np.where(np.abs(out) < BOUND, out, np.nan)
    # Divide where the file's unit is the smaller one: 1e-3 is not exact in binary, 1000 is.
    return out / (1.0 / scale) if 0.0 < abs(scale) < 1.0 else out * scale


def _scale(grid: Grid, role: str, name: str, units: str | None) -> float:
    label = found.group(1) if (found := LABEL.search(name)) else None
    if role in {"ml", "ap"}:
        return _length(grid, name, label, units)
    known = TIME if role == "t" else MOMENT if role in {"mx", "my", "mz"} else FORCE
    if label is None:
        return 1.0
    if label.lower() not in known:
        raise RecordingError(f"{grid.source}: column {name!r} is in {label!r}; {role} is read in {', '.join(known)}")
    return known[label.lower()]


def _length(grid: Grid, name: str, label: str | None, units: str | None) -> float:
    if units is not None and units not in LENGTH:
        raise RecordingError(f"units are {', '.join(LENGTH)}, not {units!r}")
    if label is not None and label.lower() not in LENGTH:
        raise RecordingError(f"{grid.source}: column {name!r} is in {label!r}; a CoP is read in {', '.join(LENGTH)}")
    if label is not None and units is not None and label.lower() != units:
        raise RecordingError(f"{grid.source}: column {name!r} says {label}, the given units say {units}")
    unit = units or (label.lower() if label else None)
    if unit is None:
        raise RecordingError(f"{grid.source}: column {name!r} names no unit: give --units mm, cm or m")
    return LENGTH[unit]


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


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)


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
