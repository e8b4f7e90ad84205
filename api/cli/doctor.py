"""``otolith doctor``."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from otolith.api.cli.examination import Verdict, examine
from otolith.api.cli.failure import FAILED
from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.service.config import load_config

COLOURS = {Verdict.FINE: "green", Verdict.NOTE: "yellow", Verdict.FAULT: "red"}


def doctor(
    *,
    config: Annotated[Path | None, typer.Option(help="The station's TOML file.", show_default="none")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say in plain words what is wrong with this installation. Exit status 1 where something is."""
    findings = list(examine(load_config(config)))
    if as_json:
        print_json(findings)
    else:
        table = Table.grid(padding=(0, 2))
        for finding in findings:
            table.add_row(finding.subject, f"[{COLOURS[finding.verdict]}]{finding.verdict}[/]", finding.words)
        console().print(table)
    if any(finding.verdict is Verdict.FAULT for finding in findings):
        raise typer.Exit(FAILED)
