"""What a challenge gave, as JSON and as tables."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from rich.table import Table

from otolith.api.cli.output import console
from otolith.api.cli.rehearsing import Done
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import Language, spoken
from otolith.service.challenges.records import plain, trial_row


def result_record(
    challenge: Challenge, done: Done, left_out: Mapping[str, str], *, simulated: bool
) -> dict[str, object]:
    """One document: how it ended, every trial, every figure with its definition, every score."""
    trials = [trial_row(trial, "") for trial in done.trials]
    return {
        "challenge": challenge.id,
        "ended": done.ended,
        "reason": done.reason,
        "seconds": done.seconds,
        "simulated": simulated,
        "left_out": dict(left_out),
        "trials": [
            {"trial": row.plan, "attempt": row.attempt, "verdict": row.verdict, "reason": row.reason, **row.content}
            for row in trials
        ],
        "result": plain(done.result),
    }


def show_result(
    challenge: Challenge, done: Done, left_out: Mapping[str, str], *, language: Language, simulated: bool
) -> None:
    """Tables for people: conditions, then scores, then what went wrong."""
    screen = console()
    mark = " [yellow]SIMULATED[/]" if simulated else ""
    name = spoken(challenge.name, language)
    screen.print(f"[bold]{name}[/]: {done.ended} after {done.seconds / 60:.1f} min{mark}")
    screen.print(_conditions(challenge, done, language))
    if scores := cast("list[dict[str, Any]]", done.result.get("scores", [])):
        screen.print(_scores(scores))
    if beside := list(_beside(done)):
        screen.print(_placed(beside))
    for score, reason in cast("dict[str, str]", done.result.get("refused", {})).items():
        screen.print(f"no {score}: {reason}")
    for text in _unscored(challenge, done):
        screen.print(text)
    for trial in done.trials:
        if trial.reason:
            screen.print(f"{trial.plan.id}, attempt {trial.attempt}: {trial.verdict}: {trial.reason}")
    for condition, reason in left_out.items():
        screen.print(f"left out: {condition}: {reason}")


def _conditions(challenge: Challenge, done: Done, language: Language) -> Table:
    summaries = cast("dict[str, dict[str, dict[str, Any]]]", done.result.get("conditions", {}))
    keys = [*challenge.scoring.metrics, *challenge.scoring.per_trial]
    keys = [key for key in keys if any(key in found for found in summaries.values())]
    table = Table("condition", *keys)
    for condition in challenge.conditions:
        found = summaries.get(condition.id, {})
        table.add_row(spoken(condition.name, language), *(_summary(found.get(key)) for key in keys))
    return table


def _beside(done: Done) -> Iterator[tuple[str, str, str, str]]:
    """Where, figure, what it is against, and what that says; a saying that every figure shares comes once."""
    said: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for where, figure, found in _figures(done):
        texts = [("own baseline", found["baseline"]["statement"])] if found.get("baseline") else []
        texts += [(one["name"], _place(one)) for one in found.get("norms", ())]
        for one in texts:
            said.setdefault(one, []).append((where, figure))
    everything = sum(1 for _ in _figures(done))
    for (against, text), places in said.items():
        if len(places) == everything:
            yield "all", "all", against, text
            continue
        conditions = ", ".join(dict.fromkeys(where for where, _ in places))
        yield conditions, ", ".join(dict.fromkeys(figure for _, figure in places)), against, text


def _figures(done: Done) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for where, figures in cast("dict[str, dict[str, dict[str, Any]]]", done.result.get("conditions", {})).items():
        yield from ((where, figure, found) for figure, found in figures.items())
    for found in cast("list[dict[str, Any]]", done.result.get("scores", [])):
        yield "scores", found["id"], found


def _place(one: dict[str, Any]) -> str:
    if one["refused"]:
        return f"no percentile: {one['refused']}"
    cautions = "".join(f"; {caution}" for caution in one["cautions"])
    return f"percentile {one['rank']} of {one['n']} ({one['band']}), z {one['z']:+.1f}{cautions}"


def _placed(rows: Iterable[tuple[str, str, str, str]]) -> Table:
    table = Table("condition", "figure", "against", "")
    for row in rows:
        table.add_row(*row)
    return table


def _unscored(challenge: Challenge, done: Done) -> Iterator[str]:
    """Why single trials lack a figure that was asked for, once for all that have the same reason."""
    asked = {*challenge.scoring.metrics, *challenge.scoring.per_trial}
    reasons: dict[str, list[str]] = {}
    for trial in done.trials:
        for figure in asked & set(trial.refused):
            reason = trial.refused[figure]
            reasons.setdefault(reason.removeprefix(f"{figure} "), []).append(figure)
    for reason, figures in reasons.items():
        yield f"no {', '.join(sorted(set(figures)))}: {reason}"


def _summary(summary: dict[str, Any] | None) -> str:
    if summary is None or summary["mean"] is None:
        return "-"
    spread = f" ± {summary['sd']:.2f}" if summary["sd"] is not None else ""
    return f"{summary['mean']:.2f}{spread} {summary['unit']}"


def _scores(scores: list[dict[str, Any]]) -> Table:
    table = Table("score", "of", "value", "definition", "")
    for one in scores:
        value = "-" if one["value"] is None else f"{one['value']:.3g} {one['unit']}"
        table.add_row(
            one["name"] or one["id"],
            one["of"],
            value,
            one["definition"],
            "" if one["status"] == "verified" else "unverified",
        )
    return table
