"""From a file to its figures: cutting, bridging, refusing, and many files at once."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.roles import parse_columns
from otolith.service.analysis import POOL_FROM, Analysis, Plan, Unreadable, analyse, analyse_all

TRIAL = Path(__file__).parents[2] / "drivers/replay/library/BDS00004.txt.gz"
PLAN = Plan(columns=parse_columns("t=Time[s],ml=COPy[cm],ap=COPx[cm]"), units="cm", recipe="raw")
Table = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Write a path of 40 s at 50 Hz; ``change`` gets the rows (t, ml, ap, fz) before they are written."""

    def table(change: Callable[[list[list[float]]], object] = len) -> Path:
        t = np.arange(2000) / 50
        rows = [[x, 3 * np.sin(x), 2 * np.cos(1.3 * x), 600.0] for x in t.tolist()]
        change(rows)
        path = tmp_path / "trial.csv"
        path.write_text("t,ml,ap,fz\n" + "\n".join(",".join(f"{x:.9g}" for x in row) for row in rows) + "\n")
        return path

    return table


def test_a_segment_is_measured_alone() -> None:
    whole, part = analyse(TRIAL, PLAN), analyse(TRIAL, replace(PLAN, segment=(0, 30)))
    assert (whole.n, part.n, part.rate_hz, part.recipe) == (6000, 3000, 100.0, "raw")
    assert part.metrics["path_length"].value < whole.metrics["path_length"].value


def test_lengths_and_areas_follow_the_unit(table: Table) -> None:
    plan = Plan(units="mm", recipe="raw")
    mm, cm = analyse(table(), plan).metrics, analyse(table(), replace(plan, units="cm")).metrics
    assert (mm["path_length"].unit, mm["prediction_ellipse_area"].unit) == ("mm", "mm²")
    assert mm["path_length"].value == pytest.approx(cm["path_length"].value)
    assert analyse(TRIAL, replace(PLAN, units=None)).metrics["path_length"].value == pytest.approx(
        10 * analyse(TRIAL, PLAN).metrics["path_length"].value
    )


def test_a_figure_names_its_definition(table: Table) -> None:
    result = analyse(table(), Plan(units="mm"))
    assert {key: figure.definition for key, figure in result.metrics.items()} == {
        key: f"{key}/1" for key in result.metrics
    }


def test_short_gaps_are_bridged_and_said(table: Table) -> None:
    whole = analyse(table(), Plan(units="mm", recipe="raw"))

    def tear(rows: list[list[float]]) -> None:
        rows[100][1] = float("nan")
        del rows[500:504]

    torn = analyse(table(tear), Plan(units="mm", recipe="raw"))
    assert torn.warnings == ("5 missing samples were interpolated",)
    assert torn.metrics["path_length"].value == pytest.approx(whole.metrics["path_length"].value, rel=1e-3)


def test_a_long_gap_is_refused_with_its_place(table: Table) -> None:
    def tear(rows: list[list[float]]) -> None:
        del rows[500:520]

    with pytest.raises(RecordingError, match=r"20 samples \(0\.4 s\) are missing at 9\.980 s, too many to bridge"):
        analyse(table(tear), Plan(units="mm"))


def test_a_wrong_time_takes_no_memory(table: Table) -> None:
    def leap(rows: list[list[float]]) -> None:
        for row in rows[500:]:
            row[0] += 1e6

    with pytest.raises(RecordingError, match=r"\d+ samples are missing at 9\.980 s: is a time wrong\?"):
        analyse(table(leap), Plan(units="mm"))


def test_a_place_out_of_reach_is_a_gap(table: Table) -> None:
    def leap(rows: list[list[float]]) -> None:
        rows[500][1], rows[501][2] = 1e160, -1e40

    assert analyse(table(leap), Plan(units="mm", recipe="raw")).warnings == ("2 missing samples were interpolated",)


def test_an_empty_plate_before_and_after_is_left_out(table: Table) -> None:
    def step(rows: list[list[float]]) -> None:
        for row in [*rows[:50], *rows[-25:]]:
            row[1:] = [465.0, -300.0, 3.0]

    result = analyse(table(step), Plan(units="mm", recipe="raw"))
    assert result.trace_n == 1925
    assert result.warnings == ("50 samples at the start and 25 at the end hold no position",)
    assert result.metrics["range_ml"].value < 7


def test_uneven_times_need_a_recipe_that_resamples(table: Table) -> None:
    def jitter(rows: list[list[float]]) -> None:
        for i, row in enumerate(rows):
            row[0] += 0.008 * (i % 3 == 0)

    path = table(jitter)
    with pytest.raises(RecordingError, match=r"rows come 12 to 28 ms apart.*use --recipe quijoux25"):
        analyse(path, Plan(units="mm"))
    result = analyse(path, Plan(units="mm", recipe="quijoux25"))
    assert result.trace_rate_hz == 25.0
    assert result.rate_hz == pytest.approx(50, rel=1e-3)


def test_a_recipe_that_resamples_takes_long_gaps_and_says_so(table: Table) -> None:
    def tear(rows: list[list[float]]) -> None:
        rows[300][1] = float("nan")
        del rows[500:520]

    result = analyse(table(tear), Plan(units="mm", recipe="quijoux25"))
    assert result.warnings == ("21 missing samples were interpolated",)


def test_metrics_say_what_they_need_and_recipes_warn(table: Table) -> None:
    result = analyse(table(), Plan(units="mm", segment=(0, 5)))
    assert result.refused == {"mean_power_frequency": "mean_power_frequency needs at least 10 s, not 5 s"}
    assert "mean_power_frequency" not in result.metrics
    assert result.warnings == ("5 s is short: ispgr asks for 25 s",)


def test_one_who_does_not_sway_has_no_frequency(table: Table) -> None:
    def stand(rows: list[list[float]]) -> None:
        for row in rows:
            row[1:3] = [1.0, 2.0]

    result = analyse(table(stand), Plan(units="mm", recipe="raw"))
    assert result.metrics["path_length"].value == 0
    assert np.isnan(result.metrics["mean_frequency"].value)


def test_a_slow_recording_is_refused_by_the_filter_in_plain_words(table: Table) -> None:
    def thin(rows: list[list[float]]) -> None:
        rows[:] = rows[::5]

    with pytest.raises(RecordingError, match=r"a 10 Hz dual4 low-pass needs a rate above 20 Hz, not 10 Hz"):
        analyse(table(thin), Plan(units="mm", recipe="quijoux-native"))


def test_a_recording_without_positions_is_refused(table: Table) -> None:
    with pytest.raises(RecordingError, match="has no CoP"):
        analyse(table(), Plan(columns={"t": "t", "fz": "fz"}))


def test_a_bad_file_stops_none_of_the_others(table: Table, tmp_path: Path) -> None:
    results = list(analyse_all([tmp_path / "absent", table()], Plan(units="mm")))
    assert results[0] == Unreadable(str(tmp_path / "absent"), f"{tmp_path}/absent: there is no such file")
    assert isinstance(results[1], Analysis)


def test_many_files_share_the_cores_and_keep_their_order(table: Table, tmp_path: Path) -> None:
    first = table()
    paths = [Path(shutil.copy(first, tmp_path / f"{i}.csv")) for i in range(POOL_FROM)]
    results = list(analyse_all(paths, Plan(units="mm")))
    assert [result.file for result in results] == [str(path) for path in paths]
