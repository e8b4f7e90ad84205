"""Entropies and fluctuation analysis of real trials against those of other programs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from otolith.drivers.replay.recording import Recording
from otolith.dsp.entropy import approximate_entropy, sample_entropy
from otolith.dsp.fractal import dfa_exponent, fluctuation, scales


@pytest.mark.parametrize("axis", ["AP", "ML"])
@pytest.mark.parametrize("name", ["BDS00001", "BDS00004"])
def test_entropies_and_fluctuations(
    references: dict[str, Any], trial: Callable[[str], Recording], name: str, axis: str
) -> None:
    expected = references["entropy_dfa"][f"{name} {axis} first 3000 raw, mean removed"]
    cut = trial(name).segment(0, 30)
    x = cut.ap if axis == "AP" else cut.ml
    assert x is not None
    x = (x - x.mean()) / 10
    assert sample_entropy(x) == pytest.approx(expected["SampEn_m2_r0.2SD(ddof0)"], rel=1e-14)
    assert sample_entropy(x) == pytest.approx(expected["SampEn_EntropyHub"], rel=1e-14)
    assert sample_entropy(np.diff(x)) == pytest.approx(expected["SampEn_diff_m2_r0.2SD"], rel=1e-14)
    assert approximate_entropy(x) == pytest.approx(expected["ApEn_antropy_m2_r0.2SD"], rel=1e-12)
    assert scales(3000).tolist() == expected["DFA_scales"]
    assert fluctuation(x, scales(3000)) == pytest.approx(expected["DFA_F"], rel=1e-12)
    assert dfa_exponent(x) == pytest.approx(expected["DFA_alpha"], rel=1e-12)
