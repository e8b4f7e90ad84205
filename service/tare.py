"""Takes the zero of an unloaded board from its next samples, and refuses one that would be wrong."""

from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.batch import Batch, Flag
from otolith.drivers.calibration import Calibration
from otolith.drivers.replay.journal_head import JournalTare
from otolith.service.errors import TareRefused

UNUSABLE = Flag.SATURATED | Flag.CHANNEL_ERROR | Flag.INVALID
SHORTEST, LONGEST = 1.0, 60.0
"""Seconds."""
PATIENCE = 5
"""A tare that gaps keep starting afresh ends after this many times its duration."""


@dataclass(frozen=True, slots=True)
class TareGates:
    """What a zero has to pass, newtons."""

    noise: float
    """Largest standard deviation of the summed force, and of each vertical load in it."""
    limit: float
    """Largest distance of the summed force from none, by the calibration's own zero."""


@dataclass(frozen=True, slots=True)
class Zero:
    """A zero that passed."""

    counts: tuple[float, ...]
    noise: float
    """Standard deviation of the summed force while it was taken, newtons."""
    seq: int
    """First sample it applies to."""
    offset: float = 0.0
    """The summed force at this zero by the calibration's own: how far it has drifted is the difference of two."""


class Taking:
    """Collects one tare. Made on the event loop, fed by the reader thread, awaited through ``future``."""

    def __init__(
        self,
        seconds: float,
        rate: float,
        calibration: Calibration,
        gates: TareGates,
        weight: NDArray[np.float64],
    ) -> None:
        """``weight`` ``(k,)``: of each load in the vertical force."""
        if not SHORTEST <= seconds <= LONGEST:
            raise TareRefused(f"a tare takes {SHORTEST:g} to {LONGEST:g} seconds, not {seconds:g}")
        self.future: Future[Zero] = Future()
        self._needed = max(2, round(seconds * rate))
        self._calibration = calibration
        self._gates = gates
        self._weight = weight
        self._rows: list[NDArray[np.float64]] = []
        self._held = 0
        self._seen = 0

    def add(self, batch: Batch) -> Zero | None:
        """The zero, once there are enough samples without a gap. Raises TareRefused."""
        if batch.missed:
            self._rows, self._held = [], 0
        self._rows.append(batch.counts)
        self._held += len(batch)
        self._seen += len(batch)
        if np.any(batch.flags & UNUSABLE):
            raise TareRefused("the board reports saturated or invalid channels: check the cells and their cable")
        if self._held >= self._needed:
            counts = np.concatenate(self._rows)
            upright = self._calibration.loads(counts) * self._weight
            return judge(counts, upright, self._gates, batch.seq + len(batch))
        if self._seen >= PATIENCE * self._needed:
            raise TareRefused("too many samples are being lost: check the connection, then try again")
        return None


def judge(counts: NDArray[np.float64], upright: NDArray[np.float64], gates: TareGates, seq: int) -> Zero:
    """The mean of ``(n, c)`` counts as a zero, valid from ``seq``, by the vertical loads ``(n, k)`` that they are.

    Raises TareRefused where it fails a gate.
    """
    force = upright.sum(axis=1)
    noise, offset = float(np.std(force, ddof=1)), float(np.mean(force))
    wandering = float(np.std(upright, axis=0, ddof=1).max())
    if not np.isfinite(noise):
        raise TareRefused("the board sends numbers that are not finite: check the cells and their cable")
    if abs(offset) > gates.limit:
        raise TareRefused(
            f"the board is loaded with {offset:.0f} N (the limit is {gates.limit:g} N): clear the board, then try again"
        )
    if noise > gates.noise:
        raise TareRefused(
            f"the force is not steady: {noise:.1f} N of noise, {gates.noise:g} N allowed; "
            "nobody may touch the board or shake the floor"
        )
    if wandering > gates.noise:
        raise TareRefused(
            f"a load moves about on the board: {wandering:.1f} N of noise in one of its cells or plates,"
            f" {gates.noise:g} N allowed; nobody may touch the board"
        )
    return Zero(tuple(float(mean) for mean in counts.mean(axis=0)), noise, seq, offset)


class Zeros:
    """The zeros of one connection of a board, and from which sample on each of them is in use."""

    def __init__(self, initial: tuple[float, ...]) -> None:
        self._initial = initial
        self._tares: list[JournalTare] = []

    def add(self, tare: JournalTare) -> None:
        """Note a tare; they come in order."""
        self._tares.append(tare)

    def at(self, seq: int) -> tuple[float, ...]:
        """Counts per channel in use at a sample."""
        return next((tare.zero for tare in reversed(self._tares) if tare.seq <= seq), self._initial)

    def after(self, seq: int) -> list[JournalTare]:
        """The tares that apply from a later sample on."""
        return [tare for tare in self._tares if tare.seq > seq]
