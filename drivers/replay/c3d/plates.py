"""Force platforms of a C3D file as plates that measure wrenches, along the axes of whoever stands on them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import WrenchPlate
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.c3d.platforms import PlatformRecord
from otolith.drivers.replay.c3d.units import LARGEST, SMALLEST, channel_scales, length_unit
from otolith.drivers.replay.recording import Recording, flags_of, gaps_of

Array = NDArray[np.float64]

LAB: Final = {"ml": "x", "ap": "y"}
"""The lab's axes where nobody says which way the person faced."""
AXES: Final = re.compile(r"[+-]?[xyz]", re.IGNORECASE)
LEVEL: Final = 0.02
"""Sine of the tilt beyond which a platform is a ramp."""
OVER: Final = np.diag([1.0, -1.0, -1.0, 1.0, -1.0, -1.0])
"""A wrench in axes turned half round their x: z up where it was down."""
FOUR_SENSORS: Final = (3, 7)
"""Types of a platform of Kistler's eight channels."""
SHAPES: Final = {4: (6, 6), 5: (6, 8), 7: (8, 8)}
"""Of CAL_MATRIX, for the types that have one."""


def wrench_plates(
    file: C3dFile,
    plate: int | None = None,
    columns: Mapping[str, str] | None = None,
    rate: float | None = None,
    *,
    centred: bool = False,
) -> Recording:
    """Every platform of a file, or the one of number ``plate`` (from 1), with the wrenches that it measured.

    ``columns`` says where the person looked, ``{"ml": "y", "ap": "-x"}``; without it ml is the lab's x and ap its y.
    ``centred`` puts the origin of the board in the middle of the plates; it is the lab's otherwise. A force that
    presses on the plate is turned into the ground's reaction. Types 1 to 5 and 7 (c3d.org user guide); FPCOPPOLY
    corrects a CoP and cannot be applied to a wrench. Raises RecordingError.
    """
    chosen = _chosen(file, plate)
    unit, notes = length_unit(file, chosen)
    board = _board_axes(file, LAB if columns is None else columns)
    pairs = [_plate(file, record, unit, board) for record in chosen]
    loads = np.hstack([wrenches for _, wrenches in pairs])
    if not file.ours and np.nansum(loads[:, 2::6]) < 0.0:
        loads = -loads
    bad = np.asarray(~np.isfinite(loads).all(axis=1))
    if bad.all():
        raise RecordingError(f"{file.source}: not one sample holds a number in every channel of the force platforms")
    loads[bad] = np.nan
    centres = np.array([(described.x, described.y) for described, _ in pairs])
    middle = centres.mean(axis=0) if centred else np.zeros(2)
    found = file.rate(rate)
    t = np.arange(len(file)) / found
    return Recording(
        name=file.source.rsplit("/", 1)[-1].rsplit(".", 1)[0],
        source=file.source,
        rate=found,
        t=t,
        loads=loads,
        plates=tuple(_moved(p, middle) for p, _ in pairs),
        flags=flags_of(file.flags),
        gaps=gaps_of(t, bad, np.zeros(len(t), dtype=np.int64)),
        notes=(*file.notes, *notes),
    )


def _chosen(file: C3dFile, plate: int | None) -> Sequence[PlatformRecord]:
    count = len(file.platforms)
    if not count:
        raise RecordingError(f"{file.source}: the file has no force platform, so it cannot play the part of a board")
    if plate is not None and not 1 <= plate <= count:
        raise RecordingError(f"{file.source}: there is no force platform {plate}; the file has 1 to {count}")
    return file.platforms if plate is None else file.platforms[plate - 1 : plate]


def _board_axes(file: C3dFile, columns: Mapping[str, str]) -> Array:
    """Rows: ml, ap and up in the lab's axes."""
    if columns.keys() != LAB.keys() or not all(AXES.fullmatch(name) for name in columns.values()):
        raise RecordingError(f"{file.source}: force platforms need ml and ap by the lab's axes: columns=ml=x,ap=y")
    ml, ap = (_axis(columns[role]) for role in ("ml", "ap"))
    if ml @ ap:
        raise RecordingError(f"{file.source}: ml and ap cannot both be along the lab's {columns['ml'][-1]}")
    return np.stack([ml, ap, np.cross(ml, ap)])


def _axis(name: str) -> Array:
    axis: Array = (-1.0 if name.startswith("-") else 1.0) * np.eye(3)["xyz".index(name[-1].lower())]
    return axis


