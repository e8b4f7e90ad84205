"""What docs/programs.md shows is run as it stands there."""

import os
import re
import shlex
import subprocess
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


def test_the_commands_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for line in "".join(blocks("console")).splitlines():
        monkeypatch.setattr(sys, "argv", shlex.split(line))
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0
        assert capsys.readouterr().out


@pytest.mark.slow  # two sets in real time; tests/api/test_enrolments_api.py has the same way without waiting
@pytest.mark.broker
@pytest.mark.timeout(180)
def test_the_way_on_a_station_is_as_it_stands_there(tmp_path: Path) -> None:
    command = tmp_path / "otolith"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m otolith "$@"\n')
    command.chmod(0o755)
    env = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "XDG_STATE_HOME": str(tmp_path / "home")}
    script = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "".join(blocks("sh"))  # nothing is left behind
    words = ["timeout", "160", "bash", "-mec", script]
    run = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=170, check=False)
    assert run.returncode == 0, run.stderr
    said = run.stdout.splitlines()
    for sentence in re.findall(r"`(2 of the last 2 [^`]*|„[^`]*“|somebody has changed [^`]*)`", PAGE):
        assert any(line.startswith(sentence) for line in said), sentence
    assert sum('"kind":"set"' in line for line in said) == 2


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
