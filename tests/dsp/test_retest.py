"""Reliability and detectable change against published worked examples, and against drawn people."""

import numpy as np
import pytest
from scipy.stats import t as student

from otolith.dsp.retest import change, pooled, variance
from otolith.dsp.student import quantile, within

SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
"""Shrout, Fleiss 1979, table 2: six targets, four judges."""
WEIR = [[146, 140], [148, 152], [170, 152], [90, 99], [157, 145], [156, 153], [176, 167], [205, 218]]
"""Weir 2005: one-repetition maximum of eight people, two trials."""


def test_shrout_and_fleiss_1979() -> None:
    found = variance(np.array(SHROUT_FLEISS, float))
    assert (found.people, found.trials, found.error) == pytest.approx((11.24, 32.49, 1.02), abs=0.005)
    assert found.icc_2_1 == pytest.approx(0.29, abs=0.005)
    assert found.icc_2_k == pytest.approx(0.62, abs=0.005)
    assert found.icc_3_1 == pytest.approx(0.71, abs=0.005)
    assert found.icc_3_k == pytest.approx(0.91, abs=0.005)


def test_weir_2005() -> None:
    found = variance(np.array(WEIR, float))
    assert found.trials == pytest.approx(30.25)
    assert found.icc_2_1 == pytest.approx(0.95, abs=0.005)
    assert found.icc_3_1 == pytest.approx(0.95, abs=0.005)
    assert found.sem == pytest.approx(7.6, abs=0.05)
    assert found.mdc == pytest.approx(1.96 * np.sqrt(2) * found.sem)
    assert found.mdc == pytest.approx(20.9, abs=0.05)


@pytest.mark.parametrize("values", [np.ones((1, 3)), np.ones((3, 1)), np.ones(3), np.array([[1.0, np.nan], [1, 2]])])
def test_reliability_of_too_little_is_refused(values: np.ndarray) -> None:
    with pytest.raises(ValueError, match="two or more people"):
        variance(values)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 30, 301])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
def test_student_is_scipys(confidence: float, freedom: int) -> None:
    expected = student.ppf(0.5 + confidence / 2, freedom)
    assert quantile(confidence, freedom) == pytest.approx(expected, rel=1e-9)
    assert within(expected, freedom) == pytest.approx(confidence, rel=1e-9)


def test_single_trials_of_many_repetitions_are_weirs_formula() -> None:
    """One trial now, one before, and a variation that is well known: MDC tends to 1.96 sqrt(2) SEM."""
    rng = np.random.default_rng(1)
    now, before = rng.normal(10, 1, 1000), rng.normal(10, 1, 1000)
    found = change(now.tolist(), [before.tolist()])
    assert found.degrees == 1998
    assert found.mdc * np.sqrt(1000) == pytest.approx(1.96 * np.sqrt(2) * found.sem, rel=1e-3)


def test_a_change_by_hand() -> None:
    """Three trials twice: s² = (1 + 1) / 2 with 4 degrees, t 2.776, so MDC = 2.776 sqrt(2/3)."""
    found = change([11.0, 12.0, 13.0], [[9.0, 10.0, 11.0]])
    assert (found.now, found.before, found.difference) == (12.0, 10.0, 2.0)
    assert (found.sem, found.degrees, found.across) == (1.0, 4, "trials")
    assert found.mdc == pytest.approx(2.7764451 * np.sqrt(2 / 3))
    assert not found.beyond_chance


def test_three_visits_speak_for_themselves() -> None:
    """Means 10, 11, 12: s = 1 with 2 degrees, t 4.303, MDC = 4.303 sqrt(4/3); their own trials vary less."""
    found = change([20.0], [[10.0, 10.0], [11.0], [12.0, 12.0]])
    assert (found.before, found.sem, found.degrees, found.across) == (11.0, 1.0, 2, "visits")
    assert found.mdc == pytest.approx(4.3026527 * np.sqrt(4 / 3))
    assert found.beyond_chance


@pytest.mark.parametrize(
    ("now", "visits", "reason"),
    [
        ([1.0], [], "no earlier visit"),
        ([1.0], [[]], "no earlier visit"),
        ([], [[1.0, 2.0]], "nothing was measured"),
        ([1.0], [[1.0, 2.0]], "too few repetitions"),
        ([1.0], [[1.0], [2.0]], "too few repetitions"),
    ],
)
def test_too_little_to_compare_is_refused(now: list[float], visits: list[list[float]], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        change(now, visits)


@pytest.mark.parametrize("visits", [1, 2, 3, 6])
def test_nobody_changes_by_chance_in_more_than_five_of_a_hundred_cases(visits: int) -> None:
    rng = np.random.default_rng(visits)
    draws = rng.normal(100.0, 7.0, (1500, visits + 1, 3))
    found = [change(one[0].tolist(), one[1:].tolist()).beyond_chance for one in draws]
    assert np.mean(found) == pytest.approx(0.05, abs=0.02)


def test_pooled_variation_is_of_each_group_about_its_own_mean() -> None:
    spread, degrees = pooled([[1.0, 3.0], [101.0, 103.0]])
    assert spread == pytest.approx(np.sqrt(2.0))
    assert degrees == 2
