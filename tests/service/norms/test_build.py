"""A clinic's own norm from made-up records: one value per person, nothing mixed, nobody alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from otolith.service.challenges.catalogue import catalogue
from otolith.service.errors import NormError
from otolith.service.norms.build import Wanted, built
from otolith.service.norms.norm import Norm
from otolith.service.store import PersonRow, RunRow

Rows = list[tuple[RunRow, PersonRow]]
WANTED = Wanted("ours", "ours", "people of this clinic", ((18.0, 60.0), (60.0, 90.0)), least=10)


def summary(value: float) -> dict[str, Any]:
    return {"values": [value - 1, value, value + 1], "unit": "mm/s", "definition": "mean_velocity/1"}


@pytest.fixture
def rows() -> Callable[..., Rows]:
    """Twelve people of 30 years, whose mean velocities are 1, 2 ... 12, and one of 70."""

    def make(**changes: Any) -> Rows:
        definition = catalogue().challenge("romberg").model_dump(mode="json")
        found = []
        for n in range(1, 14):
            conditions = {where: {"mean_velocity": summary(float(n))} for where in ("eo", "ec")}
            result = {"recipe": "ispgr", "device": "cells", "rate_hz": 100.0, "simulated": False}
            born = 1996 if n < 13 else 1956
            run = RunRow(
                f"r{n}",
                "s",
                "romberg",
                definition,
                "anna",
                "2026-07-01T10:00:00Z",
                end="finished",
                result=result | {"conditions": conditions} | changes,
            )
            found.append((run, PersonRow(f"p{n}", "2026-01-01T00:00:00Z", birth_year=born)))
        return found

    return make


def test_a_norm_is_of_means_of_people(rows: Callable[..., Rows]) -> None:
    made = built(rows(), WANTED)
    assert Norm.model_validate_json(made.model_dump_json()) == made
    entry = next(one for one in made.entries if one.figure == "mean_velocity")
    (young,) = entry.bands
    assert (young.n, young.mean, young.label) == (12, 6.5, "18 to 60")
    assert young.sd == pytest.approx(np.std(np.arange(1, 13), ddof=1))
    assert young.percentiles[9] == 6.5
    assert (made.device, made.rate_hz, made.duration_s, made.trials) == ("cells", 100.0, 30.0, 3)


def test_who_comes_again_counts_once(rows: Callable[..., Rows]) -> None:
    once = rows()
    again = [(replace(run, id=f"z{run.id}", result={}), person) for run, person in once]
    assert built([*once, *again], WANTED) == built(once, WANTED)


@pytest.mark.parametrize("change", [{"device": "wii"}, {"rate_hz": 50.0}, {"recipe": "raw"}])
def test_records_that_are_mixed_are_refused(rows: Callable[..., Rows], change: dict[str, Any]) -> None:
    with pytest.raises(NormError, match=r"the records are mixed.*12 with"):
        built([*rows()[:12], rows(**change)[12]], WANTED)


def test_trials_of_another_length_are_another_norm(rows: Callable[..., Rows]) -> None:
    found = rows()
    longer = catalogue().challenge("romberg", "sixty").model_dump(mode="json")
    found[12] = (replace(found[12][0], definition=longer), found[12][1])
    with pytest.raises(NormError, match="3 x 60 s"):
        built(found, WANTED)


def test_simulated_people_are_kept_apart(rows: Callable[..., Rows]) -> None:
    with pytest.raises(NormError, match="no finished run"):
        built(rows(simulated=True), WANTED)
    assert built(rows(simulated=True), replace(WANTED, simulated=True)).simulated


def test_too_few_people_are_no_norm(rows: Callable[..., Rows]) -> None:
    with pytest.raises(NormError, match="no age band has 20 people"):
        built(rows(), replace(WANTED, least=20))
    with pytest.raises(NormError, match="fewer than 10"):
        built(rows(), replace(WANTED, least=2))


def test_conditions_that_differ_in_more_than_eyes_and_surface_are_no_norm(rows: Callable[..., Rows]) -> None:
    bess = catalogue().challenge("bess").model_dump(mode="json")
    found = [(replace(run, definition=bess), person) for run, person in rows()]
    with pytest.raises(NormError, match="differ in more than eyes and surface"):
        built(found, WANTED)


def test_a_result_without_its_figures_is_left_out(rows: Callable[..., Rows]) -> None:
    found = rows()
    found[0] = (replace(found[0][0], result={**found[0][0].result, "conditions": {}}), found[0][1])
    assert built(found, WANTED).entries[0].bands[0].n == 11
