"""``otolith convert``: a recording in another format."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from otolith.api.cli.failure import BAD_USE, CommandFailed
from otolith.api.export.bids import Place
from otolith.api.export.convert import BIDS, FORMATS, Exists, convert_to_bids
from otolith.api.export.convert import convert as convert_to
from otolith.drivers.errors import RecordingError
from otolith.drivers.options import did_you_mean
from otolith.drivers.replay.roles import parse_columns
from otolith.service.extract import Reading, extract

KNOWN = (*FORMATS, BIDS)


def convert(
    file: Annotated[
        Path, typer.Argument(help="A journal, C3D, XDF, Parquet or text table.", exists=True, dir_okay=False)
    ],
    *,
    to: Annotated[str, typer.Option(help=f"{', '.join(KNOWN)}.")],
    out: Annotated[
        Path | None, typer.Option(help="File to write, beside FILE by default; for bids, the folder of the data set.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
    columns: Annotated[
        str | None, typer.Option(help="Of a table: which column is which; of a C3D file: ml=x,ap=y by the lab's axes.")
    ] = None,
    units: Annotated[str | None, typer.Option(help="Of a table's CoP: mm, cm or m.")] = None,
    rate: Annotated[
        float | None, typer.Option(help="Samples per second, where the file does not tell.", min=0.01)
    ] = None,
    plate: Annotated[int | None, typer.Option(help="Force platform of a C3D file, from 1.", min=1)] = None,
    stream: Annotated[str | None, typer.Option(help="Name or type of the stream of an XDF file.")] = None,
    subject: Annotated[str, typer.Option(help="bids: label of the person.")] = "01",
    task: Annotated[str, typer.Option(help="bids: label of the task.")] = "balance",
) -> None:
    """Write a recording in another format: calibrated loads, force and CoP, with units, gaps and flags.

    ```console
    otolith convert trial.mcap --to parquet
    otolith convert trial.mcap --to c3d --out trial.c3d
    otolith convert trial.mcap --to bids --out dataset --subject 07 --task eyesclosed
    otolith convert trial.csv --to xdf --columns t=Time,ml=COPy,ap=COPx,fz=Fz --units cm
    ```

    parquet, csv and xdf keep every number and every time. c3d rounds to 32-bit floats, bdf to 0.001 mm and 0.002 N;
    these two and bids hold an even rate only, and what is missing are rows without a number. Nothing is overwritten
    without --force, and a file appears only when it is whole. docs/formats.md says what each format holds.
    """
    if to not in KNOWN:
        raise typer.BadParameter(f"--to is one of {', '.join(KNOWN)}, not {to!r}{did_you_mean(to, KNOWN)}")
    try:
        reading = Reading(None if columns is None else parse_columns(columns), units, rate, plate, stream)
    except RecordingError as error:
        raise typer.BadParameter(str(error)) from error
    samples = extract(file, reading)
    target = out or (file.parent if to == BIDS else _beside(file, FORMATS[to].ending))
    if to != BIDS and not target.parent.is_dir():
        raise CommandFailed(BAD_USE, f"there is no folder {target.parent}.")
    bar = Progress(
        TextColumn("converting"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not Console(stderr=True).is_terminal,
    )
    try:
        with bar:
            done = bar.add_task("converting", total=samples.total)
            if to == BIDS:
                written = convert_to_bids(
                    samples, Place(subject, task), target, force=force, progress=lambda n: bar.advance(done, n)
                )
            else:
                written = convert_to(samples, to, target, force=force, progress=lambda n: bar.advance(done, n))
    except Exists as error:
        raise CommandFailed(BAD_USE, f"{error} exists already; choose another --out, or say --force.") from error
    typer.echo(f"{written}: {samples.total} samples, {', '.join(samples.names)}")
    for note in samples.description.notes:
        typer.echo(f"Note: {note}.", err=True)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name.removesuffix(".gz")).with_suffix(ending)
