"""``otolith convert``: what it says, what it refuses."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from otolith.api.cli import app

ROWS = "t,x,y,f\n" + "".join(f"{i / 50},{i % 7},{i % 5},700\n" for i in range(100))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "trial.txt"
    path.write_text(ROWS)
    return path


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["convert", *arguments])
    return result.exit_code, result.output + (str(result.exception) if result.exception else "")


MAP = ("--columns", "t=t,ml=x,ap=y,fz=f", "--units", "cm")


def test_a_table_becomes_a_file_beside_it_once(table: Path) -> None:
    status, said = run(str(table), "--to", "c3d", *MAP)
    assert status == 0
    assert "100 samples, ml, ap, fz" in said
    assert table.with_suffix(".c3d").read_bytes()[1] == 0x50
    status, said = run(str(table), "--to", "c3d", *MAP)
    assert "trial.c3d exists already; choose another --out, or say --force" in said
    assert run(str(table), "--to", "c3d", "--force", *MAP)[0] == 0


def test_a_bids_data_set_is_a_folder(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    status, _ = run(str(table), "--to", "bids", "--out", str(out), "--subject", "07", *MAP)
    assert status == 0
    assert sorted(path.name for path in (out / "sub-07/beh").iterdir()) == [
        "sub-07_task-balance_recording-forceplate_physio.json",
        "sub-07_task-balance_recording-forceplate_physio.tsv.gz",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--to", "c3e"), "did you mean c3d?"),
        (("--to", "csv", "--columns", "nonsense"), "cannot read the column map"),
        (("--to", "csv"), "say which column is which"),
        (("--to", "csv", "--plate", "1"), "--plate chooses a plate of a C3D file, and this is none"),
        (("--to", "csv", "--out", "nowhere/out.csv", *MAP), "there is no folder nowhere"),
        (("--to", "bids", "--task", "eyes closed", *MAP), "letters and digits only"),
    ],
)
def test_bad_use_is_told(table: Path, arguments: tuple[str, ...], words: str) -> None:
    status, said = run(str(table), *arguments)
    assert status != 0
    assert words in " ".join(said.replace("│", " ").split())
    assert list(table.parent.iterdir()) == [table]
