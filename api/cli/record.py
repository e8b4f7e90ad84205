"""``otolith record``."""

import asyncio
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from otolith.api.cli.failure import BAD_USE, DEVICE, CommandFailed
from otolith.api.cli.output import console
from otolith.api.cli.single import single_board
from otolith.service.hub import Policy
from otolith.service.station import Station
from otolith.service.store import RecordingRow


def record(
    moniker: Annotated[str, typer.Argument(help="Which board; `otolith boards` lists them.")],
    *,
    seconds: Annotated[float, typer.Option(help="How long.", min=0.1, max=86400.0)],
    out: Annotated[Path, typer.Option(help="File to write, MCAP; never overwrites.")],
    tare: Annotated[bool, typer.Option("--tare", help="First take the zero; nobody on the board.")] = False,
    calibration: Annotated[Path | None, typer.Option(help="Calibration file of this board.")] = None,
) -> None:
    """Record one board into a file.

    ```console
    otolith record usb:06c2:003b --seconds 60 --out trial.mcap
    ```

    If the board goes away before the time is over, what was recorded is kept and the exit status is 3.
    """
    if out.exists():
        raise CommandFailed(BAD_USE, f"{out} exists already; choose another file.")
    if not out.parent.is_dir():
        raise CommandFailed(BAD_USE, f"there is no folder {out.parent}.")
    row = asyncio.run(_record(moniker, seconds, out, calibration, tare=tare))
    typer.echo(f"{out}: {row.samples} samples of {row.board}, {row.size} bytes")


async def _record(moniker: str, seconds: float, out: Path, calibration: Path | None, *, tare: bool) -> RecordingRow:
    async with single_board(moniker, calibration) as (station, board):
        if tare:
            await station.tare(board, "record")
        started = await station.start_recording(board, "record")
        recorded = await _watch_seconds(station, board, seconds)
        row = await _ended(station, started)
        await asyncio.to_thread(shutil.copyfile, station.config.folder / row.path, out)
    if recorded < seconds:
        raise CommandFailed(DEVICE, f"the board went away after {recorded:.1f} s; {out} holds what came before.")
    return row


async def _ended(station: Station, started: RecordingRow) -> RecordingRow:
    """Stop it, unless it stopped by itself when the board went away."""
    row = await station.store.recordings.get(started.id)
    return row if row.ended else await station.stop_recording(started.id, "record")


async def _watch_seconds(station: Station, board: str, seconds: float) -> float:
    """Show the progress; seconds of samples that came, by the board's own count."""
    rate = station.board(board).rate_nominal
    samples = 0
    columns = TextColumn("recording"), BarColumn(), TextColumn("{task.completed:.1f} s"), TimeRemainingColumn()
    bar = Progress(*columns, console=console(), transient=True, disable=not console().is_terminal)
    with station.frames.tap("record", Policy.OLDEST, 2048, lambda frame: frame.board == board) as tap, bar:
        task = bar.add_task("recording", total=seconds)
        while samples < seconds * rate:
            try:
                async with asyncio.timeout(2.0):
                    frame = await anext(tap)
            except (TimeoutError, StopAsyncIteration):
                break
            samples += len(frame) + frame.missed
            bar.update(task, completed=samples / rate)
    return samples / rate
