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
from otolith.drivers.options import read_speed


def replay(
    file: Annotated[Path, typer.Argument(help="A recording.", exists=True, dir_okay=False)],
    *,
    speed: Annotated[str, typer.Option(help="2 is twice as fast; max as fast as it goes.")] = "1",
    family: Annotated[str, typer.Option("--as", help="Which kind of board it plays.")] = "btracks",
    columns: Annotated[str | None, typer.Option(help="Of a table: which column is which.")] = None,
    units: Annotated[str | None, typer.Option(help="Of a table: mm, cm or m.")] = None,
    rate: Annotated[float | None, typer.Option(help="Samples per second, where the file does not tell.")] = None,
    plate: Annotated[
        int | None, typer.Option(help="Force platform of a C3D file, from 1; all without it.", min=1)
    ] = None,
    stream: Annotated[str | None, typer.Option(help="Name or type of the stream of an XDF file.")] = None,
    loop: Annotated[bool, typer.Option("--loop", help="Begin again at the end.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Play a recording as if its board stood here, in the terminal.

    ```console
    otolith replay trial.mcap
    otolith replay walk.c3d --plate 2 --columns ml=-y,ap=x
    otolith replay trial.txt --columns 't=Time[s],ml=COPy[cm],ap=COPx[cm],fz=Fz[N]' --units cm --speed 2
    ```

    To play it to the dashboard and over MQTT, give `moniker = "replay:trial.mcap"` to a station.
    """
    try:
        board = Replay(str(file), family, read_speed(speed), columns, units, loop, rate, plate, stream)
    except ValueError as error:
        raise typer.BadParameter(f"--speed {speed} {error}") from error
    with suppress(KeyboardInterrupt):
        asyncio.run(_replay(form(board), as_json=as_json))


async def _replay(moniker: str, *, as_json: bool) -> None:
    async with single_board(moniker) as (station, board):
        await show(station, board, None, as_json=as_json)
