"""A recording of wrenches, plate by plate, as what analysis asks for: force, shear and CoP of the whole board."""

from dataclasses import replace

import numpy as np

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.recording import Recording
from otolith.dsp import _wrench
from otolith.dsp.plates.levers import FX, FY, FZ
from otolith.service.bearing import bearing


def resolve(recording: Recording, threshold: float) -> Recording:
    """The same recording with ``ml``, ``ap``, ``force`` and ``shear``; CoP is NaN below ``threshold`` newtons.

    Raises RecordingError where its loads are not six for each plate.
    """
    levers = bearing((), recording.plates).levers
    if recording.loads is None or recording.loads.shape[1] != levers.shape[1]:
        raise RecordingError(f"{recording.source}: {len(recording.plates)} plates need six loads each")
    wrench = np.ascontiguousarray(recording.loads @ levers.T)
    cop, free = np.empty((len(wrench), 2)), np.empty(len(wrench))
    _wrench.centres(wrench, np.zeros(3), threshold, cop, free)
    cop[~(wrench[:, FZ] >= threshold)] = np.nan  # the kernel takes a plate that is pulled up, too
    return replace(
        recording, ml=cop[:, 0], ap=cop[:, 1], force=wrench[:, FZ], shear=np.ascontiguousarray(wrench[:, [FX, FY]])
    )
