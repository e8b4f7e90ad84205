"""The recordings that travel with the program, and a recording as something that stands on a board."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import Cell
from otolith.drivers.errors import RecordingError
from otolith.drivers.loads import corner_loads
from otolith.drivers.replay.recording import Recording
from otolith.drivers.replay.table import read_table

FOLDER: Final = Path(__file__).parent / "library"
BDS_COLUMNS: Final = {"t": "Time[s]", "fz": "Fz[N]", "ml": "COPy[cm]", "ap": "COPx[cm]"}
"""The data set's x is antero-posterior and its y medio-lateral (Santos & Duarte 2016)."""


def names() -> tuple[str, ...]:
    """What can be asked for by name."""
    return tuple(sorted(path.name.removesuffix(".txt.gz") for path in FOLDER.glob("*.txt.gz")))


def shipped(name: str) -> Recording:
    """A trial of the Human Balance Data Set that ships with the program; NOTICE.md beside it names the authors.

    Raises RecordingError with the names there are.
    """
    if name not in names():
        near = get_close_matches(name, names(), n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names())}"
        raise RecordingError(f"no recording {name!r} ships with this program; {hint}")
    return read_table(FOLDER / f"{name}.txt.gz", columns=BDS_COLUMNS, units="cm")


class RecordingLoads:
    """Corner loads that reproduce a recording's vertical force and CoP, moved to the middle of the board.

    ``offset`` (ML, AP in mm) is what was taken off the CoP: its mean over the trial, rounded to a whole millimetre,
    so that a person who stood anywhere on the original plate stands on this one. Between the recorded samples the
    loads are linear in time. After the end the recording runs backwards to its beginning, and so on: every sample
    is a measured one and the trace never jumps; only the direction of time is invented.

    Raises RecordingError where force or CoP is missing, or the CoP leaves the rectangle of the cells.
    """

    def __init__(self, recording: Recording, cells: Sequence[Cell]) -> None:
        if recording.ml is None or recording.ap is None or recording.force is None:
            raise RecordingError(f"{recording.source}: standing on a board takes a CoP and a vertical force")
        whole = np.isfinite(recording.ml) & np.isfinite(recording.ap) & np.isfinite(recording.force)
        ml, ap, force, t = (column[whole] for column in (recording.ml, recording.ap, recording.force, recording.t))
        self.offset = (float(np.rint(ml.mean())), float(np.rint(ap.mean())))
        corners = corner_loads(force, ml - self.offset[0], ap - self.offset[1], cells)
        if corners.min() < 0.0:
            raise RecordingError(f"{recording.source}: the person leaves the board (its cells would be pulled)")
        self._t = t - t[0]
        self._corners = corners

    @property
    def seconds(self) -> float:
        """Length of one pass, forward."""
        return float(self._t[-1])

    def loads(self, t: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(n, 4)`` newtons, in the order of the cells."""
        phase = np.mod(t, 2.0 * self.seconds)
        folded = np.where(phase > self.seconds, 2.0 * self.seconds - phase, phase)
        return np.column_stack([np.interp(folded, self._t, corner) for corner in self._corners.T])
