"""``otolith watch``, and the loop that ``otolith replay`` shares."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.live import Live

from otolith.api.cli.failure import DEVICE, CommandFailed
from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.api.cli.single import single_board
from otolith.api.cli.view import BoardView
from otolith.service.hub import Policy
from otolith.service.state import BoardPhase
from otolith.service.station import Station

DRAWN_SECONDS: Final = 0.1
PRINTED_SECONDS: Final = 1.0


def watch(
    moniker: Annotated[str, typer.Argument(help="Which board; `otolith boards` lists them.")],
    *,
    seconds: Annotated[float | None, typer.Option(help="End by itself.", min=0.0, show_default="Ctrl-C ends")] = None,
    tare: Annotated[bool, typer.Option("--tare", help="First take the zero; nobody on the board.")] = False,
    calibration: Annotated[Path | None, typer.Option(help="Calibration file of this board.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one board live in the terminal: loads, CoP, rate, jitter, lost, and the newest seconds of the stabilogram.

    ```console
    otolith watch usb:06c2:003b
    otolith watch 'sim:btracks?load=recording:BDS00001' --seconds 10
    ```

    With --json, or where there is no terminal, one line a second. The board must not be in use by a station.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(_watch(moniker, seconds, calibration, tare=tare, as_json=as_json))


async def _watch(moniker: str, seconds: float | None, calibration: Path | None, *, tare: bool, as_json: bool) -> None:
    async with single_board(moniker, calibration) as (station, board):
        if tare:
            await station.tare(board, "watch")
        await show(station, board, seconds, as_json=as_json)


async def show(station: Station, board: str, seconds: float | None, *, as_json: bool) -> None:
    """Show the board until it ends or the time is over. Raises CommandFailed when the board goes away."""
    drawn = sys.stdout.isatty() and not as_json
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await (_draw(station, board) if drawn else _print(station, board, as_json=as_json))


async def _draw(station: Station, board: str) -> None:
    view = BoardView()
    with (
        station.frames.tap("watch", Policy.OLDEST, 512, lambda frame: frame.board == board) as tap,
        Live(console=console(), auto_refresh=False, screen=True) as live,
    ):
        while True:
            view.add(tap.take_ready())
            live.update(view.panel(station.board(board)), refresh=True)
            await asyncio.sleep(DRAWN_SECONDS)


async def _print(station: Station, board: str, *, as_json: bool) -> None:
    view = BoardView()
    with station.frames.tap("watch", Policy.OLDEST, 2048, lambda frame: frame.board == board) as tap:
        while True:
            await asyncio.sleep(PRINTED_SECONDS)
            view.add(tap.take_ready())
            state = station.board(board)
            if as_json:
                print_json({"board": state, **view.figures()})
            else:
                typer.echo(view.line(state))
            sys.stdout.flush()
            if state.phase in (BoardPhase.LOST, BoardPhase.REFUSED):
                raise CommandFailed(DEVICE, state.reason)
