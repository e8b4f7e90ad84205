"""The units of a C3D file: its one length, and what each channel of a platform is measured in. No I/O."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.file import C3dFile
from otolith.drivers.replay.c3d.platforms import PlatformRecord
from otolith.drivers.replay.roles import LENGTH

Array = NDArray[np.float64]

LENGTHS = LENGTH | {"millimeters": 1.0, "millimetres": 1.0, "centimeters": 10.0, "meters": 1000.0, "metres": 1000.0}
FORCES = {"n": 1.0, "newton": 1.0, "newtons": 1.0, "kn": 1e3}
MOMENTS = {"nmm": 1.0, "ncm": 10.0, "nm": 1e3, "newtonmm": 1.0, "newtonmeters": 1e3, "newtonmetres": 1e3}
"""In N mm."""
ELECTRIC = {"v", "mv", "uv", "volt", "volts", "bits", "adc"}
"""Labels of the amplifier, which programs leave on channels that SCALE has turned into newtons."""
KINDS = {1: "fffllm", 2: "fffmmm", 3: "ffffffff"}
"""What the channels of each type measure: force, length, moment. The other types calibrate whatever they hold."""
SMALLEST, LARGEST = 100.0, 5000.0
"""mm; the side of a plate that people stand on."""


def length_unit(file: C3dFile, chosen: Sequence[PlatformRecord]) -> tuple[float, tuple[str, ...]]:
    """The file's length unit in mm; where it says none, the one in which its plates have the size of plates.

    With a note where it was guessed. Raises RecordingError.
    """
    if file.unit is not None:
        if file.unit.lower() not in LENGTHS:
            raise RecordingError(
                f"{file.source}: POINT:UNITS is {file.unit!r}; lengths are read in {', '.join(LENGTH)}"
            )
        return LENGTHS[file.unit.lower()], ()
    side = float(np.linalg.norm(chosen[0].corners[0] - chosen[0].corners[1]))
    for name, unit in LENGTH.items():
        if SMALLEST < side * unit < LARGEST:
            return unit, (f"POINT:UNITS is empty; lengths were taken as {name}, by the size of the platform",)
    raise RecordingError(f"{file.source}: POINT:UNITS is empty, and a platform {side:g} long is of no known unit")


def channel_scales(file: C3dFile, record: PlatformRecord, unit: float) -> tuple[Array, tuple[str, ...]]:
    """From each channel's unit to N, mm and N mm; moments without a unit are in N times the file's length.

    With a note where labels were overruled. Raises ValueError for a unit that none of these is.
    """
    kinds = KINDS.get(record.type, "")
    known = {"f": (FORCES, 1.0), "l": (LENGTHS, unit), "m": (MOMENTS, unit)}
    scales, electric = np.ones(len(record.channels)), []
    for i, (kind, channel) in enumerate(zip(kinds, record.channels, strict=False)):
        units, otherwise = known[kind]
        label = re.sub(r"[\s.*·⋅-]", "", file.units[channel]).lower()
        if label and label not in units and label not in ELECTRIC:
            name = f"channel {channel + 1} {file.labels[channel]!r}"
            raise ValueError(f"{name} is in {file.units[channel]!r}; it is read in {', '.join(units)}")
        electric += [file.units[channel]] if label in ELECTRIC else []
        scales[i] = units.get(label, otherwise)
    told = f"its channels are labelled {electric[0]!r} and were taken as N and N·{_name(unit)}" if electric else ""
    return scales, (told,) if told else ()


def _name(unit: float) -> str:
    return next(name for name, size in LENGTH.items() if size == unit)
