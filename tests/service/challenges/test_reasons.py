"""Every reason that a run can give of itself: made to happen, said in the words of each language, and done again."""

import asyncio
import re
import string
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import cycle
from typing import Any, Final

import numpy as np
import pytest

from otolith.drivers.batch import Flag
from otolith.drivers.patient.person import Mishap
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import LANGUAGES, Language, words
from otolith.service.challenges.phases import Phase, Trigger
from otolith.service.challenges.reasons import Reason, Why
from otolith.service.challenges.run import Run
from otolith.service.challenges.trial import Verdict
from otolith.service.errors import TareRefused
from otolith.service.frame import Frame

Make = Callable[..., Challenge]
Rehearse = Callable[..., Any]
Spoil = Callable[[Frame, int], Frame | None]
"""A frame of the first record and its number, to what the run gets instead; None loses it without a trace."""
SHORT: Final = {"duration_s": 5.0, "settle_s": 1.0, "lead_s": 0.2, "rest_s": 0.0}
DRIFT_N: Final = 9.25


def flagged(flag: Flag) -> Spoil:
    return lambda frame, n: replace(frame, flags=np.full(len(frame), flag, np.uint32)) if n == 50 else frame


@dataclass(frozen=True)
class Case:
    """How to make it happen in the first attempt at the first trial."""

    says: Mapping[str, str] = field(default_factory=dict)
    """What the places hold, as a pattern."""
    rules: Mapping[str, Any] = field(default_factory=dict)
    mishap: Mishap | None = None
    spoil: Spoil | None = None
    press: Trigger | None = None
    drifts: bool = False
    refuses: bool = False
    ends: tuple[Verdict, ...] = (Verdict.INVALID, Verdict.VALID)
    """What becomes of the attempts."""
    over: Phase = Phase.FINISHED


CASES: Final[dict[Why, Case]] = {
    Why.STEPPED_OFF: Case(mishap=Mishap("step-off", 1, 2.0)),
    Why.LEFT_AT_THE_END: Case(mishap=Mishap("step-off", 1, 4.35)),
    Why.STEP: Case({"mm": r"\d{2,3}", "seconds": r"0\.3"}, {"leave_mm": 60}, Mishap("fall", 1, 2.0)),
    Why.WEIGHT: Case({"percent": "1[0-7]", "before": "(699|700|701)", "now": "5..|6.."}, {}, Mishap("rail", 1, 1.0)),
    Why.SATURATED: Case(spoil=flagged(Flag.SATURATED)),
    Why.CHANNEL_FAULT: Case(spoil=flagged(Flag.CHANNEL_ERROR)),
    Why.MARKED_INVALID: Case(spoil=flagged(Flag.INVALID)),
    Why.GAP: Case(
        {"samples": "20", "ms": "160", "allowed": "100"},
        spoil=lambda frame, n: replace(frame, missed=20) if n == 50 else frame,
    ),
    Why.SILENCE: Case({"ms": "400"}, spoil=lambda frame, n: None if 50 <= n < 60 else frame),
    Why.SLOW: Case(
        {"achieved": "8[0-9]", "needed": "100"},
        {"rate_hz": 100, "gap_ms": 0},
        spoil=lambda frame, n: None if n % 3 == 1 else frame,
    ),
    Why.DRIFT: Case({"newtons": r"\+9\.[23]", "worst": r"[+-]0\.\d", "allowed": "5"}, drifts=True),
    Why.NO_ZERO: Case({"reason": "somebody left a bag on it"}, refuses=True, ends=(), over=Phase.STOPPED),
    Why.TOUCH: Case(press=Trigger.TOUCH),
    Why.FELL: Case(press=Trigger.FELL),
    Why.STOPPED: Case(press=Trigger.STOP, ends=(Verdict.INVALID,), over=Phase.STOPPED),
    Why.SKIPPED: Case(press=Trigger.SKIP, ends=(Verdict.SKIPPED,)),
    Why.AGAIN: Case(press=Trigger.REDO),
}
IN_EVERY_LANGUAGE: Final = (Why.STEP, Why.SILENCE, Why.DRIFT, Why.WEIGHT)
RUNS: Final = [
    *((why, language) for why in IN_EVERY_LANGUAGE for language in LANGUAGES),
    *zip((why for why in Why if why not in IN_EVERY_LANGUAGE), cycle(LANGUAGES), strict=False),
]


def pattern(why: Why, language: Language, says: Mapping[str, str]) -> str:
    """The sentence with its numbers, as a regular expression."""
    parts = string.Formatter().parse(words(language)[f"why-{why}"])
    comma = {name: text if language == "en" else text.replace(r"\.", ",") for name, text in says.items()}
    return "".join(re.escape(text) + (f"({comma[name]})" if name else "") for text, name, _, _ in parts)


def spoilt(run: Run, case: Case) -> Callable[[Frame], Awaitable[None]]:
    """What stands between the board and the run."""
    feed, seen = run.feed, 0

    async def between(frame: Frame) -> None:
        nonlocal seen
        first = run.standing.phase is Phase.RECORD and run.standing.attempt == 1
        seen += first
        given = case.spoil(frame, seen) if first and case.spoil else frame
        if given is not None:
            await feed(given)
        if first and case.press and seen == 50:
            await run.press(case.press, "anna")

    return between


