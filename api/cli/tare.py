"""``otolith tare``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from otolith.api.cli.output import JsonFlag, print_json
from otolith.api.cli.single import single_board
from otolith.api.cli.tokens import ConfigOption, with_store
from otolith.service.state import TareState
from otolith.service.store import Store, TareRow


def tare(
    moniker: Annotated[str, typer.Argument(help="Which board; `otolith boards` lists them.")],
    *,
    calibration: Annotated[Path | None, typer.Option(help="Calibration file of this board.")] = None,
    config: ConfigOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Take a board's zero and keep it for the station. Nobody may stand on the board.

    ```console
    otolith tare usb:06c2:003b
    ```

    A station that has the board open takes its zero itself: in the dashboard, or POST /api/v1/boards/…/tare.
    """
    state = asyncio.run(_tare(moniker, calibration, config))
    if as_json:
        print_json(state)
    else:
        typer.echo(f"zero taken: {', '.join(f'{count:.1f}' for count in state.zero)}; noise {state.noise_n:.2f} N")


async def _tare(moniker: str, calibration: Path | None, config: Path | None) -> TareState:
    async with single_board(moniker, calibration) as (station, board):
        state = await station.tare(board, "command line")

    async def keep(store: Store) -> None:
        await store.tares.add(TareRow(board, state.at, state.by, state.zero, state.noise_n))

    await with_store(config, keep)
    return state
