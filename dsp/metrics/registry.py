"""Every published figure, by its id; and the sets that are asked for by name."""

from collections.abc import Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any, TypeVar

from otolith.dsp.metrics import (
    areas,
    boundaries,
    comparisons,
    complexity,
    core,
    following,
    gravity,
    jumping,
    leaning,
    movement,
    phasing,
    position,
    scaling,
    setpoint,
    spectral,
    standing,
    steadiness,
    steadiness_spectrum,
    training,
    watched,
)
from otolith.dsp.metrics.metric import Definition, Metric, Score

PRIETO = (*steadiness.METRICS, *steadiness_spectrum.METRICS)
GROUPS = MappingProxyType(
    {
        "Core": core.METRICS,
        "Position (Quijoux et al. 2021)": position.METRICS,
        "Movement (Quijoux et al. 2021)": movement.METRICS,
        "Spectrum (Quijoux et al. 2021)": spectral.METRICS,
        "Diffusion (Quijoux et al. 2021)": scaling.METRICS,
        "Steadiness (Prieto et al. 1996)": PRIETO,
        "Further areas": areas.METRICS,
        "Diffusion (Collins, De Luca 1993)": scaling.COLLINS,
        "Complexity": complexity.METRICS,
        "Rambling and trembling": setpoint.METRICS,
        "Centre of gravity": gravity.METRICS,
        "Time to boundary": boundaries.METRICS,
    }
)
"""Title -> metrics of a trace, in the order of reports."""
SCORE_GROUPS: Mapping[str, tuple[Score[Any], ...]] = MappingProxyType(
    {
        "Comparisons of two trials": comparisons.COMPARISONS,
        "Dual tasks": comparisons.DUAL,
        "Sensory organisation (six conditions)": comparisons.SENSORY,
        "Modified CTSIB (four conditions)": (*comparisons.MODIFIED, *comparisons.QUOTIENTS),
        "Loading": comparisons.LOADING,
        "Limits of stability and weight shifts": leaning.LIMITS,
        "Tilting boards": leaning.TILTS,
        "Countermovement jumps": jumping.JUMPS,
        "Drop jumps": jumping.REBOUNDS,
        "Landings": standing.LANDINGS,
        "Sit to stand": standing.RISES,
        "Watched and keyed": watched.WATCHED,
        "Exercises: scores of a set": training.TRAINING,
        "Exercises: on the target": following.ON_TARGET,
        "Exercises: following a target": following.PURSUITS,
        "Exercises: excursions": following.EXCURSIONS,
        "Exercises: loads": following.PUSHES,
        "Exercises: tones": following.BEATS,
        "Exercises: sudden targets": following.REACTIONS,
        "Exercises: squats": phasing.SQUATS,
        "Exercises: steps": phasing.STEPS,
        "Exercises: rises": phasing.RISES,
    }
)
"""Title -> scores, each group of one kind of input but for loading, training and what is watched."""
QUIJOUX72 = (*position.METRICS, *movement.METRICS, *spectral.METRICS, *scaling.METRICS)


D = TypeVar("D", bound=Definition[Any])


def _by_id(metrics: Sequence[D]) -> MappingProxyType[str, D]:
    named = {metric.id: metric for metric in metrics}
    if len(named) != len(metrics):
        raise ValueError("two metrics share an id")
    return MappingProxyType(named)


METRICS = _by_id(tuple(chain.from_iterable(GROUPS.values())))
"""id -> metric of a trace."""
SCORES = _by_id(tuple(chain.from_iterable(SCORE_GROUPS.values())))
"""id -> score of other inputs."""
DEFINITIONS: Mapping[str, Definition[Any]] = _by_id((*METRICS.values(), *SCORES.values()))
"""Everything, by id."""
SETS = MappingProxyType(
    {
        "core": tuple(metric.id for metric in core.METRICS),
        "quijoux72": tuple(metric.id for metric in QUIJOUX72),
        "prieto": tuple(metric.id for metric in PRIETO),
        "all": tuple(METRICS),
    }
)
"""Name of a set -> ids."""


def chosen(name: str) -> tuple[Metric, ...]:
    """The metrics of a set. Raises ValueError with the names there are."""
    if name not in SETS:
        raise ValueError(f"no set of metrics is called {name!r}: there are {', '.join(SETS)}")
    return tuple(METRICS[key] for key in SETS[name])
