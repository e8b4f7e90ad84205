"""Norm files: what is wrong with one is said, and a clinic's own takes the place of a shipped one."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from otolith.service.errors import NormError
from otolith.service.norms.bds import FILE
from otolith.service.norms.file import load_norm, norms, written

SCHEMA = Path(__file__).parents[3] / "docs" / "reference" / "norm.schema.json"
DAMAGES: list[tuple[dict[str, Any], str]] = [
    ({"rate_hz": -1}, "rate_hz"),
    ({"licence": ""}, "licence"),
    ({"surprise": 1}, "surprise"),
    ({"format": "otolith-norm/2"}, "format"),
    ({"entries": []}, "entries"),
]


@pytest.fixture
def given() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FILE.read_text())
    return content


def write(folder: Path, content: Any) -> Path:
    path = folder / "norms" / "own.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_a_bad_file_is_refused_with_the_place(
    tmp_path: Path, given: dict[str, Any], damage: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NormError, match=reason):
        load_norm(write(tmp_path, given | damage))


def test_the_published_schema_accepts_what_ships_and_what_is_written_and_refuses_the_same_as_the_station(
    given: dict[str, Any],
) -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    validator.validate(given)
    validator.validate(json.loads(written(load_norm(FILE))))
    assert not any(validator.is_valid(given | damage) for damage, _ in DAMAGES)


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
