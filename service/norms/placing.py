"""Where a figure lies among other people's, if it may be compared with them at all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from otolith.service.challenges.beside import Placement
from otolith.service.challenges.challenge import Challenge, Condition
from otolith.service.challenges.scoring import Result, Scored, Summary
from otolith.service.challenges.setting import Setting
from otolith.service.norms.norm import LEVELS, Band, Entry, Norm

RATE_TOLERANCE: Final = 0.02
"""Of the norm's rate: clocks differ by less, boards by more."""
SKEWED: Final = 0.2
"""Mean less median, in SD, from which z says little."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure, and how it came about."""

    figure: str
    of: str
    definition: str
    unit: str
    value: float
    trials: int
    conditions: Sequence[Condition]


def placed(result: Result, challenge: Challenge, norms: Mapping[str, Norm], setting: Setting) -> Result:
    """The result with every figure's place among every norm that has this figure."""
    conditions = {one.id: one for one in challenge.conditions}

    def of_summary(where: str, figure: str, found: Summary) -> Summary:
        if where not in conditions:
            return found
        given = Measured(figure, "", found.definition, found.unit, found.mean, len(found.values), [conditions[where]])
        return replace(found, norms=tuple(places(given, result.recipe, setting, norms)))

    def of_score(found: Scored) -> Scored:
        if not set(found.conditions.values()) <= set(conditions):
            return found
        stood = [conditions[where] for where in found.conditions.values()]
        trials = min((len(result.conditions[one.id][found.of].values) for one in stood), default=0)
        given = Measured(found.id, found.of, found.definition, found.unit, found.value, trials, stood)
        return replace(found, norms=tuple(places(given, result.recipe, setting, norms)))

    summaries = {
        where: {figure: of_summary(where, figure, found) for figure, found in figures.items()}
        for where, figures in result.conditions.items()
    }
    return replace(result, conditions=summaries, scores=tuple(map(of_score, result.scores)))


def places(given: Measured, recipe: str, setting: Setting, norms: Mapping[str, Norm]) -> Iterator[Placement]:
    """One for each norm that has this figure in any condition."""
    for norm in norms.values():
        entries = [entry for entry in norm.entries if (entry.figure, entry.of) == (given.figure, given.of)]
        if entries:
            yield _place(given, recipe, setting, norm, entries)


def _place(given: Measured, recipe: str, setting: Setting, norm: Norm, entries: Sequence[Entry]) -> Placement:
    unplaced = Placement(norm.id, norm.name, norm.source)
    entry = next((one for one in entries if _stood_so(one, given.conditions)), None)
    reasons = [*_differences(given, recipe, setting, norm), *_not_so(entry, entries, given), *_age(setting, entry)]
    if reasons or entry is None:
        return replace(unplaced, refused="; ".join(reasons))
    return _in_band(unplaced, given, norm, entry, next(one for one in entry.bands if _within(one, setting)))


def _in_band(unplaced: Placement, given: Measured, norm: Norm, entry: Entry, band: Band) -> Placement:
    percentile = _percentile(given.value, band)
    rank = f"{percentile:.0f}" if percentile is not None else _beyond(given.value, band)
    return replace(
        unplaced,
        band=band.label,
        n=band.n,
        percentile=percentile,
        rank=rank,
        z=(given.value - band.mean) / band.sd if band.sd else None,
        mean=band.mean,
        sd=band.sd,
        low=band.percentiles[0],
        high=band.percentiles[-1],
        cautions=(*norm.cautions, *entry.cautions, *_cautions(given, norm, band)),
    )


def _percentile(value: float, band: Band) -> float | None:
    levels = band.percentiles
    if not levels[0] <= value <= levels[-1]:
        return None
    below = np.interp(value, levels, LEVELS)
    return float(below)


def _beyond(value: float, band: Band) -> str:
    return f"under {LEVELS[0]}" if value < band.percentiles[0] else f"over {LEVELS[-1]}"


def _cautions(given: Measured, norm: Norm, band: Band) -> Iterator[str]:
    if given.trials != norm.trials:
        yield f"the mean of {given.trials} trials, and the norm's of {norm.trials}: fewer vary more"
    median = band.percentiles[LEVELS.index(50)]
    if abs(band.mean - median) > SKEWED * band.sd:
        yield "these figures are not spread evenly about their mean: trust the percentile rather than z"


def _differences(given: Measured, recipe: str, setting: Setting, norm: Norm) -> Iterator[str]:
    """Whatever is not as it was there, but for eyes, surface and age."""
    if not np.isfinite(given.value):
        yield "the figure is no number"
    if abs(setting.rate_hz - norm.rate_hz) > RATE_TOLERANCE * norm.rate_hz:
        yield f"recorded at {setting.rate_hz:g} Hz, the norm at {norm.rate_hz:g} Hz"
    if recipe not in norm.recipes:
        yield f"filtered by the recipe {recipe}, the norm by {norm.filter} ({', '.join(norm.recipes)})"
    for seconds in sorted({one.duration_s for one in given.conditions if one.duration_s != norm.duration_s}):
        yield f"trials of {seconds:g} s, the norm of {norm.duration_s:g} s"
    for stance in sorted({one.stance for one in given.conditions if one.stance is not norm.stance}):
        yield f"the stance {stance}, the norm {norm.stance} ({norm.stance_text})"
    if setting.device is not norm.device:
        yield f"a board of the class {setting.device}, the norm of {norm.device} ({norm.device_name})"
    if setting.simulated and not norm.simulated:
        yield "a simulated person, the norm of real ones"
    if any(one.task.kind != "stand" or _occupied(one) for one in given.conditions):
        yield "more was asked for than to stand still, and of the norm's people it was not"


def _occupied(condition: Condition) -> bool:
    task = condition.task
    return task.kind == "stand" and (task.second_task is not None or task.head != "still")


def _not_so(entry: Entry | None, entries: Sequence[Entry], given: Measured) -> Iterator[str]:
    if entry is None:
        stood = ", ".join(f"eyes {one.eyes} on {one.surface.kind}" for one in given.conditions)
        known = "; ".join(f"eyes {', '.join(one.eyes)} on {one.surface}" for one in entries)
        yield f"{stood}, which the norm has not (it has {known})"
    elif (entry.definition, entry.unit) != (given.definition, given.unit):
        yield f"the figure is {given.definition} in {given.unit}, the norm's {entry.definition} in {entry.unit}"


def _age(setting: Setting, entry: Entry | None) -> Iterator[str]:
    if setting.age is None:
        yield "the person's year of birth is not known"
    elif entry is not None and not any(_within(band, setting) for band in entry.bands):
        spans = ", ".join(f"{band.from_years:g} to {band.to_years:g}" for band in entry.bands)
        yield f"the norm has nobody of {setting.age:.0f} years (it has {spans})"


def _stood_so(entry: Entry, conditions: Sequence[Condition]) -> bool:
    same = all(one.surface.kind is entry.surface for one in conditions)
    return same and tuple(one.eyes for one in conditions) == entry.eyes


def _within(band: Band, setting: Setting) -> bool:
    return setting.age is not None and band.from_years <= setting.age < band.to_years
