"""``otolith calibrate`` as a person or a script calls it: twins whose cells are off are found out."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from otolith.api.cli import main
from otolith.api.cli.calibration_plot import maps
from otolith.api.cli.calibration_report import markdown, page
from otolith.api.cli.plate_picture import plate_picture
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE
from otolith.service.calibrating.report import Coefficient, Report, Residual, SurfaceReport

Run = Callable[..., tuple[int, str, str]]
FACTORS = (1.02, 0.99, 1.013, 0.985)
OFF = f"sim:btracks?rev=1&load=weights:{','.join(map(str, FACTORS))}"
QUICK = ("--weights", "30,50", "--places", "3", "--settle", "0.05", "--average", "0.1", "--gravity", "9.81", "--yes")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Exit status, standard output and standard error of ``otolith …``."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("TERMINAL_WIDTH", "100")

    def run(*args: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["otolith", *args])
        status = 0
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        return status, *capsys.readouterr()

    return run


def calibrated(run: Run, *args: str) -> dict[str, Any]:
    status, out, err = run("calibrate", *QUICK, *args, "--json")
    assert status == 0, err
    found: dict[str, Any] = json.loads(out)
    return found


def test_a_twin_that_is_off_is_found_out_and_right_afterwards(run: Run, tmp_path: Path) -> None:
    found = calibrated(run, OFF, "--places", "5", "--report", str(tmp_path / "report.html"))
    for one, factor in zip(found["coefficients"], FACTORS, strict=True):
        assert abs(one["value"] - NOMINAL_SLOPE / factor) < 3.0 * one["u"]
        assert one["u"] < 4e-3 * NOMINAL_SLOPE
    assert found["simulated"] is True
    assert "<svg" in (tmp_path / "report.html").read_text()
    status, out, err = run("calibrate", OFF, "--check", *QUICK, "--json")
    assert status == 0, err
    assert json.loads(out)["passed"] is True
    status, out, _ = run("calibrate", "list", "--json")
    assert [(line["board"], line["version"]) for line in json.loads(out)] == [("phidget-bridge-100001", 1)]
    status, out, _ = run("calibrate", "show", "phidget-bridge-100001", "--json")
    assert json.loads(out)["hash"] == found["hash"]
    status, out, _ = run("watch", OFF, "--seconds", "1.3", "--json")
    assert json.loads(out.splitlines()[0])["board"]["calibrated"]["hash"] == found["hash"]
    true = OFF.partition("weights")[0] + "weights:true"
    status, _, err = run("calibrate", true, "--check", *QUICK)
    assert status == 4
    assert "calibrate the board again" in err


def test_a_plate_of_ours_is_calibrated_too(run: Run, tmp_path: Path) -> None:
    found = calibrated(run, "sim:ofp?load=weights:1,1.03,1,0.98", "--report", str(tmp_path / "report.md"))
    assert found["kind"] == "linear"
    gains = [2.5e-4 * (1.0 + 0.01 * k) / factor for k, factor in enumerate((1.0, 1.03, 1.0, 0.98))]
    for one, gain in zip(found["coefficients"], gains, strict=True):
        assert abs(one["value"] - gain) < 3.0 * one["u"]
    assert "| FR |" in (tmp_path / "report.md").read_text()


def test_a_file_that_was_changed_is_signed_again(run: Run, tmp_path: Path) -> None:
    calibrated(run, OFF)
    path = tmp_path / "otolith" / "calibrations" / "phidget-bridge-100001" / "0001.toml"
    path.write_text(path.read_text().replace('note = ""', 'note = "cell FR replaced"'))
    status, _, err = run("calibrate", "show", "phidget-bridge-100001")
    assert status == 4
    assert "not what was signed" in err
    status, out, _ = run("calibrate", "sign", str(path), "--note", "cell FR replaced, see the log")
    assert status == 0
    assert "sha256:" in out
    status, out, _ = run("calibrate", "show", str(path))
    assert status == 0
    assert 'note = "cell FR replaced, see the log"' in out


@pytest.mark.parametrize(
    ("args", "status", "words"),
    [
        (("sim:btracks?load=constant:0", "--yes"), 3, "load=weights:true"),
        ((OFF, "--weights", "five"), 2, "numbers with commas"),
        ((OFF, "--places", "12"), 2, "1 to 9 places"),
        ((OFF, "--places", "1;2"), 2, "numbers with commas"),
        ((OFF, "--gravity", "1.6"), 2, "on Earth"),
        ((OFF, "--gravity", "9.8", "--latitude", "1"), 2, "not both"),
        ((OFF, "--report", "x.pdf"), 2, ".html, .md, .png"),
        ((OFF, "--plan", "none.toml"), 4, "No such file"),
        ((OFF, "--places", "0,0", "--yes"), 4, "add a weight off the middle"),
        ((OFF, "--resume"), 3, "no procedure of this board is under way"),
        (("show", "nobody"), 4, "no calibration of nobody"),
        (("sim:btracks?load=weights:1,2",), 3, "4 factors"),
    ],
)
def test_what_cannot_be_is_said_in_plain_words(run: Run, args: tuple[str, ...], status: int, words: str) -> None:
    ended, _, err = run("calibrate", *args)
    assert words in err
    assert ended == status


def test_somebody_at_the_keyboard_stops(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(["?", "s", "q"])
    monkeypatch.setattr(Console, "input", lambda *_: next(said))
    status, out, err = run("calibrate", OFF)
    assert (status, "stopped; nothing is kept" in err) == (2, True)
    assert "Step 2 of 31" in out
    assert "Put 5 kg on middle." in out


def test_nobody_at_the_keyboard_is_told_of_yes(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> str:
        raise EOFError

    monkeypatch.setattr(Console, "input", gone)
    status, _, err = run("calibrate", OFF)
    assert (status, "--yes is for simulated boards" in err) == (2, True)


def test_the_picture_shows_where() -> None:
    text = plate_picture([(200, 300), (-200, -300)], [(0, 0), (120, 180)], (120, 180)).plain.splitlines()
    assert "front" in text[0]
    row = next(n for n, line in enumerate(text) if "◉" in line)
    assert row < len(text) / 2
    assert text[row].index("◉") > len(text[row]) / 2
    assert sum(line.count("▪") for line in text) == 2
    assert sum(line.count("·") for line in text) == 1


def test_reports_escape_what_people_write() -> None:
    surface = SurfaceReport(700.0, [0.0, 1.0], [0.0, 1.0], [[1.0, 2.0], [1.0, 1.0]], [[0.1, 0.2], [0.1, 0.1]])
    report = Report(
        *("b", "Board", False, "linear", 0, "", "2026", "me", "<script>alert(1)</script> | x", None),
        *(9.81, 0.0, "stated", [("middle", 0.0, 0.0)], [("5 kg", 5.0, 0.005)], 1.0, 1.0),
        [Coefficient("a|b", 1.0, 0.1, "N/count")],
        1.0,
        1,
        *(1.0, 50.0, None, 0.1, 0.1, 0.1, 0.1),
        surface,
        [Residual("5 kg", 49.0, 0.1, 0.1, (0.1, 0.1), 3.0)],
        ["a <b> warning"],
    )
    shown = page(report)
    assert "<script>" not in shown
    assert "a &lt;b&gt; warning" in shown
    assert shown.count("<figure>") == 2
    assert "| a/b |" in markdown(report)
    assert "not tried" in markdown(report)
    assert maps(report).startswith(b"\x89PNG")
