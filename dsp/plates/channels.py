"""From the analogue channels of a force platform to force, moment and CoP in the platform's own axes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp import _wrench
from otolith.dsp.plates import kistler
from otolith.dsp.plates.platform import ForcePlatform

Array = NDArray[np.float64]

AT_SURFACE = np.zeros(3)


@dataclass(frozen=True, slots=True, eq=False)
class PlateTrace:
    """``n`` samples of one platform in its own axes, about the centre of its surface."""

    force: Array
    """``(n, 3)`` N."""
    moment: Array
    """``(n, 3)`` N mm."""
    cop: Array
    """``(n, 2)`` mm; NaN where abs(Fz) is under the threshold."""
    free_moment: Array
    """``(n,)`` N mm about the vertical through the CoP; NaN with it."""


def read(platform: ForcePlatform, channels: Array, threshold: float = 20.0) -> PlateTrace:
    """Force, moment, CoP and free moment of ``channels`` ``(n, c)`` in N and N mm (type 1: mm for the CoP).

    Types 2-5 and 7 as the C3D user guide and Kistler define them. Type 1 carries the CoP and the free moment itself;
    its moment is M = P x F + T, as the CoP is defined and as BTK has it; ezc3d 1.7 gives the opposite sign.
    """
    if channels.ndim != 2 or channels.shape[1] != platform.channels:  # noqa: PLR2004  # rows and columns
        raise ValueError(
            f"a force platform of type {platform.type} has {platform.channels} channels; this array is {channels.shape}"
        )
    block = np.ascontiguousarray(channels, dtype=np.float64)
    if platform.type == 1:
        return _given(block, threshold)
    if platform.type in (3, 7):
        return _kistler(platform, block, threshold)
    return _sensor(platform, block, threshold)


def _sensor(platform: ForcePlatform, block: Array, threshold: float) -> PlateTrace:
    """Types 2, 4 and 5: a wrench at the sensor, as it is or through the calibration."""
    n = len(block)
    wrench, cop, free_moment = np.empty((n, 6)), np.empty((n, 2)), np.empty(n)
    offset = np.ascontiguousarray(platform.offset, dtype=np.float64)
    columns = np.eye(6) if platform.type == 2 or platform.calibration is None else platform.calibration.T  # noqa: PLR2004
    _wrench.calibrated(
        block, np.ascontiguousarray(columns, dtype=np.float64), offset, threshold, wrench, cop, free_moment
    )
    force = wrench[:, :3]
    return PlateTrace(force, wrench[:, 3:] + np.cross(force, offset), cop, free_moment)


def _kistler(platform: ForcePlatform, block: Array, threshold: float) -> PlateTrace:
    """Types 3 and 7: horizontal pairs and four vertical sensors."""
    if platform.type == 7 and platform.calibration is not None:  # noqa: PLR2004  # the C3D type
        block = block @ platform.calibration.T
    a, b, az0 = platform.offset
    wrench = kistler.wrench(block, a, b, az0)
    cop, free_moment = np.empty((len(block), 2)), np.empty(len(block))
    _wrench.centres(wrench, AT_SURFACE, threshold, cop, free_moment)
    if platform.polynomial is not None:
        cop = kistler.corrected(cop, platform.polynomial)
        free_moment = wrench[:, 5] - cop[:, 0] * wrench[:, 1] + cop[:, 1] * wrench[:, 0]
    return PlateTrace(wrench[:, :3], wrench[:, 3:], cop, free_moment)


def _given(block: Array, threshold: float) -> PlateTrace:
    """Type 1: Fx Fy Fz Px Py Tz."""
    force, at, twist = block[:, :3], np.pad(block[:, 3:5], ((0, 0), (0, 1))), block[:, 5]
    moment = np.cross(at, force)
    moment[:, 2] += twist
    standing = np.abs(force[:, 2]) >= threshold
    cop = np.where(standing[:, None], block[:, 3:5], np.nan)
    return PlateTrace(force, moment, cop, np.where(standing, twist, np.nan))
