"""How commands speak: people read tables, programs read JSON."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console

JsonFlag = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def console() -> Console:
    """Standard output; wide enough where there is no terminal, so that no name is cut."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def print_json(value: object) -> None:
    """One JSON document and a line end; NaN as null."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
