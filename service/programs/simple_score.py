"""A plain score of a set: percent of the time on target, or of the time that the stance was held."""

import numpy as np

from otolith.dsp.metrics.metric import Figure
from otolith.service.challenges.tasks import Task
from otolith.service.challenges.trial import Samples, Trial
from otolith.service.guidance.target import Person, Target, target

MOST = 100.0
REACTION_S = 1.0
"""Allowed for getting to a target that stands still."""


def simple_score(trial: Trial, samples: Samples) -> Figure:
    """Percent; the person's middle is where the board's is."""
    condition = trial.plan.condition
    demand = target(condition.task, Person(trial.weight_n), condition.duration_s)
    if demand is None or demand.quantity == "none":
        held = trial.seconds if trial.held_s is None else trial.held_s
        share = min(1.0, held / condition.duration_s)
    else:
        share = _on_target(demand, condition.task, samples)
    return Figure(MOST * share, "%", "percent of the time on target, or held")


def _on_target(demand: Target, task: Task, samples: Samples) -> float:
    t = (samples.t - samples.t[0]) / 1e9
    place = samples.cop if demand.quantity == "place" else samples.force[:, None]
    ready = t >= (task.rise_s if task.kind == "load" else REACTION_S)
    error = np.hypot(*(place - demand.at(t)).T) if demand.quantity == "place" else np.abs(place - demand.at(t))[:, 0]
    return float(np.mean(error[ready] <= demand.band)) if ready.any() else 0.0
