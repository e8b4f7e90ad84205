"""``otolith analyse``: recordings in, published figures out."""

import csv
import math
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from otolith.api.cli.plot import draw, targets
from otolith.drivers.errors import RecordingError
from otolith.drivers.replay.roles import parse_columns
from otolith.dsp.metrics.metric import LENGTH, Figure
from otolith.dsp.metrics.registry import METRICS, SETS, chosen
from otolith.dsp.recipes import DEFAULT, RECIPES, recipe_named
from otolith.service.analysis import Analysis, Plan, Unreadable, analyse_all
from otolith.service.circumstances import Circumstances

BAD_DATA = 4
"""Exit status when a file could not be analysed."""
Result = Analysis | Unreadable


def analyse(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Tables of samples (CSV, TSV or text, plain or .gz), Parquet, C3D, XDF, or journals of a station."
        ),
    ],
    *,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Which column is which: t, ml, ap (the CoP), fz (masks an empty plate), fml, fap (horizontal forces,"
            " for rambling and trembling). A minus turns an axis. For the platforms of a C3D file,"
            " ml and ap by the lab's axes, as ml=y,ap=-x."
        ),
    ] = None,
    units: Annotated[
        str | None, typer.Option(help="Length unit of the CoP columns and of the figures: mm, cm, m.")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Samples per second, where there is no time column.")] = None,
    segment: Annotated[str | None, typer.Option(help="Seconds to use, as 0:30; the end may be left out.")] = None,
    recipe: Annotated[str, typer.Option(help=f"Pre-processing: {', '.join(RECIPES)}.")] = DEFAULT,
    metrics: Annotated[str, typer.Option("--set", help=f"Which figures: {', '.join(SETS)}.")] = "core",
    plate: Annotated[
        int | None, typer.Option(help="Force platform of a C3D file, from 1; without it all are combined.", min=1)
    ] = None,
    stream: Annotated[str | None, typer.Option(help="Name or type of the stream of an XDF file.")] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            help="Draw each trial: path and ellipse, spectra, diffusion. A .png for one file, a folder for several."
        ),
    ] = None,
    stature: Annotated[
        float | None, typer.Option(help="The person's stature in m, for figures of the centre of gravity.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="Base of support, for time to boundary: corners x,y of a convex polygon in mm, as"
            " '-150,-120 150,-120 150,140 -150,140', in the frame of the recording."
        ),
    ] = None,
    cop_noise: Annotated[float | None, typer.Option(help="Noise of each position, SD in mm.")] = None,
    cell_noise: Annotated[float | None, typer.Option(help="Noise of each cell's load, SD in N.")] = None,
    gain: Annotated[float | None, typer.Option(help="Standard uncertainty of each cell's gain, percent.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per file and line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="One CSV row per file.")] = False,
) -> None:
    """Measure the sway of whole recordings.

    Columns and units are named, never guessed. For the first 30 s of a table in cm
    with columns Time, COPx (forward) and COPy (to the right):

    ```console
    otolith analyse trial.txt --columns t=Time,ml=COPy,ap=COPx --units cm --segment 0:30
    ```

    A result says what made it: recipe, rate, samples, the definition of each figure.
    A bad file does not stop the others: it gets an error in its place, and the exit
    status is 4. Exit status 2 means bad use.
    """
    if as_json and as_csv:
        raise typer.BadParameter("choose one of --json and --csv")
    plan = replace(
        _plan(columns=columns, units=units, rate=rate, segment=segment, recipe=recipe, metrics=metrics),
        plate=plate,
        stream=stream,
        pictures=plot is not None,
        circumstances=_circumstances(stature, base, cop_noise, cell_noise, gain),
    )
    results: Iterable[Result] = _watched(analyse_all(files, plan), len(files))
    if plot is not None:
        results = _drawn(results, targets(plot, files))
    write = _write_json if as_json else _write_csv if as_csv else _write_tables
    if write(results, plan):
        raise typer.Exit(BAD_DATA)


def _drawn(results: Iterable[Result], pictures: Sequence[Path]) -> Iterator[Result]:
    """The results as they come, each drawn on its way."""
    for result, path in zip(results, pictures, strict=True):
        if isinstance(result, Analysis):
            draw(result, path)
        yield result


def _plan(
    *, columns: str | None, units: str | None, rate: float | None, segment: str | None, recipe: str, metrics: str
) -> Plan:
    """Check every name before the first file is read. Raises typer.BadParameter."""
    if units is not None and units not in LENGTH:
        raise typer.BadParameter(f"--units is one of {', '.join(LENGTH)}, not {units!r}")
    if rate is not None and not 0.0 < rate < math.inf:
        raise typer.BadParameter(f"--rate is a positive number of samples per second, not {rate:g}")
    try:
        recipe_named(recipe)
        chosen(metrics)
        return Plan(
            columns=None if columns is None else parse_columns(columns),
            units=units,
            rate=rate,
            segment=None if segment is None else _segment(segment),
            recipe=recipe,
            metrics=metrics,
        )
    except (ValueError, RecordingError) as error:
        raise typer.BadParameter(str(error)) from error


def _circumstances(
    stature: float | None, base: str | None, cop_noise: float | None, cell_noise: float | None, gain: float | None
) -> Circumstances:
    """Raises typer.BadParameter for what no person, base or instrument is."""
    for name, value in {
        "stature": stature,
        "cop-noise": cop_noise,
        "cell-noise": cell_noise,
        "gain": gain,
    }.items():
        if value is not None and not 0.0 < value < math.inf:
            raise typer.BadParameter(f"--{name} is a positive number, not {value:g}")
    return Circumstances(
        stature=None if stature is None else 1000.0 * stature,
        base=None if base is None else _corners(base),
        cop_noise=cop_noise,
        cell_noise=cell_noise,
        gain=None if gain is None else gain / 100.0,
    )


def _corners(text: str) -> tuple[tuple[float, float], ...]:
    try:
        corners = tuple((float(x), float(y)) for x, y in (corner.split(",") for corner in text.split()))
    except ValueError as error:
        raise typer.BadParameter(f"--base is corners x,y separated by spaces, not {text!r}") from error
    if len(corners) < 3:  # noqa: PLR2004  # a triangle
        raise typer.BadParameter(f"--base needs three or more corners, not {len(corners)}")
    return corners


def _segment(text: str) -> tuple[float, float]:
    start, colon, stop = text.partition(":")
    try:
        ends = float(start or 0.0), float(stop) if stop.strip() else math.inf
    except ValueError:
        ends = (math.nan, math.nan)
    if not colon or not 0.0 <= ends[0] < ends[1]:
        raise ValueError(f"--segment is start:stop in seconds, as 0:30 or 5:, not {text!r}")
    return ends


def _watched(results: Iterator[Result], total: int) -> Iterable[Result]:
    """The results, with a progress bar on stderr where several files make somebody wait."""
    if total == 1:
        return results
    return track(results, "Analysing", total=total, console=Console(stderr=True), transient=True)


def _write_json(results: Iterable[Result], _plan: Plan) -> int:
    failed = 0
    for result in results:
        failed += isinstance(result, Unreadable)
        sys.stdout.write(msgspec.json.encode(_plain(result)).decode() + "\n")
        sys.stdout.flush()
    return failed


def _plain(result: Result) -> dict[str, object]:
    """What the JSON line says; NaN becomes null."""
    if isinstance(result, Unreadable):
        return {"file": result.file, "error": result.error}
    return {
        "file": result.file,
        "rate_hz": result.rate_hz,
        "n": result.n,
        "recipe": result.recipe,
        "trace": {"rate_hz": result.trace_rate_hz, "n": result.trace_n},
        "metrics": {key: _figure(figure) for key, figure in result.metrics.items()},
        "refused": result.refused,
        "warnings": result.warnings,
    }


def _figure(figure: Figure) -> dict[str, object]:
    """What is unknown is left out: most recordings say nothing of their noise."""
    said = asdict(figure)
    return {key: value for key, value in said.items() if value is not None or key == "value"}


def _write_csv(results: Iterable[Result], plan: Plan) -> int:
    unit = plan.units or "mm"
    wanted = chosen(plan.metrics)
    heads = [f"{metric.id} [{metric.dimension.name(unit)}]" for metric in wanted]
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["file", "rate_hz", "n", "recipe", *heads, "error"])
    failed = 0
    for result in results:
        if isinstance(result, Unreadable):
            failed += 1
            table.writerow([result.file, "", "", "", *([""] * len(heads)), result.error])
            continue
        found = (result.metrics.get(metric.id) for metric in wanted)
        values = ["" if figure is None or math.isnan(figure.value) else repr(figure.value) for figure in found]
        table.writerow([result.file, result.rate_hz, result.n, result.recipe, *values, ""])
    return failed


def _write_tables(results: Iterable[Result], _plan: Plan) -> int:
    failed = 0
    out, complain = Console(), Console(stderr=True)
    for result in results:
        if isinstance(result, Unreadable):
            failed += 1
            complain.print(result.error, style="red", markup=False, soft_wrap=True)
        else:
            _print(result, out)
    return failed


def _print(result: Analysis, out: Console) -> None:
    table = Table(title=f"{result.file} · {result.recipe} · {result.rate_hz:g} Hz · {result.n} samples")
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("unit")
    for row in _rows(result):
        table.add_row(*row)
    out.print(table)
    for warning in result.warnings:
        out.print(f"Note: {warning}.", markup=False)


def _rows(result: Analysis) -> Sequence[tuple[str, str, str]]:
    measured = [(METRICS[key].name, _value(figure), figure.unit) for key, figure in result.metrics.items()]
    return [*measured, *((METRICS[key].name, "-", reason) for key, reason in result.refused.items())]


def _value(figure: Figure) -> str:
    """With its standard uncertainty, where there is one."""
    return f"{figure.value:.6g}" + ("" if figure.uncertainty is None else f" ± {figure.uncertainty:.2g}")
