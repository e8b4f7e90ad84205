"""``otolith challenge``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from otolith.api.cli.challenge_result import result_record, show_result
from otolith.api.cli.failure import BAD_USE, CommandFailed
from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.api.cli.rehearsing import rehearsed
from otolith.drivers.monikers import Sim, parse
from otolith.service.challenges.catalogue import catalogue, refused, runnable
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.file import load_challenge

challenge = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")
FolderOption = Annotated[Path | None, typer.Option(help="The station's folder; its `challenges/` holds your own.")]


@challenge.callback()
def about() -> None:
    """List, check and run clinical balance challenges.

    otolith challenge list
    otolith challenge run mctsib --board 'sim:btracks?load=script:sway' --yes
    otolith challenge check my-challenge.toml
    """


@challenge.command("list")
def list_(*, folder: FolderOption = None, as_json: JsonFlag = False) -> None:
    """Every challenge there is: those that ship, and your own."""
    found = catalogue(folder)
    if as_json:
        print_json([_record(one) for one in found.challenges.values()])
        return
    table = Table("challenge", "name", "conditions", "trials", "about", "")
    for one in found.challenges.values():
        note = "needs a platform" if len(refused(one)) == len(one.conditions) else ""
        table.add_row(one.id, one.name.en, str(len(one.conditions)), str(_trials(one)), _minutes(one), note)
    console().print(table)
    for problem in found.problems:
        typer.echo(f"left out: {problem}", err=True)


@challenge.command()
def check(files: Annotated[list[Path], typer.Argument(help="Challenge files (TOML).")]) -> None:
    """Read challenge files and say, with line and reason, what is wrong with them."""
    for file in files:
        found = load_challenge(file)
        typer.echo(f"{file}: {found.id}, {len(found.conditions)} conditions, {_trials(found)} trials: fine")


@challenge.command()
def run(
    name: Annotated[str, typer.Argument(help="Which challenge; `otolith challenge list` shows them.")],
    board: Annotated[str, typer.Option(help="Which board, as in `otolith boards`; or a simulated one.")],
    variant: Annotated[str | None, typer.Option(help="Another length of it, such as `ten`.")] = None,
    folder: FolderOption = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Nobody presses anything: for a simulated person.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Run a challenge from start to result.

        otolith challenge run mctsib --board 'sim:btracks?load=script:sway' --yes --json

    With `--yes` and a simulated board, a simulated person does what is asked, in virtual time: minutes pass in
    seconds, and every run is the same.
    """
    chosen = catalogue(folder).challenge(name, variant)
    left_out, chosen = refused(chosen), runnable(chosen)
    moniker = parse(board)
    if not (yes and isinstance(moniker, Sim)):
        raise CommandFailed(BAD_USE, "only simulated boards, with --yes, run here; use the station for a real one")
    done = asyncio.run(rehearsed(chosen, moniker))
    if as_json:
        print_json(result_record(chosen, done, left_out))
    else:
        show_result(chosen, done, left_out)


def _record(one: Challenge) -> dict[str, object]:
    return {
        "id": one.id,
        "version": one.version,
        "name": one.name.model_dump(),
        "description": one.description.model_dump(),
        "status": one.status,
        "sources": list(one.sources),
        "conditions": [condition.id for condition in one.conditions],
        "variants": list(one.variants),
        "refused": refused(one),
    }


def _trials(one: Challenge) -> int:
    return sum(condition.trials + condition.practice for condition in one.conditions)


def _minutes(one: Challenge) -> str:
    seconds = sum(
        (condition.settle_s + condition.lead_s + condition.duration_s + condition.rest_s)
        * (condition.trials + condition.practice)
        for condition in one.conditions
    )
    return f"{max(1, round(seconds / 60))} min"
