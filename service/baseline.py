"""A person's figures now against their own before: what changed, and whether that is more than chance."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any, Final

from otolith.dsp.retest import Change, change
from otolith.service.challenges.beside import Baseline
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.scoring import Result, Scored, Summary, label_of
from otolith.service.store import RunRow, Store

RATE_TOLERANCE: Final = 0.02
"""Of the rate: two boards of one kind differ by less."""
ASKED: Final = ("stance", "eyes", "surface", "task", "duration_s", "feedback")
"""What makes a condition another one when it differs."""
SOURCE: Final = "Weir 2005 (MDC = 1.96 √2 SEM), with Student's t in place of 1.96 (Bland, Altman 1996)"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run that was finished."""

    id: str
    definition: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def conditions(self) -> dict[str, Mapping[str, Any]]:
        """Of its challenge, by id."""
        return {one["id"]: one for one in self.definition.get("conditions", ())}


async def earlier_runs(store: Store, person: str | None, run: RunRow) -> list[Earlier]:
    """The person's finished runs of the same challenge before this one, oldest first. Raises StoreError."""
    if person is None:
        return []
    rows = await store.sessions.of_person(person, run.challenge)
    return [Earlier(row.id, row.definition, row.result) for row in rows if row.id < run.id]


def compared(result: Result, challenge: Challenge, earlier: Sequence[Earlier]) -> Result:
    """The result with every figure against the baseline that ``earlier`` runs make."""
    alike, other = _alike(result, earlier)
    conditions = {one.id: one.model_dump(mode="json") for one in challenge.conditions}

    def of_summary(where: str, figure: str, found: Summary) -> Summary:
        same = [one for one in alike if _same(conditions[where], one.conditions.get(where))]
        runs = [(one.id, values) for one in same if (values := _values(one, where, figure, found.definition))]
        missing = [*other, *["asked for in another way"] * (len(alike) - len(same))]
        return replace(found, baseline=_baseline(found.values, runs, found.unit, missing))

    def of_score(found: Scored) -> Scored:
        where = set(found.conditions.values())
        same = [one for one in alike if all(_same(conditions.get(c), one.conditions.get(c)) for c in where)]
        runs = [(one.id, (value,)) for one in same if (value := _score(one, found)) is not None]
        return replace(found, baseline=_baseline((found.value,), runs, found.unit, other))

    summaries = {
        where: {figure: of_summary(where, figure, found) for figure, found in figures.items()}
        for where, figures in result.conditions.items()
    }
    return replace(result, conditions=summaries, scores=tuple(map(of_score, result.scores)))


def _alike(result: Result, earlier: Sequence[Earlier]) -> tuple[list[Earlier], list[str]]:
    """Those that were measured as this one was, and why each of the others was not."""
    reasons = {one.id: next(_differences(result, one.result), "") for one in earlier}
    return [one for one in earlier if not reasons[one.id]], [reason for reason in reasons.values() if reason]


def _differences(result: Result, before: Mapping[str, Any]) -> Iterator[str]:
    if before.get("recipe") != result.recipe:
        yield f"measured by the recipe {before.get('recipe')}"
    if before.get("device") != result.device:
        yield f"on another kind of board ({before.get('device')})"
    if abs(before.get("rate_hz", 0.0) - result.rate_hz) > RATE_TOLERANCE * result.rate_hz:
        yield f"recorded at {before.get('rate_hz', 0.0):g} Hz"
    if before.get("simulated") != result.simulated:
        yield "of a simulated person" if before.get("simulated") else "of a real person"


def _same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    return one is not None and other is not None and all(one.get(key) == other.get(key) for key in ASKED)


def _values(run: Earlier, where: str, figure: str, definition: str) -> tuple[float, ...]:
    found = run.result.get("conditions", {}).get(where, {}).get(figure, {})
    if found.get("definition") != definition:
        return ()
    return tuple(value for value in found.get("values", ()) if value is not None)


def _score(run: Earlier, now: Scored) -> float | None:
    for one in run.result.get("scores", ()):
        if label_of(one["id"], one["of"], one.get("name", "")) == now.label and one["definition"] == now.definition:
            value: float | None = one["value"]
            return value
    return None


def _baseline(
    now: Sequence[float], runs: Sequence[tuple[str, Sequence[float]]], unit: str, missing: Sequence[str]
) -> Baseline:
    if not runs:
        return Baseline("refused", _nothing(missing))
    ids = tuple(run for run, _ in runs)
    try:
        found = change([value for value in now if isfinite(value)], [values for _, values in runs])
    except ValueError as reason:
        return Baseline("refused", f"no statement: {reason}", runs=ids)
    return Baseline(
        verdict="changed" if found.beyond_chance else "within-variation",
        statement=_statement(found, "" if unit == "1" else f" {unit}"),
        now=found.now,
        before=found.before,
        change=found.difference,
        percent=100.0 * found.difference / found.before if found.before else None,
        mdc=found.mdc,
        sem=found.sem,
        degrees=found.degrees,
        across=found.across,
        runs=ids,
        source=SOURCE,
    )


def _nothing(missing: Sequence[str]) -> str:
    if not missing:
        return "no earlier visit to compare with: this one is the beginning of the baseline"
    counted = ", ".join(f"{n} {reason}" for reason, n in Counter(missing).items())
    return f"no earlier visit can be compared: {counted}"


def _statement(found: Change, unit: str) -> str:
    judged = "more than chance would make of it" if found.beyond_chance else "within this person's own variation"
    learnt = "" if found.across == "visits" else "; from trials of the same visits, which vary less than visits do"
    return f"changed by {found.difference:+.3g}{unit}, {judged} (MDC {found.mdc:.3g}{unit}{learnt})"
