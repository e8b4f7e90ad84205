"""``otolith udev``."""

from typing import Annotated, Final

import typer

from otolith.api.cli.failure import FAILED, CommandFailed
from otolith.drivers import udev as here
from otolith.drivers.permission import FILE, command
from otolith.drivers.udev import Installed

NEXT: Final = {
    Installed.CURRENT: "Whoever sits at this computer, and every member of the group plugdev, may open boards.",
    Installed.OLD: "Bring them up to date: sudo {} udev --install",
    Installed.MISSING: "Install them: sudo {} udev --install",
}


def udev(
    *,
    show: Annotated[bool, typer.Option("--print", help="Print the rules; does nothing else.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Say whether they are installed (the default).")] = False,
    install: Annotated[bool, typer.Option("--install", help="Install them; as root.")] = False,
    uninstall: Annotated[bool, typer.Option("--uninstall", help="Take them away again; as root.")] = False,
) -> None:
    """Let users of this Linux machine open boards: check, install or remove the udev rules.

    ```console
    otolith udev
    sudo $(command -v otolith) udev --install
    ```

    Installing twice does no harm. Exit status of --check: 1 where the rules are missing or old.
    """
    if sum((show, check, install, uninstall)) > 1:
        raise typer.BadParameter("one of --print, --check, --install and --uninstall at a time")
    if show:
        typer.echo(here.SHIPPED.read_text(encoding="utf-8"), nl=False)
    elif install or uninstall:
        _change(install=install)
    else:
        _check()


def _check() -> None:
    found = here.installed(here.FOLDER)
    typer.echo(f"{here.FOLDER / FILE}: {found.value}. {NEXT[found].format(command())}")
    if found is not Installed.CURRENT:
        raise typer.Exit(FAILED)


def _change(*, install: bool) -> None:
    word = "install" if install else "uninstall"
    try:
        changed = (here.install if install else here.uninstall)(here.FOLDER)
    except PermissionError as error:
        raise CommandFailed(FAILED, f"only root may do that: sudo {command()} udev --{word}") from error
    if not changed:
        typer.echo(f"Nothing to do: {here.FOLDER / FILE} is {'up to date' if install else 'not there'}.")
        return
    typer.echo(f"{here.FOLDER / FILE} {'written' if install else 'removed'}.")
    if trouble := here.apply():
        raise CommandFailed(FAILED, f"the rules are {word}ed, but udev does not know yet: {trouble}")
    typer.echo("udev has read its rules again; boards that are plugged in need not be touched.")
