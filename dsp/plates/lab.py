"""From the axes of force platforms to those of the laboratory, and several platforms into one."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.plates.channels import PlateTrace
from otolith.dsp.plates.platform import ForcePlatform

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LabTrace:
    """``n`` samples in the lab's axes, z vertical; force acts on the platform unless :meth:`reaction` turned it."""

    force: Array
    """``(n, 3)`` N."""
    cop: Array
    """``(n, 3)`` mm; NaN where nobody stands."""
    free_moment: Array
    """``(n, 3)`` N mm, about the CoP."""

    def reaction(self) -> "LabTrace":
        """Turn what the person does to the ground into what the ground does to the person.

        Whether a file already holds that is a fact about the plate, which no file states.
        """
        return LabTrace(-self.force, self.cop, -self.free_moment)


def axes(platform: ForcePlatform) -> Array:
    """Rotation ``(3, 3)``, columns the platform's x, y and z in the lab (C3D user guide, CORNERS).

    x runs from corner 2 to 1; z is normal to it and to corner 4 to 1; y completes them. Raises ValueError for
    corners on one line.
    """
    first, second, _, fourth = platform.corners
    x, across = first - second, first - fourth
    z = np.cross(x, across)
    if not np.linalg.norm(z) > 0.0:
        raise ValueError("the corners of this force platform lie on one line; check CORNERS")
    y = np.cross(z, x)
    return np.column_stack([v / np.linalg.norm(v) for v in (x, y, z)])


def to_lab(platform: ForcePlatform, trace: PlateTrace) -> LabTrace:
    """Turn and move a trace: F = R F', CoP = R CoP' + mean of the corners, T = R T'."""
    rotation = axes(platform)
    flat = np.pad(trace.cop, ((0, 0), (0, 1)))
    free_moment = trace.free_moment[:, None] * rotation[:, 2]
    return LabTrace(trace.force @ rotation.T, flat @ rotation.T + platform.corners.mean(axis=0), free_moment)


def combined(traces: Sequence[LabTrace], height: float = 0.0, threshold: float = 20.0) -> LabTrace:
    """Several platforms under one person as one: wrenches summed, and their CoP taken on the plane z = ``height`` mm.

    On platforms of that height it is the mean of their CoPs weighted by vertical force (Winter et al. 1993); on others
    it is not, and this stays right. A platform without load (NaN CoP) adds nothing. Raises ValueError where the traces
    differ in length or there are none.
    """
    if not traces or len({len(trace.force) for trace in traces}) != 1:
        raise ValueError("combining platforms needs at least one trace, and all of the same number of samples")
    force, moment = np.zeros_like(traces[0].force), np.zeros_like(traces[0].force)
    for trace in traces:
        standing = ~np.isnan(trace.cop).any(axis=1)
        on = trace.force[standing]
        force[standing] += on
        moment[standing] += np.cross(trace.cop[standing], on) + trace.free_moment[standing]
    return _of_wrench(force, moment - np.cross([0.0, 0.0, height], force), height, threshold)


def _of_wrench(force: Array, moment: Array, height: float, threshold: float) -> LabTrace:
    fz = np.where(np.abs(force[:, 2]) >= threshold, force[:, 2], np.nan)
    x, y = -moment[:, 1] / fz, moment[:, 0] / fz
    free = moment[:, 2] - x * force[:, 1] + y * force[:, 0]
    cop = np.column_stack([x, y, np.where(np.isnan(fz), np.nan, height)])
    return LabTrace(force, cop, np.column_stack([np.zeros_like(free), np.zeros_like(free), free]))
