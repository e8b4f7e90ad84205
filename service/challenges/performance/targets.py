"""Tasks with a target on the floor or a force: to follow, to keep, to reach, to lean to."""

import numpy as np

from otolith.dsp.metrics.exercising import Done, Excursion, OnTarget, Pursuit, Push, Reacting, Rhythm
from otolith.dsp.paths import towards
from otolith.dsp.reactions import Appearance
from otolith.dsp.rhythm import swings
from otolith.service.challenges.performance.course import Column, Course
from otolith.service.challenges.performance.figured import Performance, Wanted, ids_of
from otolith.service.challenges.tasks import Lean, Load, React, Shift, Trace
from otolith.service.guidance.feedback import force_of
from otolith.service.guidance.target import excursion_mm, react_course

ON_TARGET = ("time_on_target", "longest_on_target")
TIMES = ids_of("beat", "error", "bias", "spread", "met")
PURSUIT = ids_of(
    "pursuit", "rms_error", "lag", "phase_lag", "spatial_error", "path_ratio", "directional_control", "velocity"
)
PROMPT_S = 1.0
"""That somebody has for a force that is asked for at once."""
REACH_DEGREES = 8.0
"""Of the limits of stability forward: a reach is full marks there."""


def traced(course: Course, task: Trace) -> Performance:
    """Closeness to the moving point; error, lag, direction and detours of the pursuit."""
    on = _on_target(course)
    return Performance(Wanted(("closeness",), on), (Wanted(ON_TARGET, on), _pursuit(course, task.period_s)))


def kept(course: Course) -> Performance:
    """Closeness to the shape; time in it, and the longest."""
    on = _on_target(course)
    return Performance(Wanted(("closeness",), on), (Wanted(ON_TARGET, on),))


def shifted(course: Course, task: Shift) -> Performance:
    """How far and how well in time each transition went; the pursuit of the moving line besides."""
    along = _along(course, task.bearing)
    end = excursion_mm(task.degrees, course.aim.stature)
    beats = rhythm_of(course.asked, task.period_s)
    signs = np.where(np.arange(1, len(beats) + 1) % 2 == 1, 1.0, -1.0)
    when, reached = swings(along, course.rate, beats, signs, task.period_s / 2.0)
    rhythm = Rhythm(when - beats, np.clip(signs * reached / end, 0.0, 1.0), task.period_s)
    return Performance(
        Wanted(("rhythm_score",), rhythm), (Wanted(TIMES, rhythm), _pursuit(course, 2.0 * task.period_s))
    )


def loaded(course: Course, task: Load) -> Performance:
    """Closeness to the force, while it rises and while it stands; peak, mean, rate of force and time in the band."""
    sides = None if course.target.side == "all" else course.sides
    force = force_of(course.force, sides, course.target.side)
    asked = course.wanted(len(force))
    error = course.target.error(force[:, None], asked)
    on = OnTarget(error, course.rate, course.target.band, course.asked)
    push = Push(force, asked[:, 0], course.rate, course.target.band, max(task.rise_s, PROMPT_S), course.asked)
    figures = (Wanted(ON_TARGET, on), Wanted(ids_of("load", "peak", "mean", "rate", "in_band", "rms_error"), push))
    return Performance(Wanted(("load_score",), push), figures)


def reacted(course: Course, task: React) -> Performance:
    """How soon each target was reached; reaction, movement, hits."""
    at, places = react_course(task, course.aim.seed)
    targets = tuple(
        Appearance(float(begin), until, *place)
        for begin, end, place in zip(at[1:], [*at[2:], at[-1] + task.longest_s], places[1:].tolist(), strict=True)
        if (until := min(float(end), course.asked)) - begin >= task.shortest_s - 1e-9
    )
    ml, ap = course.place.T
    reacting = Reacting(ml, ap, course.rate, targets, task.band_mm)
    names = ids_of("react", "reaction_time", "movement_time", "time_to_reach", "hits")
    return Performance(Wanted(("reaction_score",), reacting), (Wanted(names, reacting),))


def leaned(course: Course, task: Lean) -> Performance:
    """How far towards the target."""
    return _reached(course, task.bearing, task.degrees)


def reached(course: Course) -> Performance:
    """How far forward the CoP goes with the reach; the distance of the hand is keyed by the operator."""
    return _reached(course, 0.0, REACH_DEGREES)


def rhythm_of(asked: float, period: float) -> Column:
    """Tones whose time to be met, half a period to either side, is whole within the record as it should be.

    Raises ValueError without any.
    """
    count = int(np.floor((asked - period / 2.0) / period + 1e-9))
    if count < 1:
        raise ValueError(f"a record of {asked:g} s is too short for a rhythm of {period:g} s")
    beats: Column = np.arange(1, count + 1) * np.float64(period)
    return beats


def _reached(course: Course, bearing: float, degrees: float) -> Performance:
    along = _along(course, bearing)
    done = Done(max(float(along.max()), 0.0), excursion_mm(degrees, course.aim.stature))
    figures = Wanted(("reach_excursion", "reach_time"), Excursion(along, course.rate))
    return Performance(Wanted(("completion",), done), (figures,))


def _along(course: Course, bearing: float) -> Column:
    along: Column = course.place @ np.array(towards(bearing, 1.0))
    return along


def _on_target(course: Course) -> OnTarget:
    place = course.place
    error = course.target.error(place, course.wanted(len(place)))
    return OnTarget(error, course.rate, course.target.band, course.asked)


def _pursuit(course: Course, period: float) -> Wanted:
    place = course.place
    (ml, ap), (target_ml, target_ap) = place.T, course.wanted(len(place)).T
    return Wanted(PURSUIT, Pursuit(ml, ap, target_ml, target_ap, course.rate, period, course.target.band))
