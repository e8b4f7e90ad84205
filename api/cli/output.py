"""How commands speak: people read tables, programs read JSON."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console

JsonFlag = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def console(*, aside: bool = False) -> Console:
    """Standard output, or standard error ``aside`` of it; wide enough without a terminal, so that no name is cut."""
    stream = sys.stderr if aside else sys.stdout
    return Console(highlight=False, stderr=aside, width=None if stream.isatty() else 200)


def screen(*, as_json: bool) -> Console | None:
    """Where people look: beside the JSON where there is some, and nowhere where only a program is there."""
    return None if as_json and not sys.stdin.isatty() else console(aside=as_json)


def print_json(value: object) -> None:
    """One JSON document and a line end; NaN as null."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
