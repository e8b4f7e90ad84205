"""How commands speak: people read tables, programs read JSON."""

import sys
from typing import Annotated

import msgspec
import typer
from rich.console import Console

JsonFlag = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def console() -> Console:
    """Standard output, without colours where nobody looks."""
    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def print_json(value: object) -> None:
    """One JSON document and a line end; NaN as null."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
