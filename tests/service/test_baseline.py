"""A person against their own earlier visits: what counts as one, what is said, and when nothing can be."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from otolith.dsp.metrics.metric import Figure
from otolith.service.baseline import Earlier, compared
from otolith.service.challenges.agenda import agenda
from otolith.service.challenges.beside import Baseline
from otolith.service.challenges.catalogue import catalogue
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.records import result_content
from otolith.service.challenges.scoring import Result, score
from otolith.service.challenges.setting import DeviceClass, Setting
from otolith.service.challenges.trial import Trial, Verdict

BOARD = Setting(device=DeviceClass.BTRACKS, rate_hz=25.0)
Run = Callable[..., Result]


@pytest.fixture
def romberg() -> Challenge:
    return catalogue().challenge("romberg")


@pytest.fixture
def run(romberg: Challenge) -> Run:
    """A run in which the velocities of the first condition are these, and twice that in the second."""

    def make(*velocities: float, setting: Setting = BOARD) -> Result:
        plans = agenda(romberg)
        values = [*velocities, *(2.0 * one for one in velocities)]
        trials = [
            Trial(f"t{n}", plan, 1, Verdict.VALID, "", "", 30.0, 700.0, figures={"mean_velocity": velocity(value)})
            for n, (plan, value) in enumerate(zip(plans, values, strict=True))
        ]
        return score(romberg, trials, setting)

    return make


def velocity(value: float) -> Figure:
    return Figure(value, "mm/s", "mean_velocity/1")


def earlier(challenge: Challenge, *results: Result) -> list[Earlier]:
    definition = challenge.model_dump(mode="json")
    return [Earlier(f"r{n}", definition, result_content(one)) for n, one in enumerate(results, 1)]


def said(result: Result, condition: str = "eo") -> Baseline:
    found = result.conditions[condition]["mean_velocity"].baseline
    assert found is not None
    return found


def test_a_change_beyond_chance_is_said_with_its_mdc(romberg: Challenge, run: Run) -> None:
    result = compared(run(7.0, 8.0, 9.0), romberg, earlier(romberg, run(17.0, 18.0, 19.0)))
    found = said(result)
    assert (found.verdict, found.change, found.before, found.degrees) == ("changed", -10.0, 18.0, 4)
    assert found.mdc == pytest.approx(2.7764451 * (2 / 3) ** 0.5)
    assert found.statement.startswith("changed by -10 mm/s, more than chance would make of it (MDC 2.27 mm/s;")
    assert found.runs == ("r1",)


def test_a_change_within_their_own_variation_is_none(romberg: Challenge, run: Run) -> None:
    found = said(compared(run(7.0, 8.0, 9.0), romberg, earlier(romberg, run(7.5, 9.0, 10.0))))
    assert found.verdict == "within-variation"
    assert "within this person's own variation" in found.statement


def test_scores_are_compared_once_there_are_three_visits(romberg: Challenge, run: Run) -> None:
    visits = earlier(romberg, run(7.0, 8.0, 9.0), run(8.0, 8.5, 9.0), run(7.0, 7.5, 8.0))
    result = compared(run(7.0, 8.0, 9.0), romberg, visits)
    quotient = next(one for one in result.scores if one.label == "romberg_quotient(mean_velocity)")
    assert quotient.baseline is not None
    assert (quotient.baseline.verdict, quotient.baseline.across) == ("within-variation", "visits")
    assert said(result).across == "visits"
    two = compared(run(7.0, 8.0, 9.0), romberg, visits[:2]).scores[0].baseline
    assert two is not None
    assert two.statement.startswith("no statement: too few repetitions")


def test_the_first_visit_is_where_the_baseline_begins(romberg: Challenge, run: Run) -> None:
    assert said(compared(run(7.0, 8.0, 9.0), romberg, [])).statement.startswith("no earlier visit")


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        (replace(BOARD, device=DeviceClass.WII), "1 on another kind of board (wii)"),
        (replace(BOARD, rate_hz=100.0), "1 recorded at 100 Hz"),
        (replace(BOARD, simulated=True), "1 of a simulated person"),
    ],
)
def test_what_was_measured_otherwise_is_no_baseline(
    romberg: Challenge, run: Run, setting: Setting, reason: str
) -> None:
    found = said(compared(run(7.0, 8.0, 9.0), romberg, earlier(romberg, run(7.0, 8.0, 9.0, setting=setting))))
    assert found.verdict == "refused"
    assert reason in found.statement


def test_a_condition_that_was_asked_for_otherwise_is_no_baseline(romberg: Challenge, run: Run) -> None:
    longer = romberg.model_dump(mode="json")
    longer["conditions"][0]["duration_s"] = 60.0
    before = Earlier("r1", longer, result_content(run(7.0, 8.0, 9.0)))
    result = compared(run(7.0, 8.0, 9.0), romberg, [before])
    assert "1 asked for in another way" in said(result, "eo").statement
    assert said(result, "ec").verdict == "within-variation"


def test_another_formula_is_another_figure(romberg: Challenge, run: Run) -> None:
    content: dict[str, Any] = result_content(run(7.0, 8.0, 9.0))
    content["conditions"]["eo"]["mean_velocity"]["definition"] = "mean_velocity/0"
    before = Earlier("r1", romberg.model_dump(mode="json"), content)
    assert said(compared(run(7.0, 8.0, 9.0), romberg, [before])).verdict == "refused"


def test_records_of_an_older_version_are_read(romberg: Challenge, run: Run) -> None:
    before = Earlier("r1", {}, {"recipe": "ispgr", "conditions": {}})
    assert said(compared(run(7.0, 8.0, 9.0), romberg, [before])).verdict == "refused"


def test_a_result_with_its_baseline_is_plain_data(romberg: Challenge, run: Run) -> None:
    content = result_content(compared(run(7.0, 8.0, 9.0), romberg, earlier(romberg, run(8.0, 8.0, 8.0))))
    assert content["conditions"]["eo"]["mean_velocity"]["baseline"]["verdict"] == "within-variation"
