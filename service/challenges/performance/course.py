"""A record on an even grid, as the measures of tasks take it: from its first sample on, about the person's middle."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.gaps import BRIDGE, bridge, spread
from otolith.dsp.zero_phase import zero_phase
from otolith.service.challenges.trial import Samples, Trial
from otolith.service.guidance.aim import Aim
from otolith.service.guidance.target import Target

Column = NDArray[np.float64]
CUTOFF_HZ = 10.0
"""Of the CoP; forward and back, so that nothing is late."""
STANDS_N = 20.0
"""Below, nobody's sides are known."""


class Course:
    """What was done; parts raise ValueError where the record does not hold them."""

    def __init__(self, trial: Trial, samples: Samples) -> None:
        condition = trial.plan.condition
        self.trial = trial
        self.task = condition.task
        self.rate = samples.rate
        self.asked = condition.duration_s
        """Seconds that it should have lasted."""
        self._samples = samples

    @property
    def aim(self) -> Aim:
        """What the targets were made of."""
        return self.trial.aim

    @cached_property
    def target(self) -> Target:
        """The same that was shown live."""
        found = self.aim.target(self.task, self.asked)
        if found is None:
            raise ValueError(f"the task {self.task.kind} has no target")
        return found

    @cached_property
    def force(self) -> Column:
        """``(n,)`` N."""
        return self._even(self._samples.force)

    @cached_property
    def sides(self) -> Column:
        """``(n, 2)`` N left and right."""
        if self._samples.sides is None:
            raise ValueError("this board cannot tell left from right")
        return np.column_stack([self._even(side) for side in self._samples.sides.T])

    @cached_property
    def left(self) -> Column:
        """``(n,)`` part of the load on the left; what it was last while nobody stands there."""
        total = self.sides.sum(axis=1)
        known = np.flatnonzero(total > STANDS_N)
        if not len(known):
            raise ValueError("nobody stood on the board")
        share: Column = np.interp(np.arange(len(total)), known, self.sides[known, 0] / total[known])
        return share

    @cached_property
    def place(self) -> Column:
        """``(n, 2)`` mm about the person's middle, low-passed; it ends where the CoP does."""
        if self.aim.middle is None:
            raise ValueError("nobody stood still before the record, so that the person's own middle is not known")
        missed = self._samples.missed
        ml, ap = (spread(axis, missed) for axis in self._samples.cop.T)
        whole = bridge(ml, ap, self.rate)
        if whole.first > BRIDGE * self.rate:
            raise ValueError(f"the record has no CoP for its first {whole.first / self.rate:.1f} s")
        axes = [np.concatenate([np.full(whole.first, axis[0]), axis]) for axis in (whole.ml, whole.ap)]
        smooth = [zero_phase(axis, CUTOFF_HZ, self.rate, "winter4") for axis in axes]
        about: Column = np.column_stack(smooth) - np.array(self.aim.middle)
        return about

    def times(self, n: int) -> Column:
        """Of the first ``n`` samples, seconds since the record began."""
        t: Column = np.arange(n) / self.rate
        return t

    def wanted(self, n: int) -> Column:
        """Where the target was at the first ``n`` samples."""
        return self.target.at(self.times(n))

    def _even(self, x: Column) -> Column:
        grid = spread(x, self._samples.missed)
        good = np.flatnonzero(np.isfinite(grid))
        if not len(good):
            raise ValueError("the record holds no force")
        return np.interp(np.arange(len(grid)), good, grid[good])
