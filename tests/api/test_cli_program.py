"""``otolith program``: lists, checks, draws and rehearses."""

import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]
SHIPPED = ("ankle-sprain-return", "athlete-single-leg", "fall-prevention", "stroke-weight-shift", "vestibular")


@pytest.fixture
def run(run: Run) -> Run:
    """Exit status, standard output and standard error of ``otolith program …``."""
    return partial(run, "program")


def test_the_list_has_what_ships_and_says_that_it_is_no_medical_advice(run: Run) -> None:
    _, out, _ = run("list")
    assert all(name in out for name in SHIPPED)
    assert out.count("no medical advice") == len(SHIPPED)
    assert [one["id"] for one in json.loads(run("list", "--json")[1])] == list(SHIPPED)


def test_the_ladder_is_drawn_with_its_hardest_rung_on_top_in_the_language_asked_for(run: Run) -> None:
    _, out, _ = run("show", "stroke-weight-shift")
    rungs = re.findall(r"├────┤\s+(\d+)", out)
    assert rungs == [str(n) for n in range(14, 0, -1)]
    assert "▲ resistance" in out
    assert "▽ proprioception" in out
    assert "Auf dem Stuhl" in run("show", "stroke-weight-shift", "--language", "de")[1]
    assert run("show", "vestibular", "--language", "it")[0] == 2
    status, _, error = run("show", "vestibulum")
    assert (status, "did you mean vestibular" in error) == (2, True)


def test_a_file_is_checked(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('format = "otolith-program/1"\nid = 3\n')
    status, _, error = run("check", str(path))
    assert status == 4
    assert "mine.toml, line 2: id" in error


def test_a_course_is_told_as_json_and_as_a_table(run: Run) -> None:
    short = ("course", "stroke-weight-shift", "--weeks", "0.4", "--person", "improves", "--brisk")
    _, out, _ = run(*short, "--json")
    found = json.loads(out)
    assert (found["simulated"], found["brisk"], found["sessions"]) == (True, True, ["visit-1", "visit-2"])
    assert len(found["sets"]) == 6
    assert {"outcome", "rule", "because", "by", "inputs"} <= found["decisions"][0].keys()
    _, out, _ = run(*short, "--language", "fr")
    assert "SIMULATED, shortened" in out
    assert "Commence par" in out


def test_a_course_is_simulated_and_by_somebody_there_is(run: Run) -> None:
    status, _, error = run("course", "vestibular", "--board", "usb:06c2:003b")
    assert (status, "a course is simulated" in error) == (2, True)
    status, _, error = run("course", "vestibular", "--person", "nobody")
    assert (status, "there are improves" in error) == (2, True)


SHORT = """
format = "otolith-program/1"
id = "short"
name = { en = "Short", de = "Kurz", fr = "Court" }
description = { en = "x", de = "x", fr = "x" }
for_whom = { en = "x", de = "x", fr = "x" }
sources = ["nobody"]
sets_per_session = 2
gate = { kind = "error", passed = 2, of = 2 }
[[rungs]]
id = "open"
name = { en = "Open", de = "Offen", fr = "Ouverts" }
task = { kind = "hold" }
duration_s = 2
[[rungs]]
id = "closed"
name = { en = "Closed", de = "Zu", fr = "Fermés" }
axis = "proprioception"
eyes = "closed"
task = { kind = "hold" }
duration_s = 2
"""
SIM = "sim:btracks?load=script:sway"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder for records, with a short program of its own."""
    own = tmp_path / "kept" / "programs"
    own.mkdir(parents=True)
    (own / "short.toml").write_text(SHORT, encoding="utf-8")
    return tmp_path / "kept"


def test_a_visit_goes_on_where_the_last_one_ended(run: Run, kept: Path) -> None:
    visit = ("run", "short", "--board", SIM, "--person", "p-1", "--yes", "--out", str(kept), "--json")
    first = json.loads(run(*visit)[1])
    assert (first["simulated"], first["before"], first["rung"], first["left"]) == (True, "open", "closed", 0)
    assert [one["outcome"] for one in first["decisions"]] == ["stay", "advance"]
    assert first["next"] == "“Closed”"
    second = json.loads(run(*visit, "--felt", "dizziness=5")[1])
    assert (second["enrolment"], second["before"], second["rung"]) == (first["enrolment"], "closed", "open")
    assert second["session"] > first["session"]
    assert second["decisions"][0]["because"].startswith("Dizziness was 5 of 10")
    status, out, _ = run(*visit[:-1], "--language", "fr")
    assert (status, "SIMULATED" in out, "2 sets: on rung" in out) == (0, True, True)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--board", "usb:06c2:003b", "--yes"), "for simulated boards"),
        (("--board", SIM), "say who comes"),
        (("--board", SIM, "--brisk", "--person", "p-1"), "for simulated visits in virtual time"),
        (("--board", SIM, "--yes", "--side", "up"), "left or right"),
        (("--board", SIM, "--yes", "--side", "left"), "has no affected side"),
        (("--board", SIM, "--yes", "--felt", "pain"), "like pain=3"),
        (("--board", SIM, "--yes", "--felt", "pain=11"), "from 0 (none) to 10"),
        (("--board", SIM, "--yes", "--felt", "boredom=1"), "nobody asks for 'boredom'"),
        (("--board", "sim:btracks?load=recording:BDS00001", "--yes"), "nobody who does what is asked"),
    ],
)
def test_a_visit_that_cannot_be_says_why(run: Run, kept: Path, more: tuple[str, ...], says: str) -> None:
    status, out, error = run("run", "short", "--folder", str(kept), *more)
    assert (status, out, says in error) == (2, "", True), error
