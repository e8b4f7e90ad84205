"""Norm files: what is wrong with one is said, and a clinic's own takes the place of a shipped one."""

import json
from pathlib import Path
from typing import Any

import pytest

from otolith.service.errors import NormError
from otolith.service.norms.bds import FILE
from otolith.service.norms.file import load_norm, norms


@pytest.fixture
def given() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content


def write(folder: Path, content: Any) -> Path:
    path = folder / "norms" / "own.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ({"rate_hz": -1}, "rate_hz"),
        ({"licence": ""}, "licence"),
        ({"surprise": 1}, "surprise"),
        ({"format": "otolith-norm/2"}, "format"),
        ({"entries": []}, "entries"),
    ],
)
def test_a_bad_file_is_refused_with_the_place(
    tmp_path: Path, given: dict[str, Any], damage: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NormError, match=reason):
        load_norm(write(tmp_path, given | damage))


def test_percentiles_that_fall_are_refused(tmp_path: Path, given: dict[str, Any]) -> None:
    given["entries"][0]["bands"][0]["percentiles"].reverse()
    with pytest.raises(NormError, match="do not rise"):
        load_norm(write(tmp_path, given))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 20000, '{"format": 1e999}'])
def test_what_is_no_norm_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(NormError):
        load_norm(write(tmp_path, text))


def test_a_clinics_own_comes_beside_or_instead_and_a_bad_one_is_left_out(tmp_path: Path, given: dict[str, Any]) -> None:
    write(tmp_path, given | {"name": "ours"})
    (tmp_path / "norms" / "broken.json").write_text("{")
    found = norms(tmp_path)
    assert found.norm("bds-2016").name == "ours"
    assert "broken.json, line 1" in found.problems[0]
    with pytest.raises(NormError, match="there are bds-2016"):
        found.norm("elsewhere")
