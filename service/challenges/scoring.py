"""What a run says as a whole: each condition from its valid trials, and the scores that compare conditions."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from statistics import fmean, median, stdev
from typing import Any, Final

from otolith.dsp.metrics.metric import AS_GIVEN, Figure, MetricRefused, Score, measure
from otolith.dsp.metrics.registry import DEFINITIONS, SCORES
from otolith.service.challenges.beside import Baseline, Placement
from otolith.service.challenges.challenge import Challenge, ScoreRule, Scoring
from otolith.service.challenges.setting import UNKNOWN, Setting
from otolith.service.challenges.trial import Trial, Verdict

MORE_IS_BETTER: Final = frozenset(
    {
        "equilibrium_score",
        "time_held",
        "functional_reach",
        "los_endpoint_excursion",
        "los_maximum_excursion",
        "los_movement_velocity",
        "los_directional_control",
        "rws_directional_control",
        "cmj_height_impulse",
        "cmj_height_flight",
        "cmj_flight_time",
        "cmj_rsi_modified",
        "cmj_peak_power",
        "dj_height",
        "dj_rsi",
        "dj_rsi_ratio",
        "sts_rising_index",
    }
)
"""Figures of which the largest is the best; of the others, and of all sway, the least is."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure of one condition, over its valid trials."""

    values: tuple[float, ...]
    """In order; trials without this figure are not among them. NaN where its formula has no value."""
    mean: float
    """Of the numbers among them; NaN where there are none."""
    sd: float | None
    """ddof 1; None for one trial."""
    best: float
    unit: str
    definition: str
    baseline: Baseline | None = None
    """Against the person's own earlier visits."""
    norms: tuple[Placement, ...] = ()
    """Against other people, one for each norm that has this figure."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A score, and what it was made of."""

    id: str
    of: str
    value: float
    unit: str
    definition: str
    status: str
    """Of the definition: ``verified`` or ``unverified``."""
    inputs: Mapping[str, float]
    combine: str
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Name of an input to the condition that gave it."""
    name: str = ""
    """Of this score in this challenge, where its definition's own does not say enough; English."""
    baseline: Baseline | None = None
    norms: tuple[Placement, ...] = ()

    @property
    def label(self) -> str:
        """What tells it from the other scores of its challenge."""
        return label_of(self.id, self.of, self.name)


