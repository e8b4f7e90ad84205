"""The figures of a trial, by the challenge's recipe and metrics."""

from dataclasses import replace

from otolith.dsp.metrics.registry import METRICS
from otolith.dsp.recipes import recipe_named
from otolith.service.analysis import figures
from otolith.service.challenges.challenge import Scoring
from otolith.service.challenges.performance.performed import performed
from otolith.service.challenges.trial import Samples, Trial


def measured(trial: Trial, samples: Samples, scoring: Scoring) -> Trial:
    """With the figures of its sway and of its task. For a thread: it computes."""
    return performed(swayed(trial, samples, scoring), samples)


def swayed(trial: Trial, samples: Samples, scoring: Scoring) -> Trial:
    """With the figures of its sway; where the record allows none, with the reason among its warnings."""
    try:
        found = figures(
            samples.recording(trial.plan.id),
            recipe_named(scoring.recipe),
            [METRICS[key] for key in scoring.metrics],
            "mm",
        )
    except ValueError as error:
        return replace(trial, warnings=(*trial.warnings, f"nothing could be measured: {error}"))
    return replace(trial, figures=found.metrics, refused=found.refused, warnings=(*trial.warnings, *found.warnings))
