"""What scores are computed from, where one quiet trace is not enough. Forces in N, lean and tilt in degrees."""

import math
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from otolith.dsp import jump, landing, limits, sit_to_stand

Signal = NDArray[np.float64]


class Untimed:
    """Numbers without a time axis: no rate is too low and no duration too short."""

    __slots__ = ()

    @property
    def rate(self) -> float:
        """Infinite."""
        return math.inf

    @property
    def seconds(self) -> float:
        """Infinite."""
        return math.inf


@dataclass(frozen=True, slots=True)
class Comparison(Untimed):
    """One figure of two trials of one person: eyes open and eyes closed, or before and after."""

    opened: float
    closed: float


@dataclass(frozen=True, slots=True)
class FourConditions(Untimed):
    """One figure of four trials: eyes open and closed on firm ground, then on foam."""

    firm_open: float
    firm_closed: float
    foam_open: float
    foam_closed: float


@dataclass(frozen=True, slots=True)
class TwoTasks(Untimed):
    """One figure of standing alone, and of standing with a second task."""

    single: float
    dual: float


@dataclass(frozen=True, slots=True)
class SixConditions(Untimed):
    """Equilibrium scores of the sensory organisation test, conditions 1 to 6; 4 to 6 need a support that sways."""

    scores: tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sides(Untimed):
    """A load, an impulse or a peak force of each side, from two boards or two halves of one; N."""

    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Quadrants(Untimed):
    """Mean loads of toes and heels of both feet, N."""

    toes_left: float
    toes_right: float
    heel_left: float
    heel_right: float


@dataclass(frozen=True, slots=True)
class Counted(Untimed):
    """Errors of one stance, keyed by whoever watched, and for how many seconds it was held."""

    errors: float
    held: float


@dataclass(frozen=True, slots=True)
class SixStances(Untimed):
    """Errors of the six stances of the Balance Error Scoring System: three on firm ground, three on foam."""

    double_firm: float
    single_firm: float
    tandem_firm: float
    double_foam: float
    single_foam: float
    tandem_foam: float


@dataclass(frozen=True, slots=True)
class Held(Untimed):
    """How long a stance was held, s."""

    held: float


@dataclass(frozen=True, slots=True)
class FourStages(Untimed):
    """How long each of four stances of rising difficulty was held, s."""

    side_by_side: float
    semi_tandem: float
    tandem: float
    one_leg: float


@dataclass(frozen=True, slots=True)
class Reached(Untimed):
    """How far somebody reached, read off a yardstick and keyed, mm."""

    distance: float


@dataclass(frozen=True, slots=True)
class TwoAreas(Untimed):
    """Areas of the hull of a path and of its 95 % prediction ellipse, mm²."""

    hull: float
    ellipse: float


class Recorded:
    """Signals of one length, finite, at one rate. Raises ValueError for anything else."""

    rate: float

    def __post_init__(self) -> None:
        if not 0.0 < self.rate < math.inf:
            raise ValueError(f"a rate is a positive number of samples per second, not {self.rate}")
        signals = self._signals
        if len({signal.shape for signal in signals}) != 1 or signals[0].ndim != 1 or len(signals[0]) < 2:  # noqa: PLR2004  # a step
            raise ValueError(f"signals need one length of two or more, not {[signal.shape for signal in signals]}")
        if not all(np.isfinite(signal).all() for signal in signals):
            raise ValueError("a signal must not hold NaN or infinity: fill or cut the gaps first")

    @property
    def _signals(self) -> list[Signal]:
        values = (getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]  # every subclass is a dataclass
        return [value for value in values if isinstance(value, np.ndarray)]

    @property
    def seconds(self) -> float:
        """Duration N / rate."""
        return len(self._signals[0]) / self.rate


@dataclass(frozen=True, eq=False)
class Tilt(Recorded):
    """Tilt of a board that tilts, about level; degrees to the right and forward."""

    ml: Signal
    ap: Signal
    rate: float


@dataclass(frozen=True, eq=False)
class Lean(Recorded):
    """Lean of the centre of gravity from the cue on, towards one target or along one paced axis; degrees."""

    ml: Signal
    ap: Signal
    rate: float
    bearing: float
    """Of the target, degrees: 0 forward, 90 to the right."""
    target: float
    """How far it is, degrees: 100 % of the limits of stability."""

    @cached_property
    def parts(self) -> tuple[Signal, Signal]:
        """Lean along the bearing and across it."""
        return limits.along_and_across(self.ml, self.ap, self.bearing)

    @cached_property
    def excursion(self) -> limits.Excursion:
        """Taken as one lean to the target. Raises ValueError where nobody moves towards it."""
        return limits.excursion(*self.parts, self.rate)

    @cached_property
    def shift(self) -> limits.WeightShift:
        """Taken as shifts to and fro."""
        return limits.weight_shift(*self.parts, self.rate)


@dataclass(frozen=True, eq=False)
class Jumping(Recorded):
    """Vertical force of a countermovement jump: one second of standing still, the jump, the landing."""

    force: Signal
    rate: float

    @cached_property
    def jump(self) -> jump.Jump:
        """Its phases. Raises ValueError where there is no jump."""
        return jump.countermovement(self.force, self.rate)


@dataclass(frozen=True, eq=False)
class Dropping(Recorded):
    """Vertical force of a drop jump: an empty plate, a contact, a flight, a landing."""

    force: Signal
    rate: float

    @cached_property
    def rebound(self) -> jump.Rebound:
        """Contact and flight. Raises ValueError where there are none."""
        return jump.rebound(self.force, self.rate)


@dataclass(frozen=True, eq=False)
class Landing(Recorded):
    """Ground reaction (to the right, forward, upwards) of a landing on an empty plate, and body weight."""

    fx: Signal
    fy: Signal
    fz: Signal
    rate: float
    weight: float

    @cached_property
    def stability(self) -> landing.DynamicStability:
        """Over three seconds from contact. Raises ValueError where the recording is shorter."""
        return landing.dynamic_stability(self.fx, self.fy, self.fz, self.rate, self.weight)


@dataclass(frozen=True, eq=False)
class Rising(Recorded):
    """Vertical force under the feet from sitting to standing, and body weight."""

    force: Signal
    rate: float
    weight: float

    @cached_property
    def rise(self) -> sit_to_stand.Rise:
        """Its moments. Raises ValueError where nobody rises."""
        return sit_to_stand.rise(self.force, self.rate, self.weight)
