"""``otolith rig``."""

import asyncio
from typing import Annotated

import typer

from otolith.api.listen import stop_signals
from otolith.drivers.monikers import Sim, form, parse
from otolith.drivers.sim import BUSID, make_twin
from otolith.drivers.usb.usbip.server import UsbipServer

rig = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")


@rig.callback()
def about() -> None:
    """Serve simulated boards to other programs and machines."""


@rig.command()
def serve(
    board: Annotated[str, typer.Option(help="Which kind of board.")] = "btracks",
    load: Annotated[str, typer.Option(help="What stands on it.")] = "recording:BDS00001",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.", min=0, max=65535)] = 3240,
) -> None:
    """Export a simulated board over USB/IP until Ctrl-C: any host that attaches USB/IP sees a board on a port.

        otolith rig serve --load recording:BDS00004
        otolith watch usbip://127.0.0.1:3240/1-1

    The kernel's own USB stack takes it too: `usbip attach -r 127.0.0.1 -b 1-1`. Listening beyond this machine gives
    the simulated board, and nothing else, to whoever can reach the port.
    """
    moniker = parse(f"sim:{board}?load={load}")
    assert isinstance(moniker, Sim)  # noqa: S101 -- by its scheme
    asyncio.run(_serve(moniker, host, port))


async def _serve(moniker: Sim, host: str, port: int) -> None:
    with stop_signals() as stop:
        async with UsbipServer({BUSID: make_twin(moniker)}).serving(host, port) as listening:
            typer.echo(f"SIMULATED {form(moniker)} at usbip://{host}:{listening}/{BUSID}; Ctrl-C ends it")
            await stop.wait()
