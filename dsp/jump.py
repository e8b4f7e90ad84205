"""Jumps on the spot, from vertical force alone (Linthorne 2001; McMahon et al. 2018)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]

GRAVITY = 9.80665
"""m/s², standard."""
UNLOADED = 10.0
"""N; below it the feet are off the plate. Others use 20 N, 30 N or five SD of the empty plate."""
WEIGHING = 1.0
"""Seconds of standing still at the start, which are the body weight (Owen et al. 2014)."""
ONSET_SD = 5.0
"""Standard deviations of that weight by which the movement begins (Owen et al. 2014)."""
ONSET_EARLIER = 0.030
"""Seconds by which it began earlier (Owen et al. 2014)."""
SHORTEST_FLIGHT = 0.05
"""Seconds."""


def runs(below: NDArray[np.bool_]) -> NDArray[np.intp]:
    """``(k, 2)`` starts and ends of the stretches that are true."""
    edges = np.flatnonzero(np.diff(below.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2)


def flights(force: Signal, rate: float) -> NDArray[np.intp]:
    """``(k, 2)`` first sample in the air and first sample back on the plate, of flights that begin and end on it."""
    found = runs(force < UNLOADED)
    on_plate = (found[:, 0] > 0) & (found[:, 1] < len(force))
    long = (found[:, 1] - found[:, 0]) / rate >= SHORTEST_FLIGHT
    return found[on_plate & long]


def flight_height(seconds: float) -> float:
    """The rise, mm, of a flight as long as that, landing in the pose of take-off."""
    return 1000.0 * GRAVITY * seconds**2 / 8.0


@dataclass(frozen=True)
class Jump:
    """A countermovement jump; samples of ``force`` (N) at ``rate``, ends of phases as indices, SI units inside.

    Weighing, unweighting (``onset`` to ``slowest``), braking (to ``lowest``), propulsion (to ``take_off``), flight.
    """

    force: Signal
    rate: float
    weight: float
    """N."""
    velocity: Signal
    """``(n,)`` m/s of the centre of mass, from ``onset``; 0 before."""
    onset: int
    slowest: int
    lowest: int
    take_off: int
    landing: int

    def seconds(self, start: int, stop: int) -> float:
        """Time between two samples."""
        return (stop - start) / self.rate

    @property
    def take_off_velocity(self) -> float:
        """m/s upwards."""
        return float(self.velocity[self.take_off])

    @cached_property
    def displacement(self) -> Signal:
        """``(n,)`` m of the centre of mass since the onset."""
        return _integral(self.velocity, self.rate)

    @cached_property
    def power(self) -> Signal:
        """``(n,)`` W."""
        return self.force * self.velocity


def countermovement(force: Signal, rate: float) -> Jump:
    """Take a force-time curve ``(n,)`` apart: a second of standing still, one jump, the landing.

    Raises ValueError where nobody jumped, nobody stood still or nothing moved before take-off.
    """
    still = force[: round(WEIGHING * rate)]
    weight, noise = float(still.mean()), float(still.std())
    if not weight > UNLOADED:
        raise ValueError("nobody stands on the plate in the first second, which is the body weight")
    if noise > 0.05 * weight:
        raise ValueError("the first second is not still: its force varies by more than 5 % of itself")
    found = flights(force, rate)
    if len(found) == 0:
        raise ValueError(f"no flight of {SHORTEST_FLIGHT:g} s: the force never falls below {UNLOADED:g} N and returns")
    take_off, landing = (int(edge) for edge in found[0])
    moved = np.flatnonzero(np.abs(force[len(still) : take_off] - weight) > max(ONSET_SD * noise, 1e-3 * weight))
    if len(moved) == 0:
        raise ValueError("nothing moves between the first second and take-off")
    onset = max(len(still) + int(moved[0]) - round(ONSET_EARLIER * rate), 0)
    velocity = np.zeros(len(force))
    velocity[onset:] = _integral((force[onset:] - weight) * GRAVITY / weight, rate)
    slowest = onset + int(np.argmin(velocity[onset : take_off + 1]))
    rising = np.flatnonzero(velocity[slowest : take_off + 1] >= 0.0)
    if len(rising) == 0:
        raise ValueError("the body never moves upwards before take-off: was the first second the whole weight?")
    return Jump(force, rate, weight, velocity, onset, slowest, slowest + int(rising[0]), take_off, landing)


@dataclass(frozen=True, slots=True)
class Rebound:
    """A drop jump: the contact between a drop and the flight that follows."""

    contact: float
    """Seconds."""
    flight: float


def rebound(force: Signal, rate: float) -> Rebound:
    """Take a drop jump apart: an empty plate, a contact, a flight, a landing. Raises ValueError for anything else."""
    if not force[0] < UNLOADED:
        raise ValueError("a drop jump begins with an empty plate: start recording before the drop")
    found = flights(force, rate)
    if len(found) == 0:
        raise ValueError(f"no flight of {SHORTEST_FLIGHT:g} s follows the drop")
    touch = int(np.argmax(force >= UNLOADED))
    take_off, landing = (int(edge) for edge in found[0])
    return Rebound((take_off - touch) / rate, (landing - take_off) / rate)


def _integral(x: Signal, rate: float) -> Signal:
    """``(n,)`` running integral by trapezoids, from 0."""
    total = np.zeros(len(x))
    np.cumsum((x[1:] + x[:-1]) / (2.0 * rate), out=total[1:])
    return total
