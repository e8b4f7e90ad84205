"""Force platforms of a C3D file into one recording: channels, wrenches, the lab's axes, one person's CoP."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.c3d.platforms import PlatformRecord
from otolith.drivers.replay.c3d.units import LARGEST, SMALLEST, channel_scales, length_unit
from otolith.drivers.replay.recording import Recording, gaps_of
from otolith.drivers.replay.table import read_grid
from otolith.dsp.plates.channels import read
from otolith.dsp.plates.lab import LabTrace, combined, to_lab
from otolith.dsp.plates.platform import CALIBRATIONS, ForcePlatform

Array = NDArray[np.float64]

AXES = re.compile(r"[+-]?[xyz]", re.IGNORECASE)
"""An axis of the lab in a column map, with its direction."""
LAB = {"ml": "x", "ap": "y"}
"""The lab's axes where nobody says which way the person faced."""
OFF = 3.0
"""Half plates from the centre to the middle of the CoP; beyond, some label is wrong by far."""


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """One platform's samples in the lab."""

    trace: LabTrace
    bad: NDArray[np.bool_]
    """``(n,)`` rows where a channel is no number."""
    notes: tuple[str, ...]


def compose(
    file: C3dFile,
    plate: int | None = None,
    columns: Mapping[str, str] | None = None,
    rate: float | None = None,
    units: str | None = None,
) -> Recording:
    """The CoP of one platform (``plate``, from 1), or of all together, along the lab's axes that ``columns`` names.

    ``columns`` is ml and ap in terms of x and y, ``{"ml": "y", "ap": "-x"}``; without it ml=x, ap=y. Columns that name
    channels instead are read as a table, past the platforms, CoPs in ``units``. Raises RecordingError.
    """
    if columns is not None and not all(AXES.fullmatch(name) for name in columns.values()):
        return read_grid(file.grid(), columns, units, file.rate(rate) if "t" not in columns else rate)
    chosen = _chosen(file, plate)
    unit, notes = length_unit(file, chosen)
    computed = [platform(file, record, unit) for record in chosen]
    try:
        lab = computed[0].trace if len(computed) == 1 else combined([one.trace for one in computed], _height(computed))
    except ValueError as error:
        raise RecordingError(f"{file.source}: {error}") from error
    bad = np.logical_or.reduce([one.bad for one in computed])
    axes = LAB if columns is None else columns
    if axes.keys() != LAB.keys():
        raise RecordingError(f"{file.source}: the CoP of force platforms needs ml and ap alone: --columns ml=x,ap=y")
    said = (
        _which(chosen, len(file.platforms)),
        _facing(axes, given=columns is not None),
        *file.notes,
        *notes,
        *_zero(file),
    )
    each = (f"force platform {r.number}: {note}" for r, one in zip(chosen, computed, strict=True) for note in one.notes)
    return _recording(file, lab, bad, axes, file.rate(rate), notes=(*said, *each))


def platform(file: C3dFile, record: PlatformRecord, unit: float) -> Computed:
    """One platform of a file in the lab, ``unit`` mm for the file's one. Raises RecordingError naming the platform."""
    where = f"{file.source}, force platform {record.number}"
    try:
        plate = _described(record, unit)
        channels = np.column_stack([file.channel(i) for i in record.channels])
        scales, notes = channel_scales(file, record, unit)
        bad = np.asarray(~np.isfinite(channels).all(axis=1))
        channels *= scales
        channels[bad] = 0.0
        trace = to_lab(plate, read(plate, channels))
    except ValueError as error:
        raise RecordingError(f"{where}: {error}") from error
    _refuse_far(where, plate, trace)
    trace.force[bad] = np.nan
    return Computed(trace, bad, notes)


