"""A task with a target as it was guided: ``python -m otolith.api.cli.guidance_picture docs/images/training.png``.

A simulated person follows a point on a figure of eight, and then faster; drawn with matplotlib, which is an extra.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from otolith.drivers.monikers import Sim, parse
from otolith.drivers.patient.person import Person
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.trial import Trial
from otolith.service.challenges.voice import RunName
from otolith.service.guidance.guidance import Guidance

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES: Final = (10.0, 6.4)
DPI: Final = 110
TARGET, CURSOR, BAND = "#0072b2", "#d55e00", "#009e73"
"""Okabe and Ito (2008): told apart by everybody."""
BOARD: Final = "sim:btracks?load=script:sway"
PERIODS: Final = (12.0, 4.0)
SKILL: Final = 0.7
SECONDS: Final = 24.0


def _words(text: str) -> dict[str, str]:
    return dict.fromkeys(("en", "de", "fr"), text)


def exercise() -> Challenge:
    """A figure of eight, slow and fast."""
    eight = {"kind": "trace", "path": "figure-of-eight", "width_mm": 100, "height_mm": 60, "band_mm": 10}
    conditions: list[dict[str, Any]] = [
        {
            "id": f"lap-{period:.0f}",
            "name": _words(f"{period:.0f} s a lap"),
            "task": {**eight, "period_s": period},
            "duration_s": SECONDS,
            "feedback": {"mode": "full"},
        }
        for period in PERIODS
    ]
    return Challenge.model_validate(
        {
            "format": "otolith-challenge/1",
            "id": "eight",
            "name": _words("Figure of eight"),
            "description": _words("Follow the point."),
            "sources": ["a picture"],
            "status": "unverified",
            "zero": {"after": "never"},
            "conditions": conditions,
        }
    )


async def followed() -> list[tuple[Trial, list[Guidance]]]:
    """What became of it, each trial with its moments."""
    moniker = parse(BOARD)
    assert isinstance(moniker, Sim)  # noqa: S101 - our own constant
    stage = Rehearsal(exercise(), moniker, Person(skill=SKILL))
    run = Run(RunName("picture", "picture"), exercise(), stage, automatic=True)
    await stage.play(run)
    return [(trial, [one for one in stage.moments if one.trial == trial.plan.id]) for trial in run.trials]


def draw(done: Sequence[tuple[Trial, list[Guidance]]], path: Path) -> None:
    """Write the picture: for each trial the floor, and the error against time."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - an extra, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"Simulated person of skill {SKILL:g} follows a point: target, cursor, error")
    rows = figure.subplots(len(done), 2, squeeze=False, width_ratios=(1.0, 1.5))
    for (floor, time), (trial, moments) in zip(rows, done, strict=True):
        _floor(floor, moments)
        _error(time, trial, moments)
    figure.savefig(path, metadata={"Software": None})


def _floor(axes: "Axes", moments: Sequence[Guidance]) -> None:
    target, cursor = (np.array([getattr(one, name) for one in moments]) for name in ("target", "cursor"))
    axes.plot(*target.T, color=TARGET, linewidth=2, label="target")
    axes.plot(*cursor.T, color=CURSOR, linewidth=0.8, label="cursor")
    axes.set(aspect="equal", xlabel="to the right, mm", ylabel="forward, mm")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize="small", frameon=False)


def _error(axes: "Axes", trial: Trial, moments: Sequence[Guidance]) -> None:
    score, lag = trial.figures["set_score"], trial.figures["pursuit_lag"]
    errors = np.array([one.error for one in moments], np.float64)
    axes.plot([one.elapsed_s for one in moments], errors, color=CURSOR, linewidth=0.8)
    axes.axhspan(0.0, moments[0].band, color=BAND, alpha=0.2, label="band")
    axes.set(xlabel="s", ylabel="error shown, mm", xlim=(0.0, SECONDS), ylim=(0.0, None))
    title = f"{trial.plan.condition.name.en}: score {score.value:.0f} %, lag {lag.value:.2f} s"
    axes.set_title(title, fontsize="medium")
    axes.legend(loc="upper right", fontsize="small")


if __name__ == "__main__":
    draw(asyncio.run(followed()), Path(sys.argv[1]))
