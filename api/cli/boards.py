"""``otolith boards``."""

import asyncio
from contextlib import aclosing
from typing import Annotated

import typer
from rich.table import Table

from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.drivers.lookout import HERE, sightings_at
from otolith.drivers.opening import Sighting, sightings
from otolith.drivers.wii.pairing import STEPS, obstacles


def boards(
    *,
    as_json: JsonFlag = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and tell of every change; Ctrl-C ends it.")] = False,
    pair: Annotated[bool, typer.Option("--pair", help="Tell how to connect a Wii Balance Board by Bluetooth.")] = False,
) -> None:
    """List the boards that are plugged in, and why one cannot be opened.

        otolith boards
        otolith boards --watch

    The moniker is what to call a board everywhere else: in `otolith watch` and in the station's file.
    """
    if pair:
        typer.echo(STEPS)
        for word in obstacles():
            typer.echo(f"On this machine: {word}.")
    elif watch:
        asyncio.run(_follow(as_json=as_json))
    else:
        _show(asyncio.run(sightings()), as_json=as_json)


async def _follow(*, as_json: bool) -> None:
    async with aclosing(sightings_at(HERE)) as views:
        async for seen in views:
            _show(seen, as_json=as_json)


def _show(seen: list[Sighting], *, as_json: bool) -> None:
    if as_json:
        print_json([_record(sighting) for sighting in seen])
    elif not seen:
        typer.echo("No board is plugged in. Try a simulated one: otolith watch 'sim:btracks?load=recording:BDS00001'")
    else:
        console().print(_table(seen))
    if not as_json and not any(sighting.model.startswith("Wii") for sighting in seen):
        typer.echo("A Wii Balance Board has to be connected first: otolith boards --pair")


def _record(sighting: Sighting) -> dict[str, str | None]:
    return {
        "moniker": sighting.moniker,
        "model": sighting.model,
        "serial": sighting.serial,
        "firmware": sighting.firmware,
        "path": sighting.path,
        "problem": str(sighting.problem) if sighting.problem else None,
    }


def _table(seen: list[Sighting]) -> Table:
    table = Table("moniker", "model", "serial", "firmware", "port", "")
    for sighting in seen:
        problem = f"[red]{sighting.problem}[/]" if sighting.problem else "[green]ready[/]"
        table.add_row(sighting.moniker, sighting.model, sighting.serial, sighting.firmware, sighting.path, problem)
    return table
