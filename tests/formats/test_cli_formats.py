"""``otolith analyse`` over every format: options reach their reader, and what was decided is said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from typer.testing import CliRunner

from otolith.api.cli.analyse import analyse

APP = typer.Typer()
APP.command()(analyse)
Person = Callable[..., NDArray[np.float64]]


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(APP, [*arguments, "--json"])
    found: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, found


def test_platforms_are_combined_unless_one_is_named(lab: Any, person: Person, tmp_path: Path) -> None:
    path = str(lab([2, 3], [person(2), person(3, seed=1)]).write(tmp_path / "trial.c3d"))
    code, both = run(path)
    assert code == 0
    assert both["warnings"][0] == "force platforms 1 to 2 were combined into one"
    _, second = run(path, "--plate", "2", "--columns", "ml=y,ap=-x", "--units", "cm")
    assert second["warnings"][:2] == ["force platform 2 of 2 was used", "ml is the lab's y, ap its -x"]
    assert second["metrics"]["path_length"]["unit"] == "cm"
    _, straight = run(path, "--plate", "2")
    assert straight["metrics"]["range_ml"]["value"] == pytest.approx(10 * second["metrics"]["range_ap"]["value"])


def test_a_segment_of_a_c3d_file_is_cut_by_its_own_rate(lab: Any, person: Person, tmp_path: Path) -> None:
    path = lab([2], [person(2)]).write(tmp_path / "trial.c3d")
    code, found = run(str(path), "--segment", "0.5:2", "--recipe", "raw")
    assert (code, found["n"], found["rate_hz"]) == (0, 1500, 1000.0)


def test_a_stream_is_named(xdf_file: Callable[..., Path]) -> None:
    pytest.importorskip("pyxdf", reason="no pyxdf: pip install 'otolith[xdf]'")
    t = np.arange(2000) / 50
    stream = {"type": "CoP", "labels": ["x", "y"], "units": ["mm", "mm"], "rate": 50, "t": t}
    circle = np.column_stack([np.sin(t), np.cos(t)])
    path = str(xdf_file(stream | {"name": "a", "values": circle}, stream | {"name": "b", "values": 3 * circle}))
    code, found = run(path, "--stream", "b", "--columns", "ml=x,ap=y", "--recipe", "raw")
    assert code == 0
    assert found["metrics"]["range_ml"]["value"] == pytest.approx(6, rel=1e-3)
    code, found = run(path, "--columns", "ml=x,ap=y")
    assert code == 4
    assert "say which stream, with --stream" in found["error"]


@pytest.mark.parametrize(("option", "value", "kind"), [("--plate", "1", "C3D"), ("--stream", "a", "XDF")])
def test_options_of_one_format_are_refused_by_the_others(tmp_path: Path, option: str, value: str, kind: str) -> None:
    path = tmp_path / "trial.csv"
    path.write_text("t,ml,ap\n" + "".join(f"{i / 50},{i % 7},{i % 5}\n" for i in range(2000)))
    code, found = run(str(path), "--units", "mm", option, value)
    assert code == 4
    assert f"{kind} file, and this is none" in found["error"]


@pytest.mark.parametrize("name", ["trial.c3d", "trial.parquet", "trial.xdf"])
@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n"])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    code, found = run(str(path))
    assert code == 4
    assert found["error"].startswith(f"{path}: ")
    assert any(word in found["error"] for word in ("empty", "not a", "damaged or cut short"))
