"""``otolith snoop``."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from otolith.api.cli.failure import BAD_USE, DATA, DEVICE, CommandFailed
from otolith.api.cli.output import console
from otolith.api.listen import stop_signals
from otolith.drivers.batch import Batch
from otolith.drivers.board import BoardInfo
from otolith.drivers.capture.file import SUFFIX, Capture, is_capture, write_capture
from otolith.drivers.capture.masking import masked, telling
from otolith.drivers.capture.taking import Taken, take


def snoop(
    moniker: Annotated[str, typer.Argument(help="Which board; `otolith boards` lists them.")],
    *,
    seconds: Annotated[float, typer.Option(help="How long to listen.", min=0.1, max=3600.0)] = 10.0,
    out: Annotated[Path, typer.Option(help=f"File to write, name{SUFFIX}; never overwrites.", dir_okay=False)],
    about: Annotated[str, typer.Option(help="Who took it, when, with what on the board.")] = "",
    mask: Annotated[bool, typer.Option("--mask", help="Leave out the board's serial number.")] = False,
) -> None:
    """Keep everything that is said between this machine and a board, byte for byte, to be replayed without it.

    ```console
    otolith snoop usb:06c2:003b --seconds 10 --out my-board.jsonl.gz --about "20 kg on its middle"
    otolith watch replay:my-board.jsonl.gz
    ```

    A capture of a real board is the best help for those who have none. In it are the board's own traffic, which may
    hold its serial number, and what you write in --about; nothing of this machine, of its network or of other devices.
    Ctrl-C ends it early and keeps what came.
    """
    if not is_capture(out):
        raise CommandFailed(BAD_USE, f"{out} is no name of a capture; choose one that ends in {SUFFIX}.")
    if out.exists():
        raise CommandFailed(BAD_USE, f"{out} exists already; choose another file.")
    if not out.parent.is_dir():
        raise CommandFailed(BAD_USE, f"there is no folder {out.parent}.")
    taken = asyncio.run(_taken(moniker, seconds, about))
    capture = _given_away(taken) if mask else taken.capture
    write_capture(out, capture)
    typer.echo(f"{out}: {taken.samples} samples of {taken.info.model} in {len(capture.transfers)} lines")
    if taken.lost:
        raise CommandFailed(DEVICE, f"{taken.lost}; {out} holds what came before.")


@dataclass(slots=True)
class Listening:
    """How far it is, on the screen."""

    bar: Progress
    seconds: float
    stop: asyncio.Event
    samples: int = 0

    def __call__(self, info: BoardInfo, batch: Batch) -> bool:
        """Whether it is enough."""
        self.samples += len(batch) + batch.missed
        done = self.samples / info.rate
        self.bar.update(self.bar.task_ids[0], completed=done)
        return done >= self.seconds or self.stop.is_set()


async def _taken(moniker: str, seconds: float, about: str) -> Taken:
    columns = TextColumn("listening"), BarColumn(), TextColumn("{task.completed:.1f} s"), TimeRemainingColumn()
    with (
        stop_signals() as stop,
        Progress(*columns, console=console(), transient=True, disable=not console().is_terminal) as bar,
    ):
        bar.add_task("listening", total=seconds)
        return await take(moniker, Listening(bar, seconds, stop), about)


def _given_away(taken: Taken) -> Capture:
    told = max(telling(taken.capture, serial) for serial in (taken.info.serial, taken.capture.heading.serial))
    if told:
        raise CommandFailed(
            DATA,
            f"this board says its serial number itself, {told} times in what was taken, under checksums of its own; "
            "nothing was written. Without --mask the file holds it.",
        )
    return masked(taken.capture)
