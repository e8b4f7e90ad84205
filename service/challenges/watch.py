"""What the board says about the person: on it, off it, and what makes a record useless. Fed frame by frame."""

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from otolith.drivers.batch import Flag
from otolith.service.challenges.challenge import Validity
from otolith.service.challenges.phases import Trigger
from otolith.service.challenges.reasons import Reason, Why
from otolith.service.frame import Frame

ON_N: Final = 100.0
"""More vertical force than this is a person; a child of ten kilograms is one."""
OFF_N: Final = 40.0
"""Less than this is nobody: between the two, what was so stays so."""
SURE_S: Final = 0.3
"""How long it has to be so."""
WEIGH_S: Final = 1.0
"""Over which the weight is compared."""
DOUBT_S: Final = 1.0
"""How long a changed weight has to last: who steps off weighs less for a moment, and is gone before that."""
STEP_S: Final = 0.3
"""Within which a CoP that jumps is a step."""
LATE_MS: Final = 100.0
"""By which samples of a board may come late, in a heap, without a loss."""
SPOILT: Final = {
    Flag.SATURATED: Why.SATURATED,
    Flag.CHANNEL_ERROR: Why.CHANNEL_FAULT,
    Flag.INVALID: Why.MARKED_INVALID,
}


@dataclass(frozen=True, slots=True)
class Sight:
    """Something that was seen."""

    trigger: Trigger
    reason: Reason | None = None


class Presence:
    """Whether somebody stands on the board; answers change after :data:`SURE_S` seconds without doubt."""

    def __init__(self, rate: float) -> None:
        self.loaded = False
        self._sure = max(1, round(SURE_S * rate))
        self._doubt = 0

    def feed(self, frame: Frame) -> Sight | None:
        """What changed with this frame, if anything."""
        other = frame.force < OFF_N if self.loaded else frame.force > ON_N
        steady = np.flatnonzero(~other)
        self._doubt = self._doubt + len(frame) if not len(steady) else len(frame) - 1 - int(steady[-1])
        if self._doubt < self._sure:
            return None
        self.loaded, self._doubt = not self.loaded, 0
        return Sight(Trigger.LOADED) if self.loaded else Sight(Trigger.UNLOADED, Reason(Why.STEPPED_OFF))


class RecordWatch:
    """The rules of one record. Give it the frames of the record only; the first thing wrong is the answer.

    ``finish`` is for the end of a record that was to last until then: what there was no time to be sure of counts.
    """

    def __init__(self, rules: Validity, rate: float, weight: float) -> None:
        self._rules = rules
        self._rate = rate
        self._weight = weight
        self._missed = 0
        self._last: int | None = None
        self._doubt = 0
        self._window: deque[float] = deque(maxlen=max(2, round(WEIGH_S * rate)))
        self._path: deque[tuple[float, float]] = deque(maxlen=max(2, round(STEP_S * rate)))

    def feed(self, frame: Frame) -> Sight | None:
        """What is wrong, or None."""
        return (
            self._spoilt(frame) or self._gap(frame) or self._silence(frame) or self._weigh(frame) or self._step(frame)
        )

    def finish(self, end_ns: int) -> Sight | None:
        """What is wrong at the end, or None."""
        return self._quiet(end_ns, 0) or (self._changed() if self._doubt else None)

    def _silence(self, frame: Frame) -> Sight | None:
        """Boards without a number of their own say nothing of what they lost; the time between their samples does."""
        sight = self._quiet(int(frame.t[0]), frame.missed)
        self._last = int(frame.t[-1])
        return sight

    def _quiet(self, until_ns: int, missed: int) -> Sight | None:
        if self._last is None or not self._rules.gap_ms:
            return None
        quiet_ms = (until_ns - self._last) / 1e6 - 1e3 * (missed + 1) / self._rate
        if quiet_ms <= self._rules.gap_ms + LATE_MS:
            return None
        return Sight(Trigger.FAULT, Reason(Why.SILENCE, {"ms": f"{quiet_ms:.0f}"}))

    def _spoilt(self, frame: Frame) -> Sight | None:
        if not self._rules.saturation:
            return None
        seen = int(np.bitwise_or.reduce(frame.flags)) if len(frame) else 0
        return next((Sight(Trigger.FAULT, Reason(why)) for flag, why in SPOILT.items() if seen & flag), None)

    def _gap(self, frame: Frame) -> Sight | None:
        self._missed += frame.missed
        lost_ms = 1e3 * self._missed / self._rate
        if not self._rules.gap_ms or lost_ms <= self._rules.gap_ms:
            return None
        places = {"samples": f"{self._missed}", "ms": f"{lost_ms:.0f}", "allowed": f"{self._rules.gap_ms:g}"}
        return Sight(Trigger.FAULT, Reason(Why.GAP, places))

    def _weigh(self, frame: Frame) -> Sight | None:
        """Whether somebody leans on something, or steps off in part; nobody at all is ``Presence``'s to say."""
        self._window.extend(frame.force.tolist())
        if not self._rules.weight_change or not self._weight or len(self._window) < (self._window.maxlen or 0):
            return None
        if self._share <= self._rules.weight_change or min(self._window) < OFF_N:
            self._doubt = 0
            return None
        self._doubt += len(frame)
        return self._changed() if self._doubt >= DOUBT_S * self._rate else None

    @property
    def _mean(self) -> float:
        return sum(self._window) / len(self._window)

    @property
    def _share(self) -> float:
        return abs(self._mean - self._weight) / self._weight

    def _changed(self) -> Sight:
        places = {"percent": 100 * self._share, "before": self._weight, "now": self._mean}
        return Sight(Trigger.FAULT, Reason(Why.WEIGHT, {name: f"{value:.0f}" for name, value in places.items()}))

    def _step(self, frame: Frame) -> Sight | None:
        if not self._rules.leave_mm:
            return None
        for x, y in frame.cop.tolist():
            self._path.append((x, y))
        points = np.array(self._path)
        points = points[np.isfinite(points).all(axis=1)]
        if len(points) < 2:  # noqa: PLR2004 - a distance has two ends
            return None
        reach = float(np.hypot(*np.ptp(points, axis=0)))
        if reach <= self._rules.leave_mm:
            return None
        return Sight(Trigger.FELL, Reason(Why.STEP, {"mm": f"{reach:.0f}", "seconds": f"{STEP_S:g}"}))
