"""Scores of single trials: what each needs, made from the samples, the task and what was keyed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.clinical import sway_angle
from otolith.dsp.cog import centre_of_gravity
from otolith.dsp.gaps import bridge, spread
from otolith.dsp.metrics.inputs import (
    Counted,
    Dropping,
    Held,
    Jumping,
    Landing,
    Lean,
    Quadrants,
    Reached,
    Rising,
    Sides,
    Tilt,
    TwoAreas,
)
from otolith.dsp.metrics.metric import Figure, MetricRefused, measure
from otolith.dsp.metrics.registry import SCORES
from otolith.dsp.plates.levers import FX, FY
from otolith.service.bearing import bearing
from otolith.service.challenges import tasks
from otolith.service.challenges.challenge import Scoring
from otolith.service.challenges.setting import Setting
from otolith.service.challenges.trial import Samples, Trial
from otolith.service.challenges.watch import OFF_N
from otolith.service.guidance.aim import STATURE_MM

Column = NDArray[np.float64]
REACH: Final = "reach_mm"
"""What the operator keys of a reach."""
HELD_S: Final = 3.0
"""For which a lean is taken to go on before and after its record: the filter's ends would bend it by 3 % else."""
WEIGH_S: Final = 1.0
"""At the end of a record in which somebody comes to stand."""


@dataclass(slots=True)
class Occasion:
    """One trial, all that is known of it, and what has to be said beside its scores."""

    trial: Trial
    samples: Samples | None
    """None where only what was keyed is scored again."""
    setting: Setting
    warnings: list[str] = field(default_factory=list)

    @property
    def recorded(self) -> Samples:
        """The samples. Raises MetricRefused where there are none."""
        if self.samples is None:
            raise MetricRefused("the samples are not at hand any more")
        return self.samples

    @property
    def whole(self) -> Samples:
        """The samples, none of them lost. Raises MetricRefused."""
        if lost := int(self.recorded.missed.sum()):
            raise MetricRefused(f"{lost} samples were lost, and a force-time curve must be whole")
        return self.recorded

    def warn(self, text: str) -> None:
        """Once."""
        if text not in self.warnings:
            self.warnings.append(text)


def with_scores(trial: Trial, samples: Samples, scoring: Scoring, setting: Setting) -> Trial:
    """With every score that the challenge asks for of each trial; where it cannot be, with the reason."""
    return _scored(Occasion(trial, samples, setting), scoring.per_trial)


def scored_again(trial: Trial, scoring: Scoring) -> Trial:
    """After something was keyed: the scores that need nothing else."""
    keyed = tuple(key for key in scoring.per_trial if SCORES[key].inputs is Reached)
    return _scored(Occasion(trial, None, Setting()), keyed)


def _scored(occasion: Occasion, keys: tuple[str, ...]) -> Trial:
    figures = dict(occasion.trial.figures)
    refused = {key: reason for key, reason in occasion.trial.refused.items() if key not in keys}
    made: dict[type, Any] = {}
    for key in keys:
        definition = SCORES[key]
        try:
            if definition.inputs not in made:
                made[definition.inputs] = _inputs(definition.inputs, occasion)
            figures[key] = measure(definition, made[definition.inputs])
        except (MetricRefused, ValueError) as reason:
            refused[key] = str(reason)
    warnings = (*occasion.trial.warnings, *occasion.warnings)
    return replace(occasion.trial, figures=figures, refused=refused, warnings=warnings)


def _inputs(kind: type, occasion: Occasion) -> Any:  # noqa: ANN401 - of that kind
    make = MAKERS.get(kind)
    if make is None:
        raise MetricRefused(f"a {kind.__name__} is made of several trials, not of one")
    return make(occasion)


def _lean(occasion: Occasion) -> Lean:
    """Lean of the centre of gravity from where it was at the cue."""
    task = occasion.trial.plan.condition.task
    if not isinstance(task, tasks.Lean | tasks.Shift):
        raise MetricRefused(f"a lean has a direction, and the task {task.kind!r} has none")
    stature = occasion.setting.stature_mm
    if stature is None:
        stature = STATURE_MM
        occasion.warn(f"the stature is not known: leans are reckoned with {stature:g} mm")
    samples = occasion.recorded
    ml, ap = (spread(samples.cop[:, axis], samples.missed) for axis in (0, 1))
    whole = bridge(ml, ap, samples.rate)
    pad = round(HELD_S * samples.rate)
    held = (np.pad(whole.ml, pad, mode="edge"), np.pad(whole.ap, pad, mode="edge"))
    x, y = (
        centre_of_gravity(path, samples.rate, stature / 1000.0, axis)[pad:-pad]
        for path, axis in zip(held, ("ml", "ap"), strict=True)
    )
    across, along = sway_angle(x - x[0], stature), sway_angle(y - y[0], stature)
    return Lean(across, along, samples.rate, task.bearing, task.degrees)


