"""What is known of a recording besides its samples: who stands there, and how sure the samples are."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.recording import Recording
from otolith.dsp.recipes import Recipe
from otolith.dsp.trace import Trace
from otolith.dsp.uncertainty import Noise, cop_noise

Prepare = Callable[[Recording], Trace]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Lengths in mm, forces in N; None where nobody said."""

    stature: float | None = None
    base: tuple[tuple[float, float], ...] | None = None
    """Corners of the base of support, in the frame of the recording."""
    cop_noise: float | None = None
    """Standard deviation of each recorded position, per axis."""
    cell_noise: float | None = None
    """Standard deviation of each recorded load."""
    gain: float | None = None
    """Standard uncertainty of each cell's gain, as a share of it."""

    def around(self, trace: Trace, recording: Recording, recipe: Recipe, prepare: Prepare) -> Trace:
        """The trace of a recording with all of this; ``prepare`` makes a trace of another recording by the recipe.

        Raises ValueError where it cannot be: noise of cells without loads, or through a recipe that resamples.
        """
        base = None if self.base is None else np.array(self.base)
        trace = trace.of_person(stature=self.stature, base=base)
        noise, displaced = self._noise(recording, recipe), self._displaced(recording, prepare)
        return trace.in_doubt(noise, displaced) if noise or displaced else trace

    def _noise(self, recording: Recording, recipe: Recipe) -> Noise | None:
        if self.cop_noise is None and self.cell_noise is None:
            return None
        ml = ap = self.cop_noise or 0.0
        if self.cell_noise is not None:
            loads, x, y = _cells(recording)
            more = cop_noise(loads[np.isfinite(loads).all(axis=1) & (loads.sum(axis=1) > 0.0)], x, y, self.cell_noise)
            ml, ap = float(np.hypot(ml, more[0])), float(np.hypot(ap, more[1]))
        return Noise(ml, ap, recipe.kernel(recording.rate))

    def _displaced(self, recording: Recording, prepare: Prepare) -> list[Trace]:
        if self.gain is None:
            return []
        loads, x, _ = _cells(recording)
        return [prepare(replace(recording, loads=loads * (1.0 + self.gain * one))) for one in np.eye(len(x))]


NOTHING = Circumstances()


def _cells(recording: Recording) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if recording.loads is None or not recording.cells or recording.ml is not None:
        raise RecordingError(f"{recording.source}: doubts about cells need the loads of each cell: give --cop-noise")
    x, y = (np.array([getattr(cell, axis) for cell in recording.cells]) for axis in "xy")
    return recording.loads, x, y
