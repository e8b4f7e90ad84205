"""Challenge files: TOML in, a challenge out, or one sentence per mistake with file and line."""

from collections.abc import Iterator
from pathlib import Path

from otolith.drivers.toml_lines import Key
from otolith.dsp.metrics.registry import METRICS, SCORES
from otolith.dsp.recipes import recipe_named
from otolith.service.challenges.challenge import Challenge, Scoring
from otolith.service.challenges.per_trial import MAKERS
from otolith.service.definitions import load_definition
from otolith.service.errors import ChallengeError


def load_challenge(path: Path) -> Challenge:
    """The challenge in a file. Raises ChallengeError with every mistake: file, line, name and reason."""
    return load_definition(path, Challenge, ChallengeError, _unknown)


def _unknown(challenge: Challenge) -> Iterator[tuple[Key, str]]:
    """Names that nothing in this program answers to."""
    scoring = challenge.scoring
    for metric in scoring.metrics:
        if metric not in METRICS:
            yield ("scoring", "metrics"), f"there is no metric {metric!r}; docs/reference/metrics.md lists them"
    for name in scoring.per_trial:
        if name not in SCORES:
            yield ("scoring", "per_trial"), f"there is no score {name!r}; docs/reference/metrics.md lists them"
        elif SCORES[name].inputs not in MAKERS:
            yield ("scoring", "per_trial"), f"the score {name!r} is made of several trials: list it under scores"
    if scoring.primary not in (*scoring.metrics, *scoring.per_trial):
        yield ("scoring", "primary"), f"the primary figure {scoring.primary!r} is not among those that are measured"
    try:
        recipe_named(scoring.recipe)
    except ValueError as error:
        yield ("scoring", "recipe"), str(error)
    yield from _unknown_rules(scoring)


def _unknown_rules(scoring: Scoring) -> Iterator[tuple[Key, str]]:
    for number, rule in enumerate(scoring.scores):
        if rule.id not in SCORES:
            yield ("scoring", "scores", number), f"there is no score {rule.id!r}; docs/reference/metrics.md lists them"
        if rule.of not in (*scoring.metrics, *scoring.per_trial):
            yield (
                ("scoring", "scores", number),
                f"the score {rule.id!r} is of {rule.of!r}, which is not among those that are measured",
            )
