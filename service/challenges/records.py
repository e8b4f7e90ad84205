"""Trials as the records keep them, and back."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from otolith.dsp.metrics.metric import Figure
from otolith.service.challenges.agenda import TrialPlan, agenda
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.scoring import Result
from otolith.service.challenges.stage import ZeroReading
from otolith.service.challenges.trial import Trial, Verdict
from otolith.service.guidance.aim import Aim
from otolith.service.store import TrialRow


def trial_row(trial: Trial, run: str) -> TrialRow:
    """As it is kept."""
    content = {
        **{name: getattr(trial, name) for name in _CONTENT},
        "notes": list(trial.notes),
        "warnings": list(trial.warnings),
        "figures": {key: asdict(figure) for key, figure in trial.figures.items()},
        "refused": dict(trial.refused),
        "keyed": dict(trial.keyed),
        "aim": asdict(trial.aim),
        "latency_ms": dict(trial.latency_ms),
        "condition": trial.plan.condition.id,
        "number": trial.plan.number,
        "practice": trial.plan.practice,
    }
    return TrialRow(
        trial.id, run, trial.plan.id, trial.attempt, str(trial.verdict), trial.reason, trial.started, plain(content)
    )


_CONTENT = ("seconds", "weight_n", "held_s", "fell", "errors", "recording", "first_seq", "samples", "missed")


def result_content(result: Result) -> dict[str, Any]:
    """A result as it is kept and published."""
    content: dict[str, Any] = plain(asdict(result))
    return content


def zeros_content(zeros: Sequence[ZeroReading]) -> dict[str, Any]:
    """The zeros of a run, beside its result: when, how noisy, and whether the board drifted."""
    rows = [{**asdict(one), "drifted": one.drifted} for one in zeros]
    content: dict[str, Any] = plain({"zeros": rows, "drifted": any(one.drifted for one in zeros)})
    return content


def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a record holds
    """As JSON has it: a number that is none is null, and no tuples."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def trial_of(row: TrialRow, challenge: Challenge) -> Trial:
    """As it was. Raises KeyError where the challenge has no such trial."""
    plans = {plan.id: plan for plan in agenda(challenge)}
    return _trial(row, plans[row.plan], row.content)


def _trial(row: TrialRow, plan: TrialPlan, content: Mapping[str, Any]) -> Trial:
    return Trial(
        id=row.id,
        plan=plan,
        attempt=row.attempt,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        started=row.started,
        notes=tuple(content["notes"]),
        warnings=tuple(content["warnings"]),
        figures={key: _figure(figure) for key, figure in content["figures"].items()},
        refused=content["refused"],
        keyed=content["keyed"],
        aim=_aim(content.get("aim", {})),
        latency_ms=content.get("latency_ms", {}),
        **{name: content[name] for name in _CONTENT},
    )


def _aim(content: Mapping[str, Any]) -> Aim:
    middle = content.get("middle")
    return Aim(**{**content, "middle": None if middle is None else (middle[0], middle[1])})


def _figure(content: Mapping[str, Any]) -> Figure:
    value = content["value"]
    return Figure(**{**content, "value": math.nan if value is None else value})
