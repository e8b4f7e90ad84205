"""``otolith serve``."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from otolith.api.cli.output import console
from otolith.api.logs import configure_logging
from otolith.api.serve import Serving, run
from otolith.service.config import load_config

DEMO_BOARD: Final = "sim:btracks?load=recording:BDS00001"

DemoFlag = Annotated[bool, typer.Option("--demo", help="A simulated person on a simulated board; keeps nothing.")]


def serve(
    *,
    config: Annotated[Path | None, typer.Option(help="The station's TOML file.", show_default="none")] = None,
    demo: DemoFlag = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.", show_default="8000")] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="Written once the station serves: address and token as JSON, for scripts.")
    ] = None,
) -> None:
    """Run the station: boards in, dashboard, API and MQTT out. Ctrl-C ends it.

    With nothing plugged in:

    ```console
    otolith serve --demo
    ```

    With a board, in `station.toml`:

        [[boards]]
        moniker = "usb:06c2:003b"

    and then:

    ```console
    otolith serve --config station.toml
    ```

    The first start prints an admin token, once. Nothing listens beyond this machine unless the file says
    `allow_remote = true`.
    """
    configure_logging()
    http = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    overrides: dict[str, Any] = {"http": http} if http else {}
    with ExitStack() as stack:
        if demo:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="otolith-demo-"))
            overrides |= {"folder": folder, "boards": [{"moniker": DEMO_BOARD}], "mqtt": {"port": 0}}
        run(load_config(config, **overrides), ready=ready_file, announce=_announce)


def _announce(served: Serving) -> None:
    """Tell where it is and, on the first start, how to get in; standard output is for this alone."""
    out = console()
    if any(board.moniker.startswith("sim:") for board in served.station.boards()):
        out.print("[bold yellow]SIMULATED[/]: a recorded person on a simulated board; nothing here is a measurement.")
    out.print(f"Dashboard    {served.url}")
    account = "any user name, a token as password" if served.broker.embedded else "the site's broker and accounts"
    out.print(f"MQTT         {served.broker.host}:{served.broker.port}, {account}")
    if served.admin is not None:
        out.print(f"Admin token  [bold]{served.admin}[/]")
        out.print("             shown this once; `otolith token create` makes others")
    out.print("Ctrl-C ends it.")
    sys.stdout.flush()