def zeroes(stage: Any, case: Case) -> Callable[[float], Awaitable[Any]]:
    """A board that drifts once, or that can never be zeroed."""
    take, taken = stage.take_zero, 0

    async def instead(seconds: float) -> Any:
        nonlocal taken
        taken += 1
        if case.refuses:
            raise TareRefused("somebody left a bag on it")
        reading = await take(seconds)
        return replace(reading, drift_n=DRIFT_N) if case.drifts and taken == 2 else reading

    return instead


async def played(case: Case, challenge: Make, rehearse: Rehearse, language: Language = "en") -> tuple[Run, Any]:
    zero = {"before": "run", "after": "trial" if case.drifts else "never", "seconds": 1.0}
    made = challenge({**SHORT, "validity": case.rules}, zero=zero)
    run, stage = rehearse(made, language=language, mishaps=(case.mishap,) if case.mishap else ())
    run.feed = spoilt(run, case)
    stage.take_zero = zeroes(stage, case)
    await asyncio.wait_for(stage.play(run), 110)
    return run, stage


def test_every_reason_has_a_way_to_happen_and_words_in_every_language() -> None:
    assert CASES.keys() == set(Why)
    for language in LANGUAGES:
        assert {f"why-{why}" for why in Why} == {key for key in words(language) if key.startswith("why-")}
        for why, case in CASES.items():
            said = Reason(why, dict.fromkeys(case.says, "1.5")).said(language)
            assert ("1.5" if language == "en" else "1,5") in said or not case.says


@pytest.mark.parametrize(("why", "language"), RUNS)
async def test_it_happens_is_said_and_is_done_again(
    challenge: Make, rehearse: Rehearse, why: Why, language: Language
) -> None:
    case = CASES[why]
    run, stage = await played(case, challenge, rehearse, language)
    assert tuple(trial.verdict for trial in run.trials) == case.ends
    assert [trial.attempt for trial in run.trials] == list(range(1, len(case.ends) + 1))
    assert run.standing.phase is case.over
    reason = run.trials[0].reason if run.trials else run.standing.reason
    assert re.fullmatch(pattern(why, language, case.says), reason), reason
    assert reason in {event.reason for event in stage.events if event.kind == "phase"}
    if case.ends == (Verdict.INVALID, Verdict.VALID) and case.press is not Trigger.REDO:
        (told,) = (event for event in stage.events if event.phase is Phase.INVALID and event.kind == "phase")
        assert (told.reason, told.cues[0].text) == (reason, words(language)["once-more"])
        assert run.trials[1].reason == ""


@pytest.mark.parametrize("why", [Why.STEP, Why.STEPPED_OFF])
async def test_where_a_fall_is_a_result_it_is_kept_as_one(challenge: Make, rehearse: Rehearse, why: Why) -> None:
    case = replace(CASES[why], rules={**CASES[why].rules, "fall": "result"})
    run, _ = await played(case, challenge, rehearse)
    (trial,) = run.trials
    assert (trial.verdict, trial.fell) == (Verdict.VALID, True)
    assert re.fullmatch(pattern(why, "en", case.says), trial.reason)
    assert 2.0 < trial.seconds < 4.0


@pytest.mark.parametrize("why", [Why.STEP, Why.WEIGHT, Why.SATURATED, Why.GAP, Why.SILENCE, Why.SLOW])
async def test_a_rule_that_is_switched_off_says_nothing(challenge: Make, rehearse: Rehearse, why: Why) -> None:
    off = {"leave_mm": 0, "weight_change": 0, "saturation": False, "gap_ms": 0, "rate_hz": 0, "step_off": False}
    run, _ = await played(replace(CASES[why], rules=off), challenge, rehearse)
    assert [(trial.verdict, trial.reason) for trial in run.trials] == [(Verdict.VALID, "")]


async def test_a_drift_within_what_is_allowed_spoils_nothing_and_one_of_a_run_is_a_warning(
    challenge: Make, rehearse: Rehearse
) -> None:
    wide, _ = await played(replace(CASES[Why.DRIFT], rules={"drift_n": 10}), challenge, rehearse)
    assert [trial.verdict for trial in wide.trials] == [Verdict.VALID]
    assert not [said for said in wide.trials[0].warnings if "drifted" in said]
    run, stage = rehearse(challenge({**SHORT, "trials": 2}, zero={"after": "run", "seconds": 1.0}), language="de")
    stage.take_zero = zeroes(stage, CASES[Why.DRIFT])
    await asyncio.wait_for(stage.play(run), 110)
    for trial in run.trials:
        (said,) = (one for one in trial.warnings if one.startswith("der Nullpunkt wanderte um +9,2 N"))
        assert re.fullmatch(pattern(Why.DRIFT, "de", CASES[Why.DRIFT].says), said)
    assert all(trial.verdict is Verdict.VALID for trial in run.trials)
