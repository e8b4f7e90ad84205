"""Scores of a run by hand: means of conditions, comparisons of them, and what cannot be scored."""

from collections.abc import Callable
from typing import Any

import pytest

from otolith.dsp.metrics.metric import Figure
from otolith.service.challenges.agenda import TrialPlan, agenda
from otolith.service.challenges.catalogue import catalogue
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.records import result_content, trial_of, trial_row
from otolith.service.challenges.scoring import score
from otolith.service.challenges.trial import Trial, Verdict

Make = Callable[..., Challenge]


def trial(plan: TrialPlan, velocity: float, verdict: Verdict = Verdict.VALID, **changes: Any) -> Trial:
    figures = {"mean_velocity": Figure(velocity, "mm/s", "mean_velocity/1")}
    values: dict[str, Any] = {"figures": figures, **changes}
    return Trial(f"t-{plan.id}", plan, 1, verdict, "", "2026-01-01T00:00:00Z", 20.0, 700.0, **values)


def mctsib(*means: float) -> tuple[Challenge, list[Trial]]:
    challenge = catalogue().challenge("mctsib")
    by_condition = dict(zip([one.id for one in challenge.conditions], means, strict=True))
    plans = agenda(challenge)
    return challenge, [trial(one, by_condition[one.condition.id] + one.number - 2) for one in plans]


def test_mctsib_by_hand() -> None:
    result = score(*mctsib(8.0, 10.0, 20.0, 30.0))
    found = {one.name or one.id: one.value for one in result.scores}
    assert found["ctsib_composite"] == pytest.approx(17.0)
    assert found["ctsib_visual"] == pytest.approx(25.0)  # the lesser of 25 % on firm ground and 50 % on foam
    assert found["ctsib_proprioceptive"] == pytest.approx(150.0)  # of 150 % and 200 %
    assert found["ctsib_vestibular"] == pytest.approx(275.0)
    assert found["Romberg quotient, firm"] == pytest.approx(1.25)
    assert found["Romberg quotient, foam"] == pytest.approx(1.5)
    assert found["ctsib_removed_somatosensory"] == found["ctsib_left_visual"] == pytest.approx(2.5)
    assert found["ctsib_removed_vision"] == found["ctsib_left_somatosensory"] == pytest.approx(1.25)
    assert {one.id: one.unit for one in result.scores}["ctsib_composite"] == "mm/s"
    summary = result.conditions["eo-firm"]["mean_velocity"]
    assert (summary.values, summary.mean, summary.sd) == ((7.0, 8.0, 9.0), 8.0, 1.0)


def test_only_valid_trials_count_and_a_missing_condition_is_said() -> None:
    challenge, trials = mctsib(8.0, 10.0, 20.0, 30.0)
    spoilt = [trial(one.plan, 999.0, Verdict.INVALID) if one.plan.condition.id == "ec-foam" else one for one in trials]
    result = score(challenge, spoilt)
    assert [one.name for one in result.scores] == ["Romberg quotient, firm"]
    assert "'ec-foam': no valid trial has it" in result.refused["ctsib_composite(mean_velocity)"]
    assert result.trials == {"invalid": 3, "valid": 9}


def test_a_fall_is_worth_what_the_challenge_says(challenge: Make) -> None:
    made = challenge({"trials": 2}, scoring={"metrics": ["mean_velocity"], "fall_value": {"mean_velocity": 0.0}})
    plans = agenda(made)
    result = score(made, [trial(plans[0], 10.0), trial(plans[1], 99.0, fell=True)])
    assert result.conditions["c1"]["mean_velocity"].values == (10.0, 0.0)


def test_a_trial_comes_back_from_the_records_as_it_was(challenge: Make) -> None:
    made = challenge({"trials": 2})
    kept = trial(agenda(made)[1], float("nan"), notes=("he laughed",), held_s=3.5)
    row = trial_row(kept, "r1")
    assert row.content["figures"]["mean_velocity"]["value"] is None
    back = trial_of(row, made)
    assert (back.plan, back.notes, back.held_s) == (kept.plan, kept.notes, 3.5)
    assert str(back.figures["mean_velocity"].value) == "nan"


def test_a_result_without_a_number_is_plain_data() -> None:
    challenge, trials = mctsib(0.0, 10.0, 20.0, 30.0)
    flat = [trial(one.plan, 0.0) for one in trials]
    content = result_content(score(challenge, flat))
    assert {one["id"]: one["value"] for one in content["scores"]}["romberg_quotient"] is None


def test_what_has_no_value_is_left_out_of_the_mean() -> None:
    challenge, trials = mctsib(8.0, 10.0, 20.0, 30.0)
    trials[0] = trial(trials[0].plan, float("nan"))
    summary = score(challenge, trials).conditions["eo-firm"]["mean_velocity"]
    assert (summary.mean, summary.best, len(summary.values)) == (8.5, 8.0, 3)
    nothing = [trial(one.plan, float("nan")) for one in trials]
    content = result_content(score(challenge, nothing))
    assert content["conditions"]["eo-firm"]["mean_velocity"]["mean"] is None
    assert all(one["value"] is None for one in content["scores"])


def test_who_falls_in_every_trial_scores_nothing_and_not_nothing_at_all() -> None:
    challenge = catalogue().challenge("sot")
    fallen = [trial(one, 9.0, fell=True) for one in agenda(challenge)]
    result = score(challenge, fallen)
    summary = result.conditions["c5"]["equilibrium_score"]
    assert (summary.values, summary.unit, summary.definition) == ((0.0, 0.0, 0.0), "%", "equilibrium_score/1")
    assert {one.id: one.value for one in result.scores}["sot_composite"] == 0.0


def test_sot_by_hand() -> None:
    challenge = catalogue().challenge("sot")
    means = dict(zip(("c1", "c2", "c3", "c4", "c5", "c6"), (94.0, 92.0, 90.0, 82.0, 65.0, 61.0), strict=True))
    done = [
        trial(plan, 9.0, figures={"equilibrium_score": Figure(means[plan.condition.id], "%", "equilibrium_score/1")})
        for plan in agenda(challenge)
    ]
    found = {one.id: one.value for one in score(challenge, done).scores}
    assert found["sot_composite"] == pytest.approx((94 + 92 + 3 * (90 + 82 + 65 + 61)) / 14)
    assert found["sot_vestibular"] == pytest.approx(65 / 94)
    assert found["sot_preference"] == pytest.approx((90 + 61) / (92 + 65))


def test_bess_is_the_sum_of_six_stances() -> None:
    challenge = catalogue().challenge("bess")
    errors = iter((0.0, 4.0, 2.0, 1.0, 10.0, 6.0))
    done = [
        trial(plan, 9.0, figures={"bess_errors": Figure(next(errors), "count", "bess_errors/1")})
        for plan in agenda(challenge)
    ]
    (total,) = score(challenge, done).scores
    assert (total.id, total.value, total.unit) == ("bess_total", 23.0, "count")


def test_a_stance_that_is_left_early_ends_the_stages_that_were_held() -> None:
    challenge = catalogue().challenge("four-stage")
    held = iter((10.0, 10.0, 6.5, 10.0))
    done = [
        trial(plan, 9.0, figures={"time_held": Figure(next(held), "s", "time_held/1")}) for plan in agenda(challenge)
    ]
    (stages,) = score(challenge, done).scores
    assert (stages.id, stages.value) == ("stages_held", 2.0)
