"""The endurance run, short and with few boards: every sample is checked, and nothing about time."""

import json
import subprocess
import sys
from pathlib import Path


def test_three_boards_in_one_station_lose_and_repeat_nothing() -> None:
    command = [sys.executable, "-m", "tests.speed.endurance", "--minutes", "0.05", "--plates", "2", "--boards", "1"]
    root = Path(__file__).parents[2]
    done = subprocess.run([*command, "--json"], cwd=root, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found.pop("samples") > 1000
    assert found == {"boards": 3, "up": 3, "lost": 0, "again": 0, "foreign": 0, "declared": 0, "misnumbered": 0}
