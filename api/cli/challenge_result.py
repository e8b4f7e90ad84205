"""What a challenge gave, as JSON and as tables."""

from collections.abc import Mapping
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
    for trial in done.trials:
        if trial.reason:
            screen.print(f"{trial.plan.id}, attempt {trial.attempt}: {trial.verdict}: {trial.reason}")
    for condition, reason in left_out.items():
        screen.print(f"left out: {condition}: {reason}")


def _conditions(challenge: Challenge, done: Done, language: Language) -> Table:
    summaries = cast("dict[str, dict[str, dict[str, Any]]]", done.result.get("conditions", {}))
    table = Table("condition", *challenge.scoring.metrics)
    for condition in challenge.conditions:
        found = summaries.get(condition.id, {})
        table.add_row(
            spoken(condition.name, language), *(_summary(found.get(metric)) for metric in challenge.scoring.metrics)
        )
    return table


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
            one["id"], one["of"], value, one["definition"], "" if one["status"] == "verified" else "unverified"
        )
    return table
