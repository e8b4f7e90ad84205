"""What is recorded of an exercise: a target and what was done, tones and when they were met. mm, N and seconds."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from otolith.dsp import cycles, reactions, rises, tracking
from otolith.dsp.metrics.inputs import Recorded, Signal, Untimed
from otolith.dsp.reactions import Appearance
from otolith.dsp.rhythm import crossings


@dataclass(frozen=True, eq=False)
class OnTarget(Recorded):
    """How far what was done is from what was asked for, at each moment (mm, N, or percentage points)."""

    error: Signal
    rate: float
    band: float
    asked: float
    """Seconds that it should have lasted; what is missing counts as off the target."""


@dataclass(frozen=True, eq=False)
class Pursuit(Recorded):
    """The CoP, about the person's own middle, and the target that it was to follow."""

    ml: Signal
    ap: Signal
    target_ml: Signal
    target_ap: Signal
    rate: float
    period: float
    """Seconds of one lap, or of there and back."""
    band: float

    @cached_property
    def tracking(self) -> tracking.Tracking:
        """Raises ValueError where it is too short."""
        cursor, target = np.column_stack([self.ml, self.ap]), np.column_stack([self.target_ml, self.target_ap])
        return tracking.tracking(cursor, target, self.rate, self.band)


@dataclass(frozen=True, eq=False)
class Push(Recorded):
    """A vertical force, of both feet or one, and what it should have been; N."""

    force: Signal
    target: Signal
    rate: float
    band: float
    rise: float
    """Seconds that there are to get there."""
    asked: float
    """Seconds that it should have lasted, the rise included; what is missing counts as nothing."""

    @cached_property
    def loading(self) -> tracking.Loading:
        """Raises ValueError where it is too short."""
        return tracking.loading(self.force, self.target, self.rate, self.band)


@dataclass(frozen=True, eq=False)
class Rhythm(Untimed):
    """Tones: by how much each was missed (late is positive, NaN: not met), and how well it was done, 0 to 1."""

    errors: Signal
    worth: Signal
    period: float
    """Seconds between two tones that ask for the same kind of thing."""

    @property
    def met(self) -> Signal:
        """Errors of the tones that were met."""
        return self.errors[np.isfinite(self.errors)]


@dataclass(frozen=True, eq=False)
class Squats(Recorded):
    """Vertical force of down and up in a rhythm from standing, and body weight; N."""

    force: Signal
    rate: float
    weight: float
    period: float
    """Of down and up."""

    @cached_property
    def cycles(self) -> cycles.Cycles:
        """Raises ValueError where there is none."""
        return cycles.cycles(self.force, self.weight, self.rate, self.period)


@dataclass(frozen=True, eq=False)
class Steps(Recorded):
    """Part of the load on the left, 0 to 1, while somebody steps from foot to foot."""

    left: Signal
    rate: float

    @cached_property
    def transfers(self) -> tuple[Signal, Signal]:
        """When the weight changes feet, and to which: 1 left, -1 right."""
        return crossings(self.left, 0.5, self.rate)

    @property
    def supports(self) -> tuple[Signal, Signal]:
        """Seconds of each whole support by the left and by the right foot."""
        when, sign = self.transfers
        lasted = np.diff(when)
        return lasted[sign[:-1] > 0], lasted[sign[:-1] < 0]


@dataclass(frozen=True, eq=False)
class Uprising(Recorded):
    """Vertical force under the feet while somebody sits and stands up, and the weight standing; N."""

    force: Signal
    rate: float
    weight: float

    @cached_property
    def rises(self) -> rises.Rises:
        """Raises ValueError where nobody rises."""
        return rises.rises(self.force, self.weight, self.rate)


@dataclass(frozen=True, eq=False)
class Reacting(Recorded):
    """The CoP, about the person's own middle, and targets that appeared."""

    ml: Signal
    ap: Signal
    rate: float
    targets: tuple[Appearance, ...]
    band: float

    @cached_property
    def reactions(self) -> reactions.Reactions:
        """Raises ValueError without targets."""
        return reactions.reactions(np.column_stack([self.ml, self.ap]), self.rate, self.targets, self.band)


@dataclass(frozen=True, eq=False)
class Excursion(Recorded):
    """How far the CoP is from the person's own middle in the direction that was asked for, mm."""

    along: Signal
    rate: float


@dataclass(frozen=True, slots=True)
class Done(Untimed):
    """How much was done of what was asked for: seconds, repetitions, millimetres."""

    done: float
    asked: float


@dataclass(frozen=True, slots=True)
class Ranges(Untimed):
    """How far the CoP went to and fro on either axis, mm, and the stature, mm."""

    ml: float
    ap: float
    stature: float
