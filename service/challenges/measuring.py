"""The figures of a trial, by the challenge's recipe and metrics."""

from dataclasses import replace

from otolith.dsp.metrics.registry import METRICS
from otolith.dsp.recipes import recipe_named
from otolith.service.analysis import figures
from otolith.service.challenges.challenge import Scoring
from otolith.service.challenges.per_trial import with_scores
from otolith.service.challenges.performance.performed import performed
from otolith.service.challenges.setting import UNKNOWN, Setting
from otolith.service.challenges.trial import Samples, Trial
from otolith.service.circumstances import Circumstances


def measured(trial: Trial, samples: Samples, scoring: Scoring, setting: Setting = UNKNOWN) -> Trial:
    """With the figures of its sway and of its task, and its scores. For a thread: it computes."""
    trial = swayed(trial, samples, scoring, setting) if scoring.metrics else trial
    return with_scores(performed(trial, samples), samples, scoring, setting)


def swayed(trial: Trial, samples: Samples, scoring: Scoring, setting: Setting = UNKNOWN) -> Trial:
    """With the figures of its sway; where the record allows none, with the reason among its warnings."""
    try:
        found = figures(
            samples.recording(trial.plan.id),
            recipe_named(scoring.recipe),
            [METRICS[key] for key in scoring.metrics],
            "mm",
            Circumstances(stature=setting.stature_mm),
        )
    except ValueError as error:
        return replace(trial, warnings=(*trial.warnings, f"nothing could be measured: {error}"))
    return replace(trial, figures=found.metrics, refused=found.refused, warnings=(*trial.warnings, *found.warnings))
