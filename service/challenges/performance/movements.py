"""Tasks of several joints: squats, steps, rises; phases from the vertical force, symmetry from the sides."""

import math
from itertools import pairwise

import numpy as np

from otolith.dsp.closeness import closeness
from otolith.dsp.cycles import displacement
from otolith.dsp.metrics.exercising import Done, OnTarget, Rhythm, Squats, Steps, Uprising
from otolith.dsp.metrics.inputs import Sides
from otolith.dsp.rhythm import crossings, turns
from otolith.dsp.tracking import timing_errors
from otolith.service.challenges.performance.course import Column, Course
from otolith.service.challenges.performance.figured import Performance, Wanted, ids_of
from otolith.service.challenges.performance.targets import TIMES, rhythm_of
from otolith.service.challenges.tasks import Rise, Squat, Step

LEG = 0.491
"""Thigh and shank over stature (Drillis, Contini 1966, as in Winter 2009)."""
EVEN_POINTS = 10.0
"""Percentage points from one half within which the feet count as evenly loaded. Own choice."""


def squatted(course: Course, task: Squat) -> Performance:
    """Held: how evenly. In a rhythm: how well in time, deep and even each was; phases and forces besides."""
    if task.period_s is None:
        even = OnTarget(np.abs(100.0 * course.left - 50.0), course.rate, EVEN_POINTS, course.asked)
        return Performance(Wanted(("closeness",), even), (_sides(course),))
    rhythm = _rhythm(course, task, task.period_s)
    squats = Squats(course.force, course.rate, course.aim.weight_n, task.period_s)
    names = ids_of("squat", "count", "depth", "descent", "ascent", "peak_force", "least_force")
    figures = (Wanted(TIMES, rhythm), Wanted(names, squats), _sides(course))
    return Performance(Wanted(("rhythm_score",), rhythm), figures)


def _rhythm(course: Course, task: Squat, period: float) -> Rhythm:
    """Of the bottoms: the tone in the middle of each cycle; worth as far as it is deep and even."""
    quarter = period / 4.0
    path = displacement(course.force, course.aim.weight_n, course.rate)
    bottoms: Column = (np.arange(int(course.asked / period + 1e-9)) + 0.5) * np.float64(period)
    when, low = turns(path, course.rate, bottoms, -np.ones(len(bottoms)), quarter)
    _, high = turns(path, course.rate, bottoms - quarter, np.ones(len(bottoms)), quarter)
    deep = np.clip((high - low) / max(depth_mm(task, course.aim.stature), 1.0), 0.0, 1.0)
    return Rhythm(when - bottoms, deep * _evenness(course, bottoms, period), period)


def depth_mm(task: Squat, stature: float) -> float:
    """How far down the hips go when the knees bend so far, thigh and shank by half of it each."""
    return LEG * stature * (1.0 - math.cos(math.radians(task.knee_degrees / 2.0)))


def stepped(course: Course, task: Step) -> Performance:
    """How well in time the weight changes feet; step times, variation and asymmetry of support."""
    when, _ = crossings(course.left, 0.5, course.rate)
    errors = timing_errors(when, rhythm_of(course.asked, task.period_s))
    errors[np.abs(errors) > task.period_s / 2.0] = np.nan
    rhythm = Rhythm(errors, np.ones_like(errors), task.period_s)
    steps = Steps(course.left, course.rate)
    figures = (Wanted(TIMES, rhythm), Wanted(ids_of("step", "count", "time", "variation", "asymmetry"), steps))
    return Performance(Wanted(("rhythm_score",), rhythm), figures)


def risen(course: Course, task: Rise) -> Performance:
    """How often; phases and forces of it, and how evenly."""
    rising = Uprising(course.force, course.rate, standing(course.force))
    figures = (Wanted(ids_of("rise", "count", "time", "sitting_time", "peak_force"), rising), _sides(course))
    return Performance(Wanted(("completion",), Done(float(len(rising.rises.at)), task.repetitions)), figures)


def standing(force: Column) -> float:
    """N: the weight of somebody who sits and stands, the median of what is nearer to the most than to the least."""
    low, high = np.percentile(force, (5, 95))
    return float(np.median(force[force >= (low + high) / 2.0]))


def _sides(course: Course) -> Wanted:
    left, right = course.sides.mean(axis=0).tolist()
    return Wanted(("left_share", "symmetry_index"), Sides(left, right))


def _evenness(course: Course, bottoms: Column, period: float) -> Column:
    """``(k,)`` 0 to 1: how evenly the feet bear each cycle, by the mean of closeness to one half."""
    marks = closeness(100.0 * course.left - 50.0, EVEN_POINTS)
    ends = np.rint(course.rate * np.append(bottoms - period / 2.0, course.asked)).astype(int)
    parts = [marks[first:end] for first, end in pairwise(ends.tolist())]
    return np.array([float(part.mean()) if len(part) else 0.0 for part in parts])
