"""A trial with the figures of its task and the score of the set."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from otolith.dsp.metrics.exercising import Done, Ranges
from otolith.dsp.metrics.metric import Figure, MetricRefused, measure
from otolith.dsp.metrics.registry import SCORES
from otolith.service.challenges.performance import movements, targets
from otolith.service.challenges.performance.course import Course
from otolith.service.challenges.performance.figured import Performance, Wanted
from otolith.service.challenges.trial import Samples, Trial

SET_SCORE: Final = "set_score"
"""Key of the one score that a set is judged by; its ``definition`` says which of the registry it is."""


def performed(trial: Trial, samples: Samples) -> Trial:
    """With what its task gives, beside what is measured of every trial; what cannot be, is refused with its reason."""
    figures, refused = dict(trial.figures), dict(trial.refused)
    try:
        found = _perform(Course(trial, samples))
    except ValueError as error:
        return replace(trial, refused={**refused, SET_SCORE: str(error)})
    for wanted in found.figures:
        _measure(wanted, figures, refused)
    (key,), inputs = found.score.ids, found.score.inputs
    try:
        figures[SET_SCORE] = measure(SCORES[key], inputs)
    except MetricRefused as reason:
        refused[SET_SCORE] = str(reason)
    return replace(trial, figures=figures, refused=refused)


def _measure(wanted: Wanted, figures: dict[str, Figure], refused: dict[str, str]) -> None:
    for key in wanted.ids:
        try:
            figures[key] = measure(SCORES[key], wanted.inputs)
        except MetricRefused as reason:
            refused[key] = str(reason)


def _perform(course: Course) -> Performance:
    """Raises ValueError where the record does not allow it, or the task has no score."""
    make = _TASKS.get(course.task.kind)
    if make is None:
        raise ValueError(f"a {course.task.kind} has no score of percent: its own figures say how it was")
    return make(course, course.task)


def _stood(course: Course, _task: object) -> Performance:
    if course.trial.fell:
        return Performance(Wanted(("completion",), Done(0.0, 1.0)))
    ml, ap = np.ptp(course.place, axis=0).tolist()
    return Performance(Wanted(("steadiness_score",), Ranges(ml, ap, course.aim.stature)))


def _lasted(course: Course, _task: object) -> Performance:
    held = course.trial.held_s
    return Performance(Wanted(("completion",), Done(course.trial.seconds if held is None else held, course.asked)))


_TASKS: Final[Mapping[str, Callable[[Course, Any], Performance]]] = {
    "stand": _stood,
    "perturb": _stood,
    "hold": _lasted,
    "free": _lasted,
    "trace": targets.traced,
    "keep": lambda course, _: targets.kept(course),
    "shift": targets.shifted,
    "load": targets.loaded,
    "react": targets.reacted,
    "lean": targets.leaned,
    "reach": lambda course, _: targets.reached(course),
    "squat": movements.squatted,
    "step": movements.stepped,
    "rise": movements.risen,
}
"""By kind of task."""
