"""What a C3D file says of its force platforms, and which of its channels are theirs. No I/O."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.c3d.parameters import Parameters

Array = NDArray[np.float64]

CHANNELS: Final = {1: 6, 2: 6, 3: 8, 4: 6, 5: 8, 7: 8}
"""Channels of each type of platform (c3d.org user guide); of others none are taken."""
POLYNOMIAL: Final = 12
"""Coefficients of Kistler's correction per platform."""


@dataclass(frozen=True, slots=True, eq=False)
class PlatformRecord:
    """One force platform as its file describes it, lengths in the file's own unit."""

    number: int
    """From 1, as people count them."""
    type: int
    corners: Array
    """``(4, 3)`` CORNERS."""
    origin: Array
    """``(3,)`` ORIGIN."""
    calibration: Array | None
    """CAL_MATRIX of this platform, ``(rows, columns)``."""
    polynomial: Array | None
    """``(12,)`` FPCOPPOLY."""
    channels: tuple[int, ...]
    """Analogue channels from 0; empty for a type that is not known."""


def platforms(parameters: Parameters, analogue: int) -> tuple[PlatformRecord, ...]:
    """Every platform of FORCE_PLATFORM:USED; ``analogue`` is how many channels the file has.

    Raises RecordingError naming the platform and the parameter that does not reach it.
    """
    used, types = parameters.count("FORCE_PLATFORM:USED") or 0, parameters.numbers("FORCE_PLATFORM:TYPE")
    if used > len(types):
        raise RecordingError(f"FORCE_PLATFORM:USED announces {used} platforms, TYPE describes {len(types)}")
    return tuple(_platform(parameters, i, int(types[i]), analogue) for i in range(used))


def _platform(parameters: Parameters, i: int, kind: int, analogue: int) -> PlatformRecord:
    return PlatformRecord(
        number=i + 1,
        type=kind,
        corners=_part(parameters, "CORNERS", i, 12).reshape(4, 3),
        origin=_part(parameters, "ORIGIN", i, 3),
        calibration=_calibration(parameters, i),
        polynomial=_polynomial(parameters, i),
        channels=_channels(parameters, i, CHANNELS.get(kind, 0), analogue),
    )


def _part(parameters: Parameters, name: str, i: int, size: int) -> Array:
    values = parameters.numbers(f"FORCE_PLATFORM:{name}")
    if len(values) < (i + 1) * size:
        raise RecordingError(
            f"FORCE_PLATFORM:{name} has {len(values)} values, force platform {i + 1} needs {(i + 1) * size}"
        )
    return values[i * size : (i + 1) * size]


def _calibration(parameters: Parameters, i: int) -> Array | None:
    """The platform's matrix, which the file holds column after column."""
    values, shape = parameters.numbers("FORCE_PLATFORM:CAL_MATRIX"), parameters.shape("FORCE_PLATFORM:CAL_MATRIX")
    if len(shape) < 2 or len(values) < (i + 1) * shape[0] * shape[1]:  # noqa: PLR2004  # rows and columns
        return None
    size = shape[0] * shape[1]
    return values[i * size : (i + 1) * size].reshape(shape[:2], order="F")


def _polynomial(parameters: Parameters, i: int) -> Array | None:
    values = parameters.numbers("FORCE_PLATFORM:FPCOPPOLY")
    own = values[i * POLYNOMIAL : (i + 1) * POLYNOMIAL]
    return own if len(own) == POLYNOMIAL else None


def _channels(parameters: Parameters, i: int, wanted: int, analogue: int) -> tuple[int, ...]:
    values, shape = parameters.numbers("FORCE_PLATFORM:CHANNEL"), parameters.shape("FORCE_PLATFORM:CHANNEL")
    rows = shape[0] if shape else 0
    own = [int(number) for number in values[i * rows : (i + 1) * rows]][:wanted]
    where = f"FORCE_PLATFORM:CHANNEL, force platform {i + 1}"
    if len(own) < wanted:
        raise RecordingError(f"{where}: {len(own)} channels where its type needs {wanted}")
    for number in own:
        if not 1 <= number <= analogue:
            raise RecordingError(f"{where}: there is no channel {number}; the file has 1 to {analogue}")
        if own.count(number) > 1:
            raise RecordingError(f"{where}: channel {number} is named twice")
    return tuple(number - 1 for number in own)
