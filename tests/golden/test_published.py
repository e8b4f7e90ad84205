"""The figures that the authors of a public data set printed for their own trials, from the same trials."""

import json
from pathlib import Path

import pytest

from otolith.drivers.replay.roles import parse_columns
from otolith.service.analysis import Plan, analyse

ROOT = Path(__file__).parents[2]
PUBLISHED: dict[str, dict[str, float]] = json.loads((Path(__file__).parent / "bds_published.json").read_text())[
    "figures"
]
COLUMNS = parse_columns("t=Time[s],ml=COPy[cm],ap=COPx[cm]")


@pytest.mark.parametrize("trial", PUBLISHED)
def test_a_trial_gives_the_figures_that_its_authors_published(trial: str) -> None:
    path = ROOT / f"drivers/replay/library/{trial}.txt.gz"
    result = analyse(path, Plan(columns=COLUMNS, units="cm", recipe="raw"))
    units = {"prediction_ellipse_area": "cm²", "mean_velocity": "cm/s", "mean_power_frequency": "Hz"}
    for key, published in PUBLISHED[trial].items():
        assert result.metrics[key].value == pytest.approx(published, rel=1e-9, abs=0), key
        assert result.metrics[key].unit == units[key]
