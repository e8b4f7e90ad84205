"""What docs/programs.md shows is run as it stands there."""

import re
import shlex
import sys
from pathlib import Path

import pytest

from otolith.api.cli import main
from otolith.service.programs.axes import RUNG, TASK
from otolith.service.programs.catalogue import load_program
from otolith.service.programs.program import Axis

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "programs.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_the_commands_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for line in "".join(blocks("console")).splitlines():
        monkeypatch.setattr(sys, "argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0
        assert capsys.readouterr().out


def test_the_file_is_fine(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    path = tmp_path / "shown.toml"
    path.write_text(text, encoding="utf-8")
    assert len(load_program(path).rungs) == 2


def test_the_python_runs() -> None:
    (code,) = blocks("python")
    exec(compile(code, "docs/programs.md", "exec"), {})  # noqa: S102 - the page's own snippet is what is tested


def test_the_table_of_axes_has_every_axis_with_its_settings() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .* \| (.*) \|$", PAGE, re.MULTILINE))
    assert set(rows) == set(Axis)
    for axis, text in rows.items():
        settings = {name for name, axes in TASK.items() if axis in axes} - {"ml_mm", "ap_mm", "motion", "size", "shape"}
        settings |= {name for (name,), axes in RUNG.items() if axis in axes}
        assert settings <= set(re.findall(r"`(\w+)`", text))
