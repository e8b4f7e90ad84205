"""Collects one record: the frames between the cue and the end, cut to the sample."""

from dataclasses import fields, replace
from typing import Final

import numpy as np

from otolith.service.challenges.agenda import TrialPlan
from otolith.service.challenges.phases import Trigger
from otolith.service.challenges.reasons import Reason, Why
from otolith.service.challenges.tasks import unweighs
from otolith.service.challenges.trial import Samples
from otolith.service.challenges.watch import OFF_N, RecordWatch, Sight
from otolith.service.frame import Frame
from otolith.service.guidance.aim import Aim
from otolith.service.guidance.lateness import Lateness

SLOW: Final = 0.02
"""Part by which a board's clock may be slower than its nominal rate."""


class Record:
    """Begins with its first frame. ``feed`` says when it is over, and why."""

    def __init__(self, plan: TrialPlan, rate: float, aim: Aim, started: str, recording: str) -> None:
        self.plan = plan
        self.rate = rate
        self.aim = aim
        self.lateness = Lateness()
        self.started = started
        self.recording = recording
        """Id of the journal."""
        self.errors = 0
        self.keyed: dict[str, float] = {}
        self._frames: list[Frame] = []
        weight = 0.0 if unweighs(plan.condition.task) else aim.weight_n
        self._watch = RecordWatch(plan.condition.validity, rate, weight)
        self._end_ns: int | None = None

    def feed(self, frame: Frame) -> Sight | None:
        """Take what belongs to the record; DUE when it is complete, or what is wrong with it."""
        if self._end_ns is None:
            self._end_ns = int(frame.t[0]) + round(self.plan.condition.duration_s * 1e9)
            frame = replace(frame, missed=0)
        inside = cut(frame, int(np.searchsorted(frame.t, self._end_ns)))
        if len(inside):
            self._frames.append(inside)
            if (wrong := self._watch.feed(inside)) is not None:
                return wrong
        return None if int(frame.t[-1]) < self._end_ns else self._complete()

    @property
    def weight(self) -> float:
        """N, while settling."""
        return self.aim.weight_n

    @property
    def samples(self) -> Samples | None:
        """What there is; None before the first frame."""
        return Samples.of(self._frames, self.rate) if self._frames else None

    @property
    def seconds(self) -> float:
        """Recorded so far, lost samples included."""
        return sum(len(frame) + frame.missed for frame in self._frames) / self.rate

    @property
    def held(self) -> float:
        """Seconds until the person left, or until now: without the samples at the end with nobody on the board."""
        force = np.concatenate([frame.force for frame in self._frames]) if self._frames else np.zeros(0)
        on = np.flatnonzero(force >= OFF_N)
        return self.seconds - (len(force) - 1 - int(on[-1])) / self.rate if len(on) else 0.0

    def _complete(self) -> Sight:
        """Over; but who left in its very last moment has not been missed long enough for ``Presence``."""
        condition = self.plan.condition
        arrived = sum(len(frame) for frame in self._frames)
        slowest = condition.validity.rate_hz
        if arrived + 1 < slowest * condition.duration_s * (1.0 - SLOW):
            achieved = arrived / condition.duration_s
            places = {"achieved": f"{achieved:.0f}", "needed": f"{slowest:g}"}
            return Sight(Trigger.FAULT, Reason(Why.SLOW, places))
        if self.seconds - self.held > 0.0 and condition.validity.step_off:
            return Sight(Trigger.UNLOADED, Reason(Why.LEFT_AT_THE_END))
        return self._watch.finish(self._end_ns or 0) or Sight(Trigger.DUE)


def cut(frame: Frame, stop: int) -> Frame:
    """The first ``stop`` samples of a frame."""
    if stop >= len(frame):
        return frame
    columns = {
        field.name: value[:stop]
        for field in fields(frame)
        if isinstance(value := getattr(frame, field.name), np.ndarray)
    }
    return replace(frame, **columns)  # type: ignore[arg-type]  # the columns are those of the frame
