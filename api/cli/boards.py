"""``otolith boards``."""

import asyncio
from contextlib import aclosing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.api.cli.tokens import ConfigOption
from otolith.drivers.lookout import HERE, sightings_at
from otolith.drivers.opening import Sighting, sightings
from otolith.drivers.wii.pairing import STEPS, obstacles
from otolith.service.calibrating.sighted import in_force
from otolith.service.config import Config, load_config


def boards(
    *,
    as_json: JsonFlag = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and tell of every change; Ctrl-C ends it.")] = False,
    pair: Annotated[bool, typer.Option("--pair", help="Tell how to connect a Wii Balance Board by Bluetooth.")] = False,
    config: ConfigOption = None,
) -> None:
    """List the boards that are plugged in, and why one cannot be opened.

    ```console
    otolith boards
    otolith boards --watch
    ```

    The moniker is what to call a board everywhere else: in `otolith watch` and in the station's file. The calibration
    is the one that the board will go by here: a file with its date, age and the first digits of its hash, or its own.
    """
    if pair:
        typer.echo(STEPS)
        for word in obstacles():
            typer.echo(f"On this machine: {word}.")
    elif watch:
        asyncio.run(_follow(load_config(config), as_json=as_json))
    else:
        _show(asyncio.run(sightings()), load_config(config), as_json=as_json)


async def _follow(site: Config, *, as_json: bool) -> None:
    async with aclosing(sightings_at(HERE)) as views:
        async for seen in views:
            _show(seen, site, as_json=as_json)


def _show(seen: list[Sighting], site: Config, *, as_json: bool) -> None:
    now = datetime.now(UTC)
    if as_json:
        print_json([_record(sighting, site, now) for sighting in seen])
    elif not seen:
        typer.echo("No board is plugged in. Try a simulated one: otolith watch 'sim:btracks?load=recording:BDS00001'")
    else:
        console().print(_table(seen, site, now))
    if not as_json and not any(sighting.model.startswith("Wii") for sighting in seen):
        typer.echo("A Wii Balance Board has to be connected first: otolith boards --pair")


def _record(sighting: Sighting, site: Config, now: datetime) -> dict[str, Any]:
    return {
        "moniker": sighting.moniker,
        "model": sighting.model,
        "serial": sighting.serial,
        "firmware": sighting.firmware,
        "path": sighting.path,
        "calibration": asdict(in_force(sighting, site, now)),
        "problem": str(sighting.problem) if sighting.problem else None,
    }


def _table(seen: list[Sighting], site: Config, now: datetime) -> Table:
    table = Table("moniker", "model", "serial", "firmware", "port", "calibration", "")
    for sighting in seen:
        problem = f"[red]{sighting.problem}[/]" if sighting.problem else "[green]ready[/]"
        calibration = in_force(sighting, site, now).words
        who = (sighting.moniker, sighting.model, sighting.serial, sighting.firmware, sighting.path)
        table.add_row(*who, calibration, problem)
    return table
