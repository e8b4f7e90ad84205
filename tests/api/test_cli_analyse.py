"""``otolith analyse`` as a user meets it: what it prints, what it says, how it ends."""

import csv
import io
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from otolith.api.cli.analyse import analyse

LIBRARY = Path(__file__).parents[2] / "drivers/replay/library"
TRIAL = str(LIBRARY / "BDS00001.txt.gz")
MAP = ["--columns", "t=Time[s],ml=COPy[cm],ap=COPx[cm]", "--units", "cm"]

APP = typer.Typer()
APP.command()(analyse)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(APP, list(arguments), env={"COLUMNS": "200", "NO_COLOR": "1"})
    return result.exit_code, result.stdout, result.stderr


def test_json_is_one_object_per_file_and_line() -> None:
    code, out, _ = run(TRIAL, str(LIBRARY / "BDS00004.txt.gz"), *MAP, "--recipe", "raw", "--segment", "0:30", "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 0
    assert (first["file"], first["rate_hz"], first["n"], first["recipe"]) == (TRIAL, 100.0, 3000, "raw")
    assert first["metrics"]["range_ap"]["unit"] == "cm"
    assert first["metrics"]["range_ap"]["definition"] == "range_ap/1"
    assert second["metrics"]["range_ap"]["value"] != first["metrics"]["range_ap"]["value"]


def test_a_bad_file_is_an_object_too_and_ends_with_4(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("Time[s]\tCOPx[cm]\tCOPy[cm]\n0.01\tx\t1\n")
    code, out, _ = run(str(bad), TRIAL, *MAP, "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 4
    assert first == {"file": str(bad), "error": f"{bad}, line 2, column 'COPx[cm]': 'x' is not a number"}
    assert "metrics" in second


def test_csv_is_one_row_per_file(tmp_path: Path) -> None:
    code, out, _ = run(TRIAL, str(tmp_path / "absent"), *MAP, "--csv", "--recipe", "raw")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 4
    assert float(rows[0]["path_length [cm]"]) == pytest.approx(37.21139469937318)
    assert rows[1]["error"].endswith("there is no such file")


def test_without_a_format_it_is_a_table_for_people(tmp_path: Path) -> None:
    code, out, err = run(TRIAL, str(tmp_path / "absent"), *MAP, "--segment", ":5")
    assert code == 4
    assert "95 % prediction ellipse area" in out
    assert "mean_power_frequency needs at least 10 s" in out
    assert "5 s is short" in out
    assert "there is no such file" in err


def test_a_number_that_is_not_defined_is_null(tmp_path: Path) -> None:
    still = tmp_path / "still.csv"
    still.write_text("t,ml,ap\n" + "".join(f"{i / 50},1,2\n" for i in range(100)))
    code, out, _ = run(str(still), "--units", "mm", "--recipe", "raw", "--json")
    assert code == 0
    assert json.loads(out)["metrics"]["mean_frequency"]["value"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--columns", "ml"], "cannot read the column map at 'ml'"),
        (["--units", "inch"], "--units is one of mm, cm, m, not 'inch'"),
        (["--rate", "0"], "--rate is a positive number"),
        (["--segment", "30"], "--segment is start:stop in seconds"),
        (["--segment", "b:c"], "--segment is start:stop in seconds"),
        (["--recipe", "soup"], "no recipe is called 'soup': there are ispgr, raw"),
        (["--set", "best"], "no set of metrics is called 'best': there are core"),
        (["--json", "--csv"], "choose one of --json and --csv"),
    ],
)
def test_bad_use_is_told_before_any_file_is_read(arguments: list[str], sentence: str) -> None:
    code, out, err = run(TRIAL, *arguments)
    assert (code, out) == (2, "")
    assert sentence in " ".join(err.replace("│", " ").split())


def test_help_teaches_with_an_example() -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert "otolith analyse trial.txt --columns t=Time,ml=COPy,ap=COPx --units cm --segment 0:30" in out


def test_who_stands_there_and_how_sure_it_is_may_be_said() -> None:
    base = "-120,-120 120,-120 120,140 -120,140"
    known = ["--stature", "1.7", "--base", base, "--cop-noise", "0.05", "--set", "all", "--segment", "0:30"]
    code, out, _ = run(TRIAL, *MAP, *known, "--json")
    found = json.loads(out)["metrics"]
    assert code == 0
    assert found["cog_rms_AP"]["value"] < found["rms_ap"]["value"]
    assert found["ttb_linear_mean"]["value"] > 0.0
    assert found["mean_velocity"]["noise_bias"] > 0.0
    assert found["mean_velocity"]["uncertainty"] > 0.0
    assert set(found["hull_area"]) == {"value", "unit", "definition"}
    _, table, _ = run(TRIAL, *MAP, "--cop-noise", "0.05")
    assert "±" in table


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--stature", "0"], "--stature is a positive number, not 0"),
        (["--gain", "-1"], "--gain is a positive number, not -1"),
        (["--base", "1,2 3"], "corners x,y separated by spaces"),
        (["--base", "1,2 3,4"], "three or more corners, not 2"),
    ],
)
def test_impossible_circumstances_are_bad_use(arguments: list[str], sentence: str) -> None:
    code, _, err = run(TRIAL, *MAP, *arguments)
    assert code == 2
    assert sentence in " ".join(err.replace("│", " ").split())