def _sides(occasion: Occasion) -> Sides:
    sides = occasion.recorded.sides
    if sides is None:
        raise MetricRefused("this board cannot tell left from right: two boards can, or cells on both sides")
    if not occasion.setting.plates:
        occasion.warn("left and right are the halves of one board: they are the feet's only where these stand on them")
    left, right = np.nanmean(sides, axis=0).tolist()
    return Sides(left, right)


def _quadrants(occasion: Occasion) -> Quadrants:
    cells = occasion.setting.cells
    if len(cells) != 4 or len({(cell.x > 0, cell.y > 0) for cell in cells}) != 4:  # noqa: PLR2004 - toes and heels of two feet
        raise MetricRefused("four cells are needed, one under each quarter of the feet")
    occasion.warn("quarters are those of the board: they are toes and heels only where the feet stand on them")
    loads = occasion.recorded.loads.mean(axis=0)
    at = {(cell.x > 0, cell.y > 0): float(load) for cell, load in zip(cells, loads, strict=True)}
    return Quadrants(at[False, True], at[True, True], at[False, False], at[True, False])


def _tilt(_occasion: Occasion) -> Tilt:
    raise MetricRefused("the tilt is not measured: the index needs a platform that measures its own tilt")


def _jumping(occasion: Occasion) -> Jumping:
    return Jumping(occasion.whole.force, occasion.whole.rate)


def _dropping(occasion: Occasion) -> Dropping:
    return Dropping(occasion.whole.force, occasion.whole.rate)


def _landing(occasion: Occasion) -> Landing:
    samples, plates = occasion.whole, occasion.setting.plates
    if not plates:
        raise MetricRefused("this board feels vertical force alone: the score needs shear, of a force plate")
    if samples.force[0] > OFF_N:
        raise MetricRefused("a landing begins on an empty plate, and somebody stood on it")
    wrench = samples.loads @ bearing((), plates).levers.T
    weight = occasion.trial.weight_n or _weight(samples)
    return Landing(wrench[:, FX].copy(), wrench[:, FY].copy(), samples.force, samples.rate, weight)


def _rising(occasion: Occasion) -> Rising:
    """Who sits while settling does not weigh the whole of them: the body weight is that of standing, at the end."""
    samples = occasion.whole
    return Rising(samples.force, samples.rate, _weight(samples))


def _weight(samples: Samples) -> float:
    return float(samples.force[-max(round(WEIGH_S * samples.rate), 1) :].mean())


def _counted(occasion: Occasion) -> Counted:
    """The board counts a step off it as an error, where the operator keyed none."""
    trial = occasion.trial
    return Counted(float(max(trial.errors, int(trial.fell))), trial.seconds if trial.samples else 0.0)


def _held(occasion: Occasion) -> Held:
    if occasion.trial.held_s is None:
        raise MetricRefused("the time is measured of tasks that are held")
    return Held(min(occasion.trial.held_s, occasion.trial.plan.condition.duration_s))


def _reached(occasion: Occasion) -> Reached:
    if REACH not in occasion.trial.keyed:
        raise MetricRefused(f"nobody keyed the distance: read it off the yardstick and key {REACH}")
    return Reached(occasion.trial.keyed[REACH])


def _areas(occasion: Occasion) -> TwoAreas:
    figures: Mapping[str, Figure] = occasion.trial.figures
    if missing := [key for key in ("hull_area", "prediction_ellipse_area") if key not in figures]:
        raise MetricRefused(f"{' and '.join(missing)} must be among the challenge's metrics")
    return TwoAreas(figures["hull_area"].value, figures["prediction_ellipse_area"].value)


MAKERS: Final[Mapping[type, Callable[[Occasion], Any]]] = {
    Lean: _lean,
    Sides: _sides,
    Quadrants: _quadrants,
    Tilt: _tilt,
    Jumping: _jumping,
    Dropping: _dropping,
    Landing: _landing,
    Rising: _rising,
    Counted: _counted,
    Held: _held,
    Reached: _reached,
    TwoAreas: _areas,
}
"""By what a score is computed from; the others are made of several trials."""