def _described(record: PlatformRecord, unit: float) -> ForcePlatform:
    """In mm; a calibration gives N and N mm. Raises ValueError for a type that cannot be read, or parts that lack."""
    matrix = record.calibration
    if record.type in CALIBRATIONS and matrix is not None:
        rows, columns = CALIBRATIONS[record.type]
        # Some programs write the 6 x 8 matrix of type 5 the other way round.
        matrix = matrix.T if rows != columns and matrix.shape == (columns, rows) else matrix[:rows, :columns]
        if record.type in (4, 5):
            matrix = matrix * np.array([1.0, 1.0, 1.0, unit, unit, unit])[:, None]
    described = ForcePlatform(record.type, record.corners * unit, record.origin * unit, matrix, record.polynomial)
    sides = np.linalg.norm(np.diff(described.corners, axis=0), axis=1)
    if not (sides > SMALLEST).all() or not (sides < LARGEST).all():
        raise ValueError(
            f"CORNERS make a plate of {sides[0]:.3g} by {sides[1]:.3g} mm; is POINT:UNITS right, and are they corners?"
        )
    return described


def _refuse_far(where: str, plate: ForcePlatform, trace: LabTrace) -> None:
    standing = trace.cop[~np.isnan(trace.cop).any(axis=1)]
    if not len(standing):
        return
    centre = plate.corners.mean(axis=0)
    away = float(np.linalg.norm(np.median(standing, axis=0) - centre))
    half = float(np.linalg.norm(plate.corners - centre, axis=1).max())
    if away > OFF * half:
        raise RecordingError(
            f"{where}: its CoP lies {away:.0f} mm from its centre, far off the plate:"
            " the channel map (CHANNEL), ORIGIN, or a unit (ANALOG:UNITS, POINT:UNITS) is wrong"
        )


def _recording(
    file: C3dFile,
    lab: LabTrace,
    bad: NDArray[np.bool_],
    axes: Mapping[str, str],
    rate: float,
    *,
    notes: tuple[str, ...],
) -> Recording:
    """Force turned so that it presses: the vertical one is positive under load."""
    cop, force = lab.cop.copy(), lab.force
    if bad.all() or not len(file):
        raise RecordingError(f"{file.source}: not one sample holds a number in every channel of the force platforms")
    cop[bad] = np.nan
    turn = -1.0 if np.nansum(force[:, 2]) < 0.0 else 1.0
    t = np.arange(len(file)) / rate
    return Recording(
        name=file.source.rsplit("/", 1)[-1].rsplit(".", 1)[0],
        source=file.source,
        rate=rate,
        t=t,
        ml=_along(cop, axes["ml"]),
        ap=_along(cop, axes["ap"]),
        force=turn * force[:, 2],
        shear=turn * np.column_stack([_along(force, axes["ml"]), _along(force, axes["ap"])]),
        gaps=gaps_of(t, bad, np.zeros(len(t), dtype=np.int64)),
        notes=notes,
    )


def _along(vectors: Array, axis: str) -> Array:
    sign = -1.0 if axis.startswith("-") else 1.0
    return sign * vectors[:, "xyz".index(axis[-1].lower())]


def _chosen(file: C3dFile, plate: int | None) -> Sequence[PlatformRecord]:
    count = len(file.platforms)
    if not count:
        named = ", ".join(map(repr, file.labels)) or "none"
        raise RecordingError(
            f"{file.source}: the file has no force platform; its analogue channels, for --columns, are: {named}"
        )
    if plate is None:
        return file.platforms
    if not 1 <= plate <= count:
        raise RecordingError(f"{file.source}: there is no force platform {plate}; the file has 1 to {count}")
    return file.platforms[plate - 1 : plate]


def _height(computed: Sequence[Computed]) -> float:
    """The plane of the first platform's surface."""
    heights = computed[0].trace.cop[:, 2]
    known = heights[~np.isnan(heights)]
    return float(known[0]) if len(known) else 0.0


def _which(chosen: Sequence[PlatformRecord], count: int) -> str:
    if len(chosen) > 1:
        return f"force platforms 1 to {count} were combined into one"
    return f"force platform {chosen[0].number} of {count} was used"


def _facing(axes: Mapping[str, str], *, given: bool) -> str:
    told = f"ml is the lab's {axes['ml']}, ap its {axes['ap']}"
    return told if given else f"{told}, for want of a map: --columns ml=x,ap=y"


def _zero(file: C3dFile) -> tuple[str, ...]:
    """FORCE_PLATFORM:ZERO is said and not applied: most files have somebody standing there from the first frame."""
    if file.baseline is None:
        return ()
    first, last = file.baseline
    return (f"FORCE_PLATFORM:ZERO names frames {first} to {last} as unloaded; nothing was subtracted",)
