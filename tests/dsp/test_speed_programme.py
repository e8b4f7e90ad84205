"""The speed programme runs, finds its races and says what it measured; how fast is not a test's business."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_race_is_found_by_name_and_reported_as_json() -> None:
    command = [sys.executable, "-m", "tests.speed", "--json", "--only", "one sample from python"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    report = json.loads(done.stdout)
    assert set(report["machine"]) >= {"processor", "kernels", "python", "numpy"}
    [result] = report["results"]
    assert result["name"] == "push of one sample from Python"
    assert result["ours_ns"] > 0
    assert abs(result["speedup"] - result["peer_ns"] / result["ours_ns"]) < 1e-9
    assert done.returncode == (0 if result["met"] else 1)
