"""``otolith rig``."""

import asyncio
from typing import Annotated, Final

import typer

from otolith.api.listen import stop_signals
from otolith.drivers.monikers import FAULTS
from otolith.drivers.rig import CLEAR, PLUG, send_order, serve_twin

ORDERS_PORT: Final = 3241

rig = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")


@rig.callback()
def about() -> None:
    """Serve simulated boards to other programs and machines, and make them fail.

    ```console
    otolith rig serve --load recording:BDS00004
    otolith watch usbip://127.0.0.1:3240/1-1
    otolith rig fault unplug
    otolith rig fault plug
    ```
    """


@rig.command()
def serve(
    *,
    board: Annotated[str, typer.Option(help="Which kind of board.")] = "btracks",
    load: Annotated[str, typer.Option(help="What stands on it.")] = "recording:BDS00001",
    options: Annotated[str, typer.Option(help="Further options of a sim: moniker, as rev=1&seed=7.")] = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 3240,
    orders: Annotated[
        int, typer.Option(help="Port of this machine for `otolith rig fault`.", min=0, max=65535)
    ] = ORDERS_PORT,
) -> None:
    """Export a simulated board over USB/IP until Ctrl-C: any host that attaches USB/IP sees a board on a port.

    The kernel's own USB stack takes it too: `usbip attach -r 127.0.0.1 -b 1-1`. Listening beyond this machine gives
    the simulated board, and nothing else, to whoever can reach the port.
    """
    asyncio.run(_serve(board, load, options, host, port, orders))


async def _serve(board: str, load: str, options: str, host: str, port: int, orders: int) -> None:  # noqa: PLR0917 -- a command line's
    with stop_signals() as stop:
        async with serve_twin(board, load, host, port, options=options, orders=orders) as served:
            for busid in served.twins:
                typer.echo(f"SIMULATED {board}, {load}: {served.moniker(busid)}")
            typer.echo(f"orders on port {served.orders}; Ctrl-C ends it")
            await stop.wait()


@rig.command()
def fault(
    what: Annotated[str, typer.Argument(help=f"{', '.join(FAULTS)}; {CLEAR} or {PLUG} ends it.")],
    *,
    board: Annotated[str, typer.Option(help="Bus id of the twin.")] = "1-1",
    orders: Annotated[int, typer.Option(help="Port of the rig's orders.", min=1, max=65535)] = ORDERS_PORT,
) -> None:
    """Make a board of a running rig fail, or recover."""
    asyncio.run(send_order(what, orders, board))
