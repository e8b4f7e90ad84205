"""``otolith boards``."""

import asyncio
from contextlib import aclosing
from typing import Annotated

import typer
from rich.table import Table

from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.drivers.lookout import HERE, sightings_at
from otolith.drivers.opening import Sighting, sightings


def boards(
    *,
    as_json: JsonFlag = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and tell of every change; Ctrl-C ends it.")] = False,
) -> None:
    """List the boards that are plugged in, and why one cannot be opened.

        otolith boards
        otolith boards --watch

    The moniker is what to call a board everywhere else: in `otolith watch` and in the station's file.
    """
    if watch:
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