@dataclass(frozen=True, slots=True)
class Result:
    """A run, scored. NaN where a formula divides by zero."""

    challenge: str
    version: int
    recipe: str
    device: str
    """Class of the board."""
    rate_hz: float
    simulated: bool
    conditions: Mapping[str, Mapping[str, Summary]]
    """Condition id, metric id."""
    scores: tuple[Scored, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    """Score id to the reason why there is none."""
    trials: Mapping[str, int] = field(default_factory=dict)
    """Verdict to the number of trials."""


def score(challenge: Challenge, trials: Sequence[Trial], setting: Setting = UNKNOWN) -> Result:
    """Every summary and every score of the challenge's rules; what cannot be scored is refused with its reason."""
    conditions = {
        condition.id: _summaries(challenge.scoring, [one for one in trials if one.plan.condition.id == condition.id])
        for condition in challenge.conditions
    }
    scores: list[Scored] = []
    refused: dict[str, str] = {}
    for rule in challenge.scoring.scores:
        try:
            scores.append(_score(rule, conditions))
        except MetricRefused as reason:
            refused[label_of(rule.id, rule.of, rule.name.en if rule.name else "")] = str(reason)
    verdicts = [str(trial.verdict) for trial in trials]
    return Result(
        challenge=challenge.id,
        version=challenge.version,
        recipe=challenge.scoring.recipe,
        device=str(setting.device),
        rate_hz=setting.rate_hz,
        simulated=setting.simulated,
        conditions=conditions,
        scores=tuple(scores),
        refused=refused,
        trials={verdict: verdicts.count(verdict) for verdict in sorted(set(verdicts))},
    )


def label_of(score: str, of: str, name: str = "") -> str:
    """``romberg_quotient(mean_velocity)``, with a name where the challenge gives one."""
    label = f"{score}({of})" if of else score
    return f"{label}: {name}" if name else label


def _summaries(scoring: Scoring, trials: Sequence[Trial]) -> dict[str, Summary]:
    valid = [trial for trial in trials if trial.verdict is Verdict.VALID]
    keys = dict.fromkeys([*DEFINITIONS, *(key for trial in valid for key in trial.figures)])
    measured = {key: [found for trial in valid if (found := _figure(key, scoring, trial))] for key in keys}
    return {key: _summary(key, found) for key, found in measured.items() if found}


def _figure(key: str, scoring: Scoring, trial: Trial) -> Figure | None:
    """Of a trial; on a fall what the challenge says, whether or not enough of it was recorded to measure it."""
    fallen = scoring.fall_value.get(key)
    if not trial.fell or fallen is None:
        return trial.figures.get(key)
    definition = DEFINITIONS[key]
    return Figure(fallen, definition.dimension.name("mm"), definition.definition)


def _summary(key: str, figures: Sequence[Figure]) -> Summary:
    values = tuple(figure.value for figure in figures)
    known = [value for value in values if math.isfinite(value)]
    return Summary(
        values=values,
        mean=fmean(known) if known else math.nan,
        sd=stdev(known) if len(known) > 1 else None,
        best=_best(known, key in MORE_IS_BETTER) if known else math.nan,
        unit=figures[0].unit,
        definition=figures[0].definition,
    )


def _score(rule: ScoreRule, conditions: Mapping[str, Mapping[str, Summary]]) -> Scored:
    """One rule. Raises MetricRefused where an input is missing."""
    definition: Score[Any] = SCORES[rule.id]
    inputs = {name: _input(rule, name, conditions.get(where, {})) for name, where in rule.inputs.items()}
    figure = measure(definition, _made(definition, inputs))
    given = next((conditions[where][rule.of].unit for where in rule.inputs.values()), figure.unit)
    return Scored(
        id=rule.id,
        of=rule.of,
        value=figure.value,
        unit=given if definition.dimension is AS_GIVEN else figure.unit,
        definition=figure.definition,
        status=definition.status,
        inputs=inputs,
        combine=rule.combine,
        conditions=dict(rule.inputs),
        name=rule.name.en if rule.name else "",
    )


def _input(rule: ScoreRule, name: str, summaries: Mapping[str, Summary]) -> float:
    if rule.of not in summaries:
        raise MetricRefused(f"{rule.id} needs {rule.of} of the condition {rule.inputs[name]!r}: no valid trial has it")
    known = [value for value in summaries[rule.of].values if math.isfinite(value)]
    return COMBINE[rule.combine](known, rule.of in MORE_IS_BETTER) if known else math.nan


def _made(definition: Score[Any], inputs: Mapping[str, float]) -> Any:  # noqa: ANN401 - of the score's own kind
    """The score's inputs by name; six equilibrium scores are c1 to c6."""
    names = {one.name for one in fields(definition.inputs)}
    if names == {"scores"}:
        needed = [f"c{n}" for n in range(1, 7)]
        if missing := [name for name in needed if name not in inputs]:
            raise MetricRefused(f"{definition.id} needs all six conditions; missing: {', '.join(missing)}")
        return definition.inputs(tuple(inputs[name] for name in needed))
    if missing := sorted(names - set(inputs)):
        raise MetricRefused(f"{definition.id} needs {', '.join(missing)}")
    return definition.inputs(**inputs)


def _best(values: Sequence[float], more: bool) -> float:  # noqa: FBT001 - one signature for all
    return max(values) if more else min(values)


COMBINE: Final[Mapping[str, Callable[[Sequence[float], bool], float]]] = {
    "mean": lambda values, _: fmean(values),
    "median": lambda values, _: median(values),
    "best": _best,
    "worst": lambda values, more: _best(values, not more),
    "last": lambda values, _: values[-1] if values else math.nan,
}
