"""The maps of a calibration's uncertainty, drawn with matplotlib, which is an extra."""

import io
from typing import TYPE_CHECKING, Final

import numpy as np

from otolith.api.cli.failure import BAD_USE, CommandFailed
from otolith.service.calibrating.report import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES: Final = (9.0, 5.4)
DPI: Final = 110
MISSING: Final = "a report in .png needs matplotlib: pip install 'otolith[plot]'"


def maps(report: Report) -> bytes:
    """Expanded uncertainty of force and of CoP over the board, PNG. Raises CommandFailed without matplotlib."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # an extra, and slow to import
        from matplotlib.figure import Figure  # noqa: PLC0415
    except ImportError as error:
        raise CommandFailed(BAD_USE, MISSING) from error
    figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    surface = report.surface
    drawn = [("force", "N", surface.force), *([("CoP", "mm", surface.cop)] if surface.cop else [])]
    figure.suptitle(
        f"{'Simulated board: ' if report.simulated else ''}{report.model}, calibrated\n"
        f"expanded uncertainty (k = 2) of {surface.newtons:.0f} N and its CoP",
        parse_math=False,
    )
    for axes, (name, unit, values) in zip(figure.subplots(1, len(drawn), squeeze=False)[0], drawn, strict=True):
        _map(figure, axes, report, f"{name}, {unit}", np.array(values))
    file = io.BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _map(
    figure: "Figure",
    axes: "Axes",
    report: Report,
    title: str,
    values: "np.ndarray[tuple[int, int], np.dtype[np.float64]]",
) -> None:
    surface = report.surface
    shades = axes.contourf(surface.x, surface.y, values, levels=12, cmap="viridis")
    axes.plot(*np.array([(x, y) for _, x, y in report.places]).T, "o", color="white", markeredgecolor="black")
    axes.set(title=title, xlabel="ML, right (mm)", ylabel="AP, forward (mm)", aspect="equal")
    figure.colorbar(shades, ax=axes, shrink=0.8)
