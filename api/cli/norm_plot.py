"""``otolith norms show --plot``: the bands of a norm, drawn with matplotlib, which is an extra."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from otolith.service.norms.norm import Band, Entry, Norm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INCHES: Final = (11.0, 4.2)
DPI: Final = 110
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""One per age band; Okabe and Ito (2008): told apart by everybody."""
MISSING: Final = "--plot needs matplotlib: pip install 'otolith[plot]'"


def refuse_without_matplotlib() -> None:
    """Raise typer.BadParameter before anything is done."""
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415  # an extra
    except ImportError as error:
        raise typer.BadParameter(MISSING) from error


def draw(norm: Norm, path: Path) -> None:
    """Write the picture: a panel per figure; 5th to 95th percentile, quartiles and median of every condition."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415  # an extra, and slow to import
    from matplotlib.figure import Figure  # noqa: PLC0415

    kinds = list(dict.fromkeys((entry.figure, entry.of) for entry in norm.entries))
    figure = Figure(figsize=INCHES, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(f"{norm.name}: {norm.device_name}, {norm.rate_hz:g} Hz, {norm.trials} x {norm.duration_s:g} s")
    for place, kind in enumerate(kinds, 1):
        axes = figure.add_subplot(1, len(kinds), place)
        _panel(axes, [entry for entry in norm.entries if (entry.figure, entry.of) == kind])
    try:
        figure.savefig(path)
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror or error}") from error


def _panel(axes: "Axes", entries: list[Entry]) -> None:
    title = f"{entries[0].figure} of {entries[0].of}" if entries[0].of else entries[0].figure
    axes.set_title(title.replace("_", " "), fontsize="medium")
    for row, entry in enumerate(entries):
        for at, band in enumerate(entry.bands):
            _bar(
                axes, row + 0.25 * (at - (len(entry.bands) - 1) / 2.0), band, COLOURS[at % len(COLOURS)], first=row == 0
            )
    axes.set_yticks(range(len(entries)), [f"{'/'.join(one.eyes)}\n{one.surface}" for one in entries])
    axes.invert_yaxis()
    axes.set_xlabel("quotient" if entries[0].unit == "1" else entries[0].unit)
    axes.legend(fontsize="small")


def _bar(axes: "Axes", y: float, band: Band, colour: str, *, first: bool) -> None:
    p5, p25, p50, p75, p95 = (band.percentiles[at] for at in (0, 4, 9, 14, 18))
    label = band.label if first else None
    axes.plot([p5, p95], [y, y], color=colour, linewidth=1.5)
    axes.plot([p25, p75], [y, y], color=colour, linewidth=6, solid_capstyle="butt", label=label)
    axes.plot([p50], [y], color="white", marker="|", markersize=7)