def _plate(file: C3dFile, record: PlatformRecord, unit: float, board: Array) -> tuple[WrenchPlate, Array]:
    """One platform, and its ``(n, 6)`` wrenches about the centre of its surface, z up, in N and N mm."""
    where = f"{file.source}, force platform {record.number}"
    try:
        scales, _ = channel_scales(file, record, unit)
        channels = np.column_stack([file.channel(i) for i in record.channels]) if record.channels else np.empty((0, 0))
        wrenches = _wrenches(record, channels * scales, unit)
        described, upright = _placed(record, record.corners * unit, board)
    except ValueError as error:
        raise RecordingError(f"{where}: {error}") from error
    return described, wrenches if upright else wrenches @ OVER


def _wrenches(record: PlatformRecord, channels: Array, unit: float) -> Array:
    """In the platform's own axes, as the file gives them."""
    offset = (-record.origin if record.origin[2] > 0 else record.origin) * unit
    calibrated = channels if record.type not in SHAPES else channels @ _matrix(record, unit).T
    if record.type in FOUR_SENSORS:
        return calibrated @ _four_sensors(*offset).T
    if record.type == 1:
        force, at = channels[:, :3], np.pad(channels[:, 3:5], ((0, 0), (0, 1)))
        moment = np.cross(at, force)
        moment[:, 2] += channels[:, 5]
        return np.hstack([force, moment])
    if record.type in (2, 4, 5):
        force = calibrated[:, :3]
        return np.hstack([force, calibrated[:, 3:] + np.cross(force, offset)])
    raise ValueError(f"platforms of type {record.type} cannot be played; types 1 to 5 and 7 can")


def _matrix(record: PlatformRecord, unit: float) -> Array:
    shape = SHAPES[record.type]
    matrix = record.calibration
    if matrix is not None and matrix.shape != shape and matrix.shape == shape[::-1]:
        matrix = matrix.T  # some programs write type 5 the other way round
    if matrix is None or matrix.shape[0] < shape[0] or matrix.shape[1] < shape[1]:
        raise ValueError(f"type {record.type} needs a CAL_MATRIX of {shape[0]} by {shape[1]}")
    moments = np.where(np.arange(shape[0]) < 3, 1.0, unit) if record.type in (4, 5) else np.ones(shape[0])  # noqa: PLR2004  # Fx Fy Fz
    scaled: Array = matrix[: shape[0], : shape[1]] * moments[:, None]
    return scaled


def _four_sensors(a: float, b: float, az0: float) -> Array:
    """``(6, 8)``: fx12 fx34 fy14 fy23 fz1 fz2 fz3 fz4 to the wrench at the surface (Kistler, force plate formulae)."""
    return np.array(
        [
            [1, 1, 0, 0, 0, 0, 0, 0],
            [0, 0, 1, 1, 0, 0, 0, 0],
            [0, 0, 0, 0, 1, 1, 1, 1],
            [0, 0, az0, az0, b, b, -b, -b],
            [-az0, -az0, 0, 0, -a, a, a, -a],
            [-b, b, a, -a, 0, 0, 0, 0],
        ],
        dtype=np.float64,
    )


def _placed(record: PlatformRecord, corners: Array, board: Array) -> tuple[WrenchPlate, bool]:
    """Where a platform is on the board, and whether its own z points up."""
    sides = np.linalg.norm(np.diff(corners, axis=0), axis=1)
    if not (sides > SMALLEST).all() or not (sides < LARGEST).all():
        raise ValueError(f"CORNERS make a plate of {sides[0]:.3g} by {sides[1]:.3g} mm; is POINT:UNITS right?")
    x, across = corners[0] - corners[1], corners[0] - corners[3]
    z = np.cross(x, across)
    if not np.linalg.norm(z) > 0.0:
        raise ValueError("its corners lie on one line; check CORNERS")
    along, up = board @ (x / np.linalg.norm(x)), board @ (z / np.linalg.norm(z))
    if np.hypot(up[0], up[1]) > LEVEL:
        raise ValueError("it is not level, and only a level platform can be stood on as a board")
    centre = board @ corners.mean(axis=0)
    turn = round(float(np.degrees(np.arctan2(-along[1], along[0]))), 6) % 360.0
    return WrenchPlate(
        name=str(record.number),
        x=float(centre[0]),
        y=float(centre[1]),
        turn=turn,
        width=float(sides[0]),
        length=float(sides[1]),
    ), bool(up[2] > 0.0)


def _moved(plate: WrenchPlate, middle: Array) -> WrenchPlate:
    """Counted from another origin."""
    return replace(plate, x=plate.x - float(middle[0]), y=plate.y - float(middle[1]))
