"""The README's commands are run as they stand there; those that serve until stopped are asked for their help."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parent.parent / "README.md"
UNTIL_STOPPED = {"serve", "watch"}


def commands() -> list[list[str]]:
    """Every line of the README that begins with ``otolith``, as words, without its comment."""
    lines = [line for line in README.read_text().splitlines() if line.startswith("otolith ")]
    return [shlex.split(line, comments=True)[1:] for line in lines]


def test_the_readme_shows_commands() -> None:
    assert {words[0] for words in commands()} >= {"serve", "boards", "watch", "record", "analyse", "doctor"}


@pytest.mark.timeout(300)
def test_the_readme_commands_run_in_their_order(tmp_path: Path) -> None:
    for words in commands():
        given = [words[0], "--help"] if words[0] in UNTIL_STOPPED else words
        command = [sys.executable, "-m", "otolith", *given]
        env = os.environ | {"XDG_STATE_HOME": str(tmp_path / "state")}  # what one run keeps must not meet the next
        run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert run.returncode == 0, f"{' '.join(words)}: {run.stderr}"
