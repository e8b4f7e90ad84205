"""What the columns of a recording mean: roles, units, and which column has which role. No I/O."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.sheet import LABEL, unlabelled

LENGTH = {"mm": 1.0, "cm": 10.0, "m": 1000.0}
"""Length units of CoP columns, in mm."""
TIME = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}
FORCE = {"n": 1.0, "kn": 1e3}
MOMENT = {"nm": 1.0, "n.m": 1.0, "n·m": 1.0, "nmm": 1e-3, "n.mm": 1e-3, "n·mm": 1e-3}
UNITS = {"millimeters": "mm", "centimeters": "cm", "meters": "m", "newtons": "N", "kilonewtons": "kN"}
"""Long forms that the XDF metadata pages recommend."""
WRENCH = ("fx", "fy", "fz", "mx", "my", "mz")
FLAGS = "flags"
"""The role of a column of ``Flag``."""
ROLES = ("t", "ml", "ap", "fml", "fap", *WRENCH, FLAGS)
NUMBERED = re.compile(r"(load|[fm][xyz])([1-9]\d?)")
"""The load of a cell, or a component of the wrench of a plate, counted from 1."""
EXAMPLE = "--columns 't=Time[s],ml=COPy[cm],ap=COPx[cm]'"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a role are, and by what they are multiplied for s, mm, N and N·m."""

    index: int
    scale: float


def long_unit(unit: str | None) -> str | None:
    """The short form of a unit that XDF and LSL metadata write out; any other as it is."""
    return UNITS.get((unit or "").lower(), unit)


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
        if role not in ROLES and not NUMBERED.fullmatch(role):
            raise RecordingError(f"{role!r} is no role of a column: use {', '.join(ROLES)}, load1, load2 ...")
        if role in columns:
            raise RecordingError(f"the column map names {role} twice: {columns[role]!r} and {name!r}")
        columns[role] = name
    return columns


def places(
    source: str, header: Sequence[str], columns: Mapping[str, str] | None, units: str | None
) -> dict[str, Place]:
    """Each role's column; without ``columns``, every column that is called like a role. Raises RecordingError."""
    found = {role: _find(source, header, role, name) for role, name in (columns or _by_name(source, header)).items()}
    return {
        role: Place(index, sign * _scale(source, role, header[index], units)) for role, (index, sign) in found.items()
    }


def _by_name(source: str, header: Sequence[str]) -> dict[str, str]:
    named = {unlabelled(name): name for name in header}
    named = {"t" if name == "time" else name: column for name, column in named.items()}
    found = {role: column for role, column in named.items() if role in ROLES or NUMBERED.fullmatch(role)}
    if not found.keys() - {"t", FLAGS}:
        raise RecordingError(f"{source}: say which column is which, as in {EXAMPLE}; the file has {_listed(header)}")
    return found


def _find(source: str, header: Sequence[str], role: str, name: str) -> tuple[int, float]:
    """Column number and sign of ``name``: exact, else without regard to case, else without its unit label."""
    forms: Sequence[Sequence[str]] = (
        header,
        [column.lower() for column in header],
        [unlabelled(column) for column in header],
    )
    for wanted, sign in ((name, 1.0), (name[1:].strip(), -1.0)):
        if sign < 0 and not name.startswith("-"):
            break
        for columns, form in zip(forms, (wanted, wanted.lower(), wanted.lower()), strict=True):
            if columns.count(form) == 1:
                return columns.index(form), sign
            if columns.count(form) > 1:
                raise RecordingError(f"{source}: the file has {columns.count(form)} columns called {form!r}")
    raise RecordingError(f"{source}: no column {name!r} (wanted as {role}); the file has {_listed(header)}")


def _scale(source: str, role: str, name: str, units: str | None) -> float:
    label = found.group(1) if (found := LABEL.search(name)) else None
    if role in {"ml", "ap"}:
        return _length(source, name, label, units)
    if role == FLAGS:
        return 1.0
    known = TIME if role == "t" else MOMENT if re.fullmatch(r"m[xyz]\d*", role) else FORCE
    if label is None:
        return 1.0
    if label.lower() not in known:
        raise RecordingError(f"{source}: column {name!r} is in {label!r}; {role} is read in {', '.join(known)}")
    return known[label.lower()]


def _length(source: str, name: str, label: str | None, units: str | None) -> float:
    if units is not None and units not in LENGTH:
        raise RecordingError(f"units are {', '.join(LENGTH)}, not {units!r}")
    if label is not None and label.lower() not in LENGTH:
        raise RecordingError(f"{source}: column {name!r} is in {label!r}; a CoP is read in {', '.join(LENGTH)}")
    if label is not None and units is not None and label.lower() != units:
        raise RecordingError(f"{source}: column {name!r} says {label}, the given units say {units}")
    unit = units or (label.lower() if label else None)
    if unit is None:
        raise RecordingError(f"{source}: column {name!r} names no unit: give --units mm, cm or m")
    return LENGTH[unit]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
