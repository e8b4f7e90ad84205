"""Program files: those that ship say what they should, and a bad one is refused with line and reason."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from otolith.service.challenges.catalogue import SHIPPED as CHALLENGES
from otolith.service.config_sources import read_file
from otolith.service.errors import ProgramError, ProgramRefused, UnknownProgram
from otolith.service.programs.catalogue import SHIPPED, load_program, programs, trainable
from otolith.service.programs.check import complaints
from otolith.service.programs.mirror import mirrored
from otolith.service.programs.program import Axis, Program

FILES = sorted(SHIPPED.glob("*.toml"))
REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
KINDS = ({"hold", "keep", "stand"}, {"shift"}, {"trace"}, {"squat", "step", "reach"}, {"load"}, {"react"}, {"free"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_program_has_every_kind_of_exercise_and_calls_its_figures_unverified(path: Path) -> None:
    found = load_program(path)
    assert found.id == path.stem
    assert 8 <= len(found.rungs) <= 14
    kinds = {rung.task.kind for rung in found.rungs}
    assert all(kinds & one for one in KINDS)
    assert found.status == "unverified"
    assert "no medical advice" in found.description.en
    assert len(found.sources) >= 2


def test_the_shipped_programs_together_use_every_axis_and_every_path() -> None:
    rungs = [rung for path in FILES for rung in load_program(path).rungs]
    assert {rung.axis for rung in rungs} == {None, *Axis}
    paths = {rung.task.path for rung in rungs if rung.task.kind == "trace"}
    assert paths == {"line", "diagonal", "circle", "figure-of-eight", "free"}
    assert len(FILES) == 5


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_mirrored_program_makes_sense_and_mirrored_again_is_itself(path: Path) -> None:
    found = load_program(path)
    other = mirrored(found)
    assert list(complaints(other)) == []
    assert mirrored(other) == found
    assert (other == found) == (not found.affected)


@pytest.mark.parametrize(("schema", "folder"), [("challenge", CHALLENGES), ("program", SHIPPED)])
def test_the_published_schemas_accept_what_ships_and_refuse_what_is_no_setting(schema: str, folder: Path) -> None:
    validator = jsonschema_rs.validator_for(json.loads((REFERENCE / f"{schema}.schema.json").read_text()))
    for path in folder.glob("*.toml"):
        validator.validate(read_file(path).values)
        assert not validator.is_valid(read_file(path).values | {"colour": "red"})


GOOD = (SHIPPED / "vestibular.toml").read_text()
BAD = {
    "an unknown setting": ('task = { kind = "stand" }', 'task = { kind = "stand", legs = 3 }', "no such setting"),
    "no TOML": ('id = "vestibular"', 'id = "vestibular', "line 4: Illegal character"),
    "two axes": ('eyes = "closed"\n', 'eyes = "closed"\nduration_s = 60\n', "duration_s belongs to tempo"),
    "another axis": ('axis = "tempo"', 'axis = "path"', "nothing of path differs"),
    "easier": ("duration_s = 45", "duration_s = 45\neyes = 'closed'", "eyes belongs to proprioception"),
    "twice": ('id = "longer"', 'id = "stand"', "two rungs are called 'stand'"),
    "a blind target": ('id = "circle"', 'id = "circle"\neyes = "closed"', "has a target that must be seen"),
    "too many targets": ("targets = 7", "targets = 20", "can take 80 s to appear"),
    "too long a lap": ("period_s = 10, band", "period_s = 40, band", "one round takes 40 s"),
    "an impossible path": ('path = "circle"', 'path = "free"', "a free path runs through 3 points"),
    "limits upside down": ("stop_from = 7", "stop_from = 3", "the limits of the symptoms rise"),
    "no way to the foam": ("static_hold_s = 15", "static_hold_s = 50", "nobody gets here"),
    "a first axis": ('id = "stand"', 'id = "stand"\naxis = "path"', "the first rung is harder than nothing"),
    "no axis": ('axis = "tempo"', "", "say along which axis"),
    "never back": ("failures = 4", "failures = 9", "nobody is led back after 9 failures: 8 repetitions lead on before"),
    "words missing": ('name = { en = "Stand", de = "Stehen", fr = "Debout" }', 'name = { en = "Stand" }', "required"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_bad_file_is_refused_with_its_line_and_the_reason(name: str, tmp_path: Path) -> None:
    old, new, reason = BAD[name]
    assert old in GOOD
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ProgramError, match=r"bad\.toml, line \d+") as refusal:
        load_program(path)
    assert reason in str(refusal.value)


def test_the_line_is_that_of_the_mistake(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(GOOD.replace("targets = 7", "targets = 20"))
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "targets = 20" in text)
    with pytest.raises(ProgramError, match=f"line {line}: 20 targets"):
        load_program(path)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"x" * 2_000_000, b"rungs = 3"])
def test_what_is_no_program_at_all_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(ProgramError, match=r"odd\.toml"):
        load_program(path)


def test_a_clinics_own_file_stands_beside_the_shipped_ones_and_a_bad_one_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "own.toml").write_text(GOOD.replace('id = "vestibular"', 'id = "ours"'))
    (tmp_path / "programs" / "bad.toml").write_text("id = 3")
    found = programs(tmp_path)
    assert found.own == {"ours"}
    assert set(found.programs) == {"ours", *(path.stem for path in FILES)}
    assert "bad.toml" in found.problems[0]
    with pytest.raises(UnknownProgram, match="did you mean vestibular"):
        found.program("vestibula")


def test_several_axes_may_change_where_the_program_says_so(program: Callable[..., Program]) -> None:
    rungs: tuple[dict[str, Any], ...] = (
        {"id": "one"},
        {"id": "two", "axis": "tempo", "duration_s": 60, "eyes": "closed", "stance": "tandem"},
    )
    assert len(list(complaints(program(*rungs)))) == 2
    assert not list(complaints(program(*rungs, several_axes=True)))


def test_what_is_eased_may_not_be_harder(program: Callable[..., Program]) -> None:
    rungs: tuple[dict[str, Any], ...] = (
        {"id": "one"},
        {"id": "two", "axis": "tempo", "duration_s": 60, "eased": ["proprioception"], "eyes": "closed"},
    )
    ((_, why),) = complaints(program(*rungs))
    assert why == "'two' is harder along proprioception, and says that it is eased"


@pytest.mark.parametrize(
    ("before", "after", "axis"),
    [
        ({"eyes": "closed"}, {"eyes": "open"}, "proprioception"),
        ({"surface": {"kind": "foam"}}, {"surface": {"kind": "firm"}, "eyes": "closed"}, "proprioception"),
        ({"stance": "tandem"}, {"stance": "double"}, "weight-bearing"),
        ({"feedback": {"mode": "none"}}, {"feedback": {"mode": "full"}}, "feedback"),
        ({"task": {"kind": "load", "newtons": 50}}, {"task": {"kind": "load", "newtons": 40}}, "resistance"),
        (
            {"task": {"kind": "trace", "path": "circle", "width_mm": 50, "height_mm": 50, "period_s": 8}},
            {"task": {"kind": "trace", "path": "line", "width_mm": 50, "height_mm": 50, "period_s": 8}},
            "path",
        ),
    ],
)
def test_a_rung_that_is_easier_along_its_own_axis_is_refused(
    program: Callable[..., Program], before: dict[str, Any], after: dict[str, Any], axis: str
) -> None:
    found = program({"id": "one", **before}, {"id": "two", "axis": axis, **after}, gate={"static_hold_s": 0})
    assert [why for _, why in complaints(found)] == [f"'two' is easier along {axis} than the rung before"]


def test_a_program_that_needs_a_platform_is_refused_with_the_rungs(program: Callable[..., Program]) -> None:
    tilting = {"kind": "tilting-compliant", "level": 8}
    found = program({"id": "open"}, {"id": "tilting", "axis": "proprioception", "surface": tilting})
    with pytest.raises(ProgramRefused, match=r"driven platform \(tilting\)"):
        trainable(found)
