"""A figure has a place among other people where everything is as it was there, and else none, with the reason."""

from dataclasses import replace
from typing import Any

import pytest

from otolith.service.challenges.beside import Placement
from otolith.service.challenges.challenge import Condition
from otolith.service.challenges.setting import DeviceClass, Setting
from otolith.service.norms.file import norms
from otolith.service.norms.placing import Measured, places

LAB = Setting(device=DeviceClass.FORCE_PLATE, rate_hz=100.0, age=30.0)
NAME = {"en": "x", "de": "x", "fr": "x"}


def condition(**changes: Any) -> Condition:
    return Condition.model_validate({"id": "eo", "name": NAME, "duration_s": 60, "trials": 3, **changes})


def place(
    value: float = 8.12, setting: Setting = LAB, recipe: str = "ispgr", trials: int = 3, **changes: Any
) -> Placement:
    given = Measured("mean_velocity", "", "mean_velocity/1", "mm/s", value, trials, [condition(**changes)])
    (found,) = places(given, recipe, setting, norms().norms)
    return found


def test_a_figure_like_theirs_has_a_place() -> None:
    found = place(8.80)
    assert found.refused == ""
    assert (found.band, found.n) == ("young", 87)
    assert found.z == pytest.approx(0.0, abs=0.01)
    assert found.percentile is not None
    assert 50 < found.percentile < 75
    assert found.cautions[0].startswith("16 of the 163")


def test_the_median_is_the_fiftieth_and_beyond_the_fifth_nothing_is_claimed() -> None:
    median = norms().norms["bds-2016"].entries[0].bands[0].percentiles[9]
    assert place(median).percentile == pytest.approx(50.0)
    assert (place(4.0).percentile, place(4.0).rank) == (None, "under 5")
    assert (place(40.0).percentile, place(40.0).rank) == (None, "over 95")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"setting": replace(LAB, rate_hz=125.0)}, "recorded at 125 Hz, the norm at 100 Hz"),
        ({"setting": replace(LAB, device=DeviceClass.WII)}, "a board of the class wii"),
        ({"setting": replace(LAB, age=None)}, "year of birth is not known"),
        ({"setting": replace(LAB, age=12.0)}, "nobody of 12 years"),
        ({"setting": replace(LAB, simulated=True)}, "a simulated person"),
        ({"recipe": "raw"}, "filtered by the recipe raw"),
        ({"duration_s": 30}, "trials of 30 s, the norm of 60 s"),
        ({"stance": "tandem"}, "the stance tandem"),
        ({"eyes": "conflict"}, "eyes conflict on firm, which the norm has not"),
        ({"surface": {"kind": "wobble"}}, "eyes open on wobble"),
        ({"task": {"kind": "stand", "second_task": "count"}}, "more was asked for"),
        ({"task": {"kind": "hold"}}, "more was asked for"),
    ],
)
def test_whatever_differs_refuses_the_percentile(changes: dict[str, Any], reason: str) -> None:
    found = place(**changes)
    assert reason in found.refused
    assert (found.percentile, found.z, found.rank) == (None, None, "")


def test_every_difference_is_said() -> None:
    found = place(setting=replace(LAB, rate_hz=50.0), duration_s=30, stance="double")
    assert found.refused.count("; ") == 2


def test_the_rate_of_a_real_clock_is_near_enough() -> None:
    assert place(setting=replace(LAB, rate_hz=100.4)).refused == ""


def test_a_quotient_is_matched_by_both_its_conditions() -> None:
    both = [condition(), condition(id="ec", eyes="closed")]
    given = Measured("romberg_quotient", "mean_velocity", "romberg_quotient/1", "1", 1.1, 3, both)
    (found,) = places(given, "ispgr", LAB, norms().norms)
    assert (found.refused, found.n) == ("", 87)
    (swapped,) = places(replace(given, conditions=both[::-1]), "ispgr", LAB, norms().norms)
    assert "which the norm has not" in swapped.refused


def test_a_figure_that_no_norm_has_is_not_mentioned() -> None:
    given = Measured("rms_ml", "", "rms_ml/1", "mm", 3.0, 3, [condition()])
    assert list(places(given, "ispgr", LAB, norms().norms)) == []


def test_one_trial_against_a_mean_of_three_is_said() -> None:
    assert any("the mean of 1 trials" in caution for caution in place(trials=1).cautions)


def test_skewed_figures_warn_of_z() -> None:
    area = Measured("prediction_ellipse_area", "", "prediction_ellipse_area/1", "mm²", 300.0, 3, [condition()])
    (found,) = places(area, "ispgr", LAB, norms().norms)
    assert any("percentile rather than z" in caution for caution in found.cautions)
