"""``otolith calibrate`` as a person or a script calls it: twins whose cells are off are found out."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from otolith.api.cli.calibration_plot import maps
from otolith.api.cli.calibration_report import markdown, page
from otolith.api.cli.plate_picture import plate_picture
from otolith.drivers.calibration import Matrix
from otolith.drivers.ofp.twin.design import six_components
from otolith.drivers.opening import open_board
from otolith.drivers.phidget_bridge.geometry import NOMINAL_SLOPE
from otolith.drivers.rig.tape import record
from otolith.drivers.sim import SimBoard
from otolith.service.calibrating.report import Coefficient, Report, Residual, SurfaceReport

MANUAL = Path(__file__).parents[2] / "docs" / "calibration.md"
CHECK = """weights = [{ kg = 20.0 }]
places = [
    { name = "front left", x = -80, y = 150, height = 40 },
    { name = "cord to the left", x = 0, y = 100, height = 40, push = [-1, 0, 0] },
]
"""
Run = Callable[..., tuple[int, str, str]]
FACTORS = (1.02, 0.99, 1.013, 0.985)
OFF = f"sim:btracks?rev=1&load=weights:{','.join(map(str, FACTORS))}"
QUICK = ("--weights", "30,50", "--places", "3", "--settle", "0.05", "--average", "0.1", "--gravity", "9.81", "--yes")


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


def test_a_plate_of_six_loads_is_calibrated_by_the_plan_of_the_manual(run: Run, tmp_path: Path) -> None:
    """Weights and pulls by a simulated hand; then the board goes by the file, and no other board takes it."""
    plan, factors = tmp_path / "plan.toml", (1.04, 0.97, 1.02, 0.98, 1.03, 0.96)
    plan.write_text(MANUAL.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0])
    off = f"sim:ofp?outputs=wrench&load=weights:{','.join(map(str, factors))}"
    quick = ("--settle", "0.05", "--average", "0.1", "--gravity", "9.81", "--yes", "--json")
    status, out, err = run("calibrate", off, "--plan", str(plan), *quick)
    assert status == 0, err
    found = json.loads(out)
    assert (found["kind"], len(found["coefficients"])) == ("matrix", 36)
    factory = six_components(100001).calibration
    assert isinstance(factory, Matrix)
    true = np.array(factory.rows) / np.array(factors)[:, None]
    for one, gain in zip(found["coefficients"], true.ravel(), strict=True):
        assert abs(one["value"] - gain) < 5.0 * one["u"]
    plan.write_text(CHECK)
    status, out, err = run("calibrate", off, "--check", "--plan", str(plan), *quick)
    assert status == 0, err
    shown = json.loads(out)
    assert (shown["passed"], [one["cop_error"] is None for one in shown["states"]]) == (True, [False, True])
    status, out, _ = run("watch", off, "--seconds", "1.3", "--json")
    assert json.loads(out.splitlines()[0])["board"]["calibrated"]["hash"] == found["hash"]
    (file,) = (tmp_path / "otolith" / "calibrations" / "ofp-100001").glob("*.toml")
    status, _, err = run("tare", "sim:ofp?outputs=wrench&serial=7&load=weights:true", "--calibration", str(file))
    assert (status, "belongs to ofp 100001, and this board is ofp 7" in err) == (3, True)
    status, _, err = run("tare", "sim:ofp?serial=100001&load=weights:true", "--calibration", str(file))
    assert (status, "is for 6 channels, and this board has 4" in err) == (3, True)


@pytest.mark.parametrize("board", ["mcc", "labjack-u6", "tecgihan"])
def test_plates_of_six_loads_of_other_makers_take_weights_and_pulls(board: str) -> None:
    async def shown() -> tuple[list[float], list[float]]:
        async with await open_board(f"sim:{board}?load=weights:true") as found:
            assert isinstance(found, SimBoard)
            stands = found.info.plates[0].top
            zero = found.info.calibration.zero
            empty = (await record(found, lambda tape: len(tape) >= 200, 30.0)).counts.mean(axis=0)
            found.put(200.0, 50.0, -30.0, stands, (0.6, 0.0, -0.8))
            loaded = (await record(found, lambda tape: len(tape) >= 200, 30.0)).counts[-100:].mean(axis=0)
            assert len(zero) == 6
            wrench = found.info.calibration.loads(loaded[None], tuple(empty))[0]
            return wrench.tolist(), [-120.0, 0.0, 160.0, *np.cross((50.0, -30.0, stands), (-120.0, 0.0, 160.0))]

    measured, true = asyncio.run(shown())
    np.testing.assert_allclose(measured, true, atol=0.01 * 160.0 * 50.0, rtol=0.01)
    np.testing.assert_allclose(measured[:3], true[:3], atol=0.5)


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
        (("sim:mcc?load=weights:1,2",), 3, "six factors"),
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
