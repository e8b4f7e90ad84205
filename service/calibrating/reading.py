"""One step's measurement: wait until the load is steady, then average."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from otolith.service.frame import Frame
from otolith.service.tare import UNUSABLE

Array = NDArray[np.float64]

LEAST, MOST = 0.4, 2.5
"""Of the expected force that a board of unknown gains may show."""
NEAR: Final = 10.0
"""Newtons by which the force may miss the expected one in any case."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long, and how steady."""

    settle_s: float
    """The force has to be steady for so long first."""
    average_s: float
    noise_n: float
    """Largest standard deviation of the force while steady, and largest change from one half to the next."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Counts of one steady state."""

    counts: tuple[float, ...]
    """Means, one per channel."""
    sd: tuple[float, ...]
    """Standard deviations of the samples."""
    n: int
    force: float
    """Indicated by the calibration in use, N."""
    noise: float
    """Standard deviation of that, N."""


class Gate:
    """Feed it frames of one board until :attr:`reading` is there; a gap, a fault or a movement starts it afresh.

    ``expected`` newtons, or None where nobody can know yet.
    """

    def __init__(self, rate: float, pace: Pace, force: Callable[[Array], Array], expected: float | None) -> None:
        self.reading: Reading | None = None
        self.steady = False
        self.reason = "waiting for samples"
        """Why it is not further, in plain words; empty while averaging."""
        self.newtons = float("nan")
        """The newest force."""
        self._window = max(4, round(pace.settle_s * rate))
        self._needed = max(4, round(pace.average_s * rate))
        self._pace = pace
        self._force = force
        self._expected = expected
        self._counts: Array = np.empty((0, 0))

    @property
    def progress(self) -> float:
        """Of the averaging, 0 to 1."""
        return min(1.0, max(0, len(self._counts) - self._window) / self._needed) if self.steady else 0.0

    def feed(self, frame: Frame) -> None:
        """Take the samples of a frame."""
        if self.reading is not None or not len(frame):
            return
        if np.any(frame.flags & UNUSABLE):
            self._restart("the board reports saturated or invalid channels: check the cells and their cable")
            return
        if frame.missed:
            self._restart("samples were lost")
        self._counts = np.vstack([self._counts, frame.counts]) if len(self._counts) else frame.counts
        self.newtons = float(self._force(frame.counts[-1:])[0])
        self._judge()

    def _judge(self) -> None:
        if len(self._counts) < self._window:
            self.steady = False
            return
        newest = self._force(self._counts[-self._window :])
        unrest = self._unrest(newest)
        if unrest:
            self._counts = self._counts[-self._window :]
            self.steady, self.reason = False, unrest
            return
        if not self.steady:
            self._counts = self._counts[-self._window :]
        self.steady, self.reason = True, ""
        if len(self._counts) >= self._window + self._needed:
            self._take(self._counts[self._window : self._window + self._needed])

    def _unrest(self, force: Array) -> str:
        half = len(force) // 2
        mean, noise = float(force.mean()), float(force.std(ddof=1))
        if not self._plausible(mean):
            return f"the board shows {mean:.0f} N, where about {self._expected or 0.0:.0f} N are expected"
        if noise > self._pace.noise_n or abs(float(force[:half].mean() - force[half:].mean())) > self._pace.noise_n:
            return f"the force is not steady yet: {noise:.1f} N of noise, {self._pace.noise_n:g} N allowed"
        return ""

    def _plausible(self, mean: float) -> bool:
        return self._expected is None or LEAST * self._expected - NEAR <= mean <= MOST * self._expected + NEAR

    def _take(self, counts: Array) -> None:
        force = self._force(counts)
        self.reading = Reading(
            tuple(map(float, counts.mean(axis=0))),
            tuple(map(float, counts.std(axis=0, ddof=1))),
            len(counts),
            float(force.mean()),
            float(force.std(ddof=1)),
        )

    def _restart(self, reason: str) -> None:
        self._counts = np.empty((0, 0))
        self.steady, self.reason = False, reason
