"""The measures of Prieto et al. 1996, rambling and trembling, and the centre of gravity, of real trials."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from otolith.drivers.replay.recording import Recording
from otolith.dsp.cog import centre_of_gravity
from otolith.dsp.metrics.registry import chosen
from otolith.dsp.rambling import take_apart
from otolith.dsp.recipes import recipe_named
from otolith.service.analysis import figures

PRIETO = {
    "MDIST_@": "prieto_mdist_@",
    "RDIST_@": "prieto_rdist_@",
    "AREA_CC(z=1.645)": "prieto_area_cc",
    "AREA_CE_Prieto(2piF q, F=3.00)": "prieto_area_ce",
    "AREA_PE_SchubertKirchner(ddof1,2piF(n+1)(n-1)/(n(n-2)))": "prediction_ellipse_area",
    "AREA_chi2(5.991,ddof1)": "chi2_ellipse_area",
    "AREA_SW_per_s": "prieto_area_sw",
    "RANGE_planar_max_pairwise": "prieto_range_rd",
    "RANGE_ML": "prieto_range_ml",
    "RANGE_AP": "prieto_range_ap",
    "hull_area": "hull_area",
    "TOTEX": "prieto_totex_rd",
    "TOTEX_ML": "prieto_totex_ml",
    "TOTEX_AP": "prieto_totex_ap",
    "MVELO(=TOTEX/(N/fs))": "prieto_mvelo_rd",
    "MVELO_ML(=TOTEX/(N/fs))": "prieto_mvelo_ml",
    "MVELO_AP(=TOTEX/(N/fs))": "prieto_mvelo_ap",
    "MFREQ": "prieto_mfreq_rd",
    "MFREQ_ML": "prieto_mfreq_ml",
    "MFREQ_AP": "prieto_mfreq_ap",
    "FD": "prieto_fd",
    "FD_CC": "prieto_fd_cc",
    "FD_CE": "prieto_fd_ce",
    "POWER_@(welch hann 20 s,50%)": "prieto_power_@",
    "F50_@": "prieto_f50_@",
    "F95_@": "prieto_f95_@",
    "CFREQ_@": "prieto_cfreq_@",
    "FREQD_@": "prieto_freqd_@",
}


@pytest.mark.parametrize("name", ["BDS00001", "BDS00004"])
def test_the_measures_of_prieto(references: dict[str, Any], trial: Callable[[str], Recording], name: str) -> None:
    expected = references["prieto"][f"{name} (ML=COPy,AP=COPx cm,100Hz,60s, butter4 10Hz filtfilt)"]
    found = figures(trial(name), recipe_named("prieto"), chosen("all"), "cm").metrics
    for theirs, ours in PRIETO.items():
        for axis in ("ML", "AP", "RD") if "@" in theirs else ("",):
            value = found[ours.replace("@", axis.lower())].value
            assert value == pytest.approx(expected[theirs.replace("@", axis)], rel=1e-9, abs=0), (theirs, axis)


@pytest.mark.parametrize("name", ["BDS00001", "BDS00007"])
@pytest.mark.parametrize("axis", ["AP", "ML"])
def test_rambling_and_trembling(
    references: dict[str, Any], trial: Callable[[str], Recording], name: str, axis: str
) -> None:
    expected = references["rambling_cog"][f"{name} {axis}"]
    recording = trial(name)
    assert recording.wrench is not None
    with_force = replace(recording, shear=recording.wrench[:, [1, 0]])
    found = figures(with_force, recipe_named("raw"), chosen("all"), "cm").metrics
    assert found[f"rambling_rms_{axis}"].value == pytest.approx(expected["RMS_rambling(mean removed)"], rel=1e-9)
    assert found[f"trembling_rms_{axis}"].value == pytest.approx(expected["RMS_trembling"], rel=1e-9)
    cop = recording.ap if axis == "AP" else recording.ml
    assert cop is not None
    assert take_apart(cop, with_force.shear[:, int(axis == "AP")]).instants == expected["n_IEP"]  # type: ignore[index]  # given above


def test_rambling_says_what_it_needs(trial: Callable[[str], Recording]) -> None:
    refused = figures(trial("BDS00001"), recipe_named("raw"), chosen("all"), "cm").refused
    assert {key for key in refused if "mbling" in key} == {
        f"{part}_rms_{axis}" for part in ("rambling", "trembling") for axis in ("ML", "AP")
    }
    assert refused["rambling_rms_ML"].endswith("need the horizontal forces: name their columns, fml and fap")


def test_the_centre_of_gravity(references: dict[str, Any], trial: Callable[[str], Recording]) -> None:
    expected = references["rambling_cog"]["BDS00001 AP cogve(100Hz,54.2kg,157.5cm)"]
    cop = trial("BDS00001").ap
    assert cop is not None
    cog = centre_of_gravity(cop / 10, 100.0, 1.575)
    assert cog[:3] == pytest.approx(expected["first"], rel=1e-12)
    assert cog[3000:3003] == pytest.approx(expected["mid"], rel=1e-12)
    assert cog.std() == pytest.approx(expected["std_cm"], rel=1e-12)
    assert (cop / 10 - cog).std() == pytest.approx(expected["std_COP_minus_COG"], rel=1e-12)
