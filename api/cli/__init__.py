"""The command line: ``otolith --help``.

Each command is one module, imported when it is called, so that help is immediate.
"""

import os
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from otolith.api.cli.failure import explain

COMMANDS: Final = {
    "serve": ("serve", "Run the station: boards in, dashboard, API and MQTT out."),
    "boards": ("boards", "List the boards that are plugged in, and why one cannot be opened."),
    "watch": ("watch", "Show one board live in the terminal."),
    "record": ("record", "Record one board into a file."),
    "replay": ("replay", "Play a recording as if its board stood here."),
    "analyse": ("analyse", "Measure the sway of whole recordings."),
    "convert": ("convert", "Write a recording in another format."),
    "snoop": ("snoop", "Keep everything that is said between this machine and a board, byte for byte."),
    "calibrate": ("calibrate", "Calibrate a board with known weights, step by step."),
    "challenge": ("challenge", "List, check and run clinical balance challenges."),
    "program": ("program", "List, check, draw, run and rehearse training programs."),
    "norms": ("norms", "Figures of comparable people: norms that ship, your own, and how to build one."),
    "tare": ("tare", "Take a board's zero and keep it for the station."),
    "token": ("tokens", "Make, list and revoke tokens of the station."),
    "db": ("db", "Look after the station's records."),
    "udev": ("udev", "Let users of this Linux machine open boards: check, install or remove the udev rules."),
    "doctor": ("doctor", "Say in plain words what is wrong with this installation."),
    "prove": ("prove", "Have a board send its test pattern, and judge what comes."),
    "rig": ("rig", "Serve simulated boards to other programs and machines, and make them fail."),
    "version": ("version", "Say which otolith this is."),
}
"""Name: module of this package with the function or Typer of that name, and its line in the list."""


def load(name: str) -> Any:  # noqa: ANN401 -- typer's own classes of commands are not public
    """The command itself, from its module."""
    module, _ = COMMANDS[name]
    target = getattr(import_module(f"otolith.api.cli.{module}"), name)
    if isinstance(target, typer.Typer):
        return typer.main.get_command(target)
    single = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    single.command(name)(target)
    return typer.main.get_command(single)


class LazyGroup(TyperGroup):
    """Lists every command without importing one; imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 -- typer's own types are not public
        """Put the real command in the place of its line."""
        if args and args[0] in COMMANDS:
            self.commands[args[0]] = load(args[0])
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def otolith() -> None:
    """The open balance station: force plates in, centre of pressure and sway out.

    See a simulated person on a simulated board, with nothing plugged in:

    ```console
    otolith serve --demo
    ```

    Then find your own board, watch it, and serve it:

    ```console
    otolith boards
    otolith watch usb:06c2:003b
    otolith serve --config station.toml
    ```

    Exit status: 1 the station or system failed, 2 bad use, 3 a board failed, 4 bad data.
    """


def _line(text: str) -> Callable[[], None]:
    """Stands in the list for a command that is not imported."""

    def line() -> None: ...

    line.__doc__ = text
    return line


for _name, (_, _text) in COMMANDS.items():
    app.command(_name)(_line(_text))


def main() -> None:
    """Run the command; a failure is one plain sentence, or a traceback where ``OTOLITH_DEBUG`` is set."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("OTOLITH_DEBUG"):
            raise
        status, sentence = explain(error)
        typer.echo(f"otolith: {sentence}", err=True)
        sys.exit(status)
