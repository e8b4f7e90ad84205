"""``otolith analyse --plot``: one picture per trial, drawn with matplotlib, which is an extra."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import typer

from otolith.dsp.picture import DiffusionPicture, Picture, SpectrumPicture
from otolith.service.analysis import Analysis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDING = ".png"
INCHES: Final = (12.0, 9.0)
DPI = 120
COLOURS: Final = {"ML": "#0072b2", "AP": "#d55e00"}
"""Okabe and Ito (2008): told apart by everybody."""
TOP = 3.0
"""Hz; sway has next to nothing above."""
MISSING = "--plot needs matplotlib: pip install 'otolith[plot]'"


def targets(plot: Path, files: Sequence[Path]) -> list[Path]:
    """Where the picture of each file goes; folders are made. Raises typer.BadParameter before anything is read."""
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415  # an extra
    except ImportError as error:
        raise typer.BadParameter(MISSING) from error
    if plot.suffix.lower() == ENDING and not plot.is_dir():
        if len(files) > 1:
            raise typer.BadParameter(f"--plot is a folder for several files, not {plot}")
        _make(plot.parent)
        return [plot]
    if plot.suffix and not plot.is_dir():
        raise typer.BadParameter(f"--plot is a folder or a file that ends in {ENDING}, not {plot}")
    _make(plot)
    names: list[str] = []
    for file in files:
        stem = file.name.removesuffix(".gz").rsplit(".", 1)[0] or file.name
        again = sum(name == stem or name.startswith(f"{stem} (") for name in names)
        names.append(f"{stem} ({again + 1})" if again else stem)
    return [plot / f"{name}{ENDING}" for name in names]


def draw(analysis: Analysis, path: Path) -> None:
    """Write the picture of one trial. Raises typer.BadParameter where it cannot be written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # an extra, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    if analysis.picture is None:
        return
    figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    seconds = analysis.trace_n / analysis.trace_rate_hz
    figure.suptitle(
        f"{Path(analysis.file).name}, recorded at {analysis.rate_hz:g} Hz\n"
        f"{analysis.recipe} at {analysis.trace_rate_hz:g} Hz, {seconds:g} s",
        parse_math=False,
    )
    path_at, ml_at, diffusion_at, ap_at = figure.subplots(2, 2).ravel()
    _stabilogram(path_at, analysis.picture)
    for axes, name, spectrum in zip((ml_at, ap_at), COLOURS, analysis.picture.spectra, strict=True):
        _spectrum(axes, name, spectrum)
    _diffusion(diffusion_at, analysis.picture.diffusion)
    try:
        figure.savefig(path)
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be written: {error.strerror}") from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"--plot: the folder {folder} cannot be made: {error.strerror}") from error


def _stabilogram(axes: "Axes", picture: Picture) -> None:
    axes.plot(picture.ml, picture.ap, color="#555555", linewidth=0.7, label="CoP")
    axes.plot(*picture.ellipse.T, color="#009e73", linewidth=1.8, label="95 % prediction ellipse")
    axes.set(title="Stabilogram", xlabel="ML, right (mm)", ylabel="AP, forward (mm)")
    axes.set_aspect("equal", adjustable="datalim")
    axes.grid(alpha=0.3)
    axes.legend(loc="best", fontsize="small")


def _spectrum(axes: "Axes", name: str, shown: SpectrumPicture) -> None:
    axes.plot(shown.spectrum.frequency, shown.spectrum.density, color=COLOURS[name], linewidth=1.0)
    for value, style, word in ((shown.mean, "--", "mean"), (shown.median, ":", "median")):
        if np.isfinite(value):
            axes.axvline(value, color="black", linestyle=style, linewidth=1.2, label=f"{word} {value:.3g} Hz")
            axes.legend(loc="upper right", fontsize="small")
    axes.set(title=f"Spectrum, {name}", xlabel="Frequency (Hz)", ylabel="Power density (mm²/Hz)")
    axes.set_xlim(0.0, min(TOP, float(shown.spectrum.frequency[-1])))
    axes.grid(alpha=0.3)


def _diffusion(axes: "Axes", both: tuple[DiffusionPicture, DiffusionPicture] | None) -> None:
    axes.set(title="Stabilogram diffusion", xlabel="Time interval (s)", ylabel="Mean squared displacement (mm²)")
    moving = both is not None and all((shown.displacement > 0.0).all() for shown in both)
    if both is None or not moving:
        reason = "the trial is too short" if both is None else "nothing moves"
        axes.text(0.5, 0.5, f"no diffusion: {reason}", ha="center", va="center", transform=axes.transAxes)
        return
    for name, shown in zip(COLOURS, both, strict=True):
        axes.plot(shown.lags, shown.displacement, color=COLOURS[name], linewidth=1.8, label=name)
        t, r = shown.regions.critical_time, shown.regions.critical_displacement
        for short in (True, False):
            near = shown.lags <= 2.0 * t if short else shown.lags >= 0.5 * t
            axes.plot(
                shown.lags[near], shown.line(short=short)[near], color=COLOURS[name], linestyle="--", linewidth=0.8
            )
        axes.plot(
            t,
            r,
            "o",
            color=COLOURS[name],
            markeredgecolor="black",
            label=f"{name} critical point {t:.2g} s, {r:.3g} mm²",
        )
    axes.set(xscale="log", yscale="log")
    axes.grid(alpha=0.3, which="both")
    axes.legend(loc="best", fontsize="small")
