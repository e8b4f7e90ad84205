"""``otolith norms`` from the outside: what ships, a picture, a bad file, a station that has no records."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from otolith.api.cli import load
from otolith.api.cli.norms import norms
from otolith.service.errors import NormError
from otolith.service.norms.bds import FILE


def test_what_ships_is_shown_and_drawn(tmp_path: Path) -> None:
    picture = tmp_path / "bands.png"
    shown = CliRunner().invoke(norms, ["show", "bds-2016", "--plot", str(picture), "--json"])
    assert shown.exit_code == 0, shown.output
    assert '"bds-2016"' in shown.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_good_file_is_fine_and_a_bad_one_is_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{")
    assert "fine" in CliRunner().invoke(norms, ["check", str(FILE)]).output
    assert isinstance(CliRunner().invoke(norms, ["check", str(bad)]).exception, NormError)


@pytest.mark.parametrize(
    ("ages", "reason"), [("18-60", "no finished run"), ("old", "such as 18-60"), ("60-18-3", "such as 18-60")]
)
def test_a_station_without_records_has_no_norm(tmp_path: Path, ages: str, reason: str) -> None:
    config = tmp_path / "station.toml"
    config.write_text(f'folder = "{tmp_path / "data"}"\n')
    given = ["build", "romberg", "--id", "ours", "--ages", ages, "--config", str(config)]
    failed = CliRunner().invoke(norms, given)
    assert reason in str(failed.exception)


def test_the_command_is_listed() -> None:
    assert set(load("norms").commands) == {"list", "show", "check", "build"}
