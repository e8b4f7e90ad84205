"""``otolith replay``."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from otolith.api.cli.output import JsonFlag
from otolith.api.cli.single import single_board
from otolith.api.cli.watch import show
from otolith.drivers.monikers import Replay, form


def replay(
    file: Annotated[Path, typer.Argument(help="A recording.", exists=True, dir_okay=False)],
    *,
    speed: Annotated[float, typer.Option(help="2 is twice as fast.", min=0.01, max=1000.0)] = 1.0,
    family: Annotated[str, typer.Option("--as", help="Which kind of board it plays.")] = "btracks",
    columns: Annotated[str | None, typer.Option(help="Of a table: which column is which.")] = None,
    units: Annotated[str | None, typer.Option(help="Of a table: mm, cm or m.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Play a recording as if its board stood here, in the terminal.

        otolith replay trial.mcap
        otolith replay trial.txt --columns 't=Time[s],ml=COPy[cm],ap=COPx[cm],fz=Fz[N]' --units cm --speed 2

    To play it to the dashboard and over MQTT, give `moniker = "replay:trial.mcap"` to a station.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(_replay(form(Replay(str(file), family, speed, columns, units)), as_json=as_json))


async def _replay(moniker: str, *, as_json: bool) -> None:
    async with single_board(moniker) as (station, board):
        await show(station, board, None, as_json=as_json)
