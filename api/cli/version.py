"""``otolith version``."""

import platform

import typer

import otolith
from otolith.api.cli.output import JsonFlag, print_json


def version(*, as_json: JsonFlag = False) -> None:
    """Say which otolith this is."""
    if as_json:
        print_json({"otolith": otolith.__version__, "python": platform.python_version()})
    else:
        typer.echo(f"otolith {otolith.__version__}, Python {platform.python_version()}")
