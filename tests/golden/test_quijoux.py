"""The 72 descriptors of Quijoux et al. 2021 against those of their own program, to 1e-9."""

from collections.abc import Callable
from typing import Any

import pytest

from otolith.drivers.replay.recording import Recording
from otolith.dsp.metrics.registry import SETS, chosen
from otolith.dsp.recipes import recipe_named
from otolith.service.analysis import figures

MODES = {
    "swarii25_30s": ("quijoux25", 30),
    "raw100_30s": ("quijoux-native", 30),
    "raw100_60s": ("quijoux-native", 60),
}


@pytest.mark.parametrize("name", ["BDS00001", "BDS00004"])
@pytest.mark.parametrize("mode", MODES)
def test_all_72_descriptors(
    references: dict[str, Any], trial: Callable[[str], Recording], name: str, mode: str
) -> None:
    recipe, seconds = MODES[mode]
    expected = references["quijoux72"][f"{name}/{mode}"]
    cut = trial(name).segment(0, seconds)
    found = figures(cut, recipe_named(recipe), chosen("quijoux72"), "cm").metrics
    assert {key: figure.value for key, figure in found.items()} == {
        key: pytest.approx(value, rel=1e-9, abs=0) for key, value in expected.items()
    }


def test_there_are_72_of_them() -> None:
    assert len(SETS["quijoux72"]) == 72
