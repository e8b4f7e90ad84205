"""``otolith analyse --plot``, and the options of C3D and XDF files."""

import builtins
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from otolith.api.cli.analyse import analyse
from otolith.dsp.metrics.core import prediction_ellipse_area
from otolith.dsp.picture import picture, prediction_ellipse
from otolith.dsp.trace import Trace

LIBRARY = Path(__file__).parents[2] / "drivers/replay/library"
TRIALS = [str(LIBRARY / f"BDS0000{i}.txt.gz") for i in (1, 4)]
MAP = ["--columns", "t=Time[s],ml=COPy[cm],ap=COPx[cm]"]
SIZE = (1440, 1080)

APP = typer.Typer()
APP.command()(analyse)


@pytest.fixture(autouse=True)
def _matplotlib() -> None:
    pytest.importorskip("matplotlib", reason="no matplotlib: pip install 'otolith[plot]'")


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(APP, list(arguments), env={"COLUMNS": "200", "NO_COLOR": "1"})
    return result.exit_code, result.stdout, " ".join(result.stderr.replace("│", " ").split())


def pixels(path: Path) -> Any:
    return pytest.importorskip("matplotlib.image").imread(path)


def test_one_file_gives_one_picture_with_something_on_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "trial.png"
    code, out, _ = run(TRIALS[0], *MAP, "--plot", str(path), "--json")
    assert code == 0
    assert "picture" not in json.loads(out)
    image = pixels(path)
    assert image.shape[:2] == SIZE[::-1]
    assert all(quarter.std() > 0.05 for half in np.split(image, 2) for quarter in np.split(half, 2, axis=1))


def test_several_files_give_a_folder_of_pictures(tmp_path: Path) -> None:
    copy = tmp_path / "BDS00001.txt.gz"
    copy.write_bytes(Path(TRIALS[0]).read_bytes())
    code, _, _ = run(*TRIALS, str(copy), str(tmp_path / "absent"), *MAP, "--plot", str(tmp_path / "out"), "--csv")
    assert code == 4
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "BDS00001 (2).png",
        "BDS00001.png",
        "BDS00004.png",
    ]


@pytest.mark.parametrize("rows", [200, 3000])
def test_short_and_motionless_trials_are_drawn_with_a_reason(tmp_path: Path, rows: int) -> None:
    still = tmp_path / "still $x$.csv"
    still.write_text("t,ml,ap\n" + "".join(f"{i / 50},1,2\n" for i in range(rows)))
    code, _, _ = run(str(still), "--units", "mm", "--recipe", "raw", "--plot", str(tmp_path / "still.png"))
    assert code == 0
    assert pixels(tmp_path / "still.png").shape[:2] == SIZE[::-1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([*TRIALS, "--plot", "a.png"], "--plot is a folder for several files, not a.png"),
        ([TRIALS[0], "--plot", "a.pdf"], "--plot is a folder or a file that ends in .png, not a.pdf"),
        ([TRIALS[0], "--plot", "/dev/null/x"], "the folder /dev/null/x cannot be made"),
        ([TRIALS[0], "--plate", "0"], "Invalid value for '--plate'"),
    ],
)
def test_bad_use_is_told_before_any_file_is_read(arguments: list[str], sentence: str) -> None:
    code, out, err = run(*arguments, *MAP)
    assert (code, out) == (2, "")
    assert sentence in err


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    original = builtins.__import__

    def without(name: str, *arguments: Any, **options: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return original(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    code, _, err = run(TRIALS[0], *MAP, "--plot", str(tmp_path / "a.png"))
    assert code == 2
    assert "--plot needs matplotlib: pip install 'otolith[plot]'" in err


def walk(n: int = 3000, rate: float = 100.0) -> Trace:
    """A walk that is pulled back to its middle, with a time constant of half a second."""
    path = np.zeros((n, 2))
    for i, step in enumerate(np.random.default_rng(5).normal(0.0, 0.1, (n - 1, 2))):
        path[i + 1] = 0.98 * path[i] + step
    return Trace(path[:, 0] - path[:, 0].mean(), 2 * (path[:, 1] - path[:, 1].mean()), rate)


def test_a_picture_travels_between_processes() -> None:
    shown = picture(walk())
    again = pickle.loads(pickle.dumps(shown))  # noqa: S301 -- our own bytes
    np.testing.assert_array_equal(again.ellipse, shown.ellipse)


def test_the_drawn_ellipse_has_the_area_of_the_figure() -> None:
    trace = walk()
    x, y = prediction_ellipse(trace).T
    area = 0.5 * abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    assert area == pytest.approx(prediction_ellipse_area(trace), rel=1e-3)


def test_the_drawn_frequencies_and_critical_points_are_those_of_the_trace() -> None:
    t = np.arange(6000) / 100.0
    shown = picture(Trace(np.sin(2 * np.pi * t), np.sin(2 * np.pi * 0.5 * t), 100.0))
    assert [spectrum.mean for spectrum in shown.spectra] == pytest.approx([1.0, 0.5], abs=0.01)
    assert [spectrum.median for spectrum in shown.spectra] == pytest.approx([1.0, 0.5], abs=0.04)
    drawn = picture(walk()).diffusion
    assert drawn is not None
    for one in drawn:
        at = one.regions.critical_time
        assert np.interp(at, one.lags, one.line(short=True)) == pytest.approx(
            one.regions.critical_displacement, rel=0.01
        )
        assert np.interp(at, one.lags, one.line(short=False)) == pytest.approx(
            one.regions.critical_displacement, rel=0.01
        )
    assert picture(walk(500)).diffusion is None
