"""``otolith calibrate``."""

import asyncio
import getpass
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from typer.core import TyperGroup

from otolith.api.cli.calibration_guide import Hand, Person, Picture, guide
from otolith.api.cli.calibration_plot import maps
from otolith.api.cli.calibration_report import markdown, page, verification_table
from otolith.api.cli.failure import BAD_USE, DATA, CommandFailed
from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.api.cli.single import single_board
from otolith.api.cli.tokens import ConfigOption
from otolith.drivers.board import BoardInfo
from otolith.service.calibrating.content import ConditionsTable, Content
from otolith.service.calibrating.desk import Desk
from otolith.service.calibrating.file import read_content, text_of
from otolith.service.calibrating.gravity import Gravity, gravity_at, standard_gravity, stated_gravity
from otolith.service.calibrating.plan import Place, Plan, default_plan, read_plan, weight_set
from otolith.service.calibrating.report import Report
from otolith.service.calibrating.shelf import Shelf
from otolith.service.calibrating.verification import Verification
from otolith.service.config import Config, load_config

RUN: Final = "run"
WRITERS: Final[dict[str, Callable[[Report], bytes]]] = {
    ".html": lambda found: page(found).encode(),
    ".md": lambda found: markdown(found).encode(),
    ".png": maps,
}
HELP: Final = ("--help", "-h")


class BoardGroup(TyperGroup):
    """``calibrate MONIKER`` is ``calibrate run MONIKER``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 -- typer's own types are not public
        """Put ``run`` before anything that is not a command of its own."""
        if args and args[0] not in self.commands and args[0] not in HELP:
            args = [RUN, *args]
        return super().parse_args(ctx, args)


calibrate = typer.Typer(cls=BoardGroup, no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")


@calibrate.callback()
def about() -> None:
    """Calibrate a board with known weights, step by step.

    The result is kept with its uncertainty.

    ```console
    otolith calibrate usb:06c2:003b --weights 5,10,20
    otolith calibrate usb:06c2:003b --check --weights 10
    otolith calibrate list
    ```

    The newest calibration of a board is used wherever the board is opened, unless the station's file names another.
    docs/calibration.md explains the procedure and its numbers.
    """


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asked for."""

    plan: Callable[[BoardInfo], Plan]
    conditions: ConditionsTable
    by: str
    yes: bool
    resume: bool


@calibrate.command(RUN)
def run(
    moniker: Annotated[str, typer.Argument(help="Which board; `otolith boards` lists them.")],
    *,
    plan: Annotated[Path | None, typer.Option(help="TOML file with weights and places.", show_default="none")] = None,
    weights: Annotated[str, typer.Option(help="Kilograms, stacked in this order at each place.")] = "5,10,20",
    weight_uncertainty: Annotated[
        float, typer.Option(help="Standard uncertainty of the weights, % of their mass.", min=0.0, max=10.0)
    ] = 0.1,
    places: Annotated[
        str, typer.Option(help="How many places, 1 to 9, or their coordinates in mm: `0,0 120,180 …`.")
    ] = "5",
    cell_uncertainty: Annotated[
        float, typer.Option(help="Standard uncertainty of where each cell stands, mm.", min=0.0, max=100.0)
    ] = 1.0,
    gravity: Annotated[float | None, typer.Option(help="Local gravity, m/s².", show_default="standard")] = None,
    latitude: Annotated[
        float | None, typer.Option(help="Degrees, for gravity by formula.", show_default="none")
    ] = None,
    height: Annotated[float, typer.Option(help="Above sea level, m; with --latitude.")] = 0.0,
    temperature: Annotated[float | None, typer.Option(help="Of the room, °C.", show_default="not stated")] = None,
    note: Annotated[str, typer.Option(help="Kept in the file.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Change nothing; verify the calibration in use.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a procedure that was interrupted.")] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Let a simulated hand put the weights (`load=weights:…`).")
    ] = False,
    settle: Annotated[float | None, typer.Option(help="Seconds of rest first.", show_default="the site's, 1")] = None,
    average: Annotated[float | None, typer.Option(help="Seconds of averaging.", show_default="the site's, 3")] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write the report: .html, .md, or its maps as .png.", show_default="none")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Calibrate one board with known weights; `otolith calibrate MONIKER` for short.

    ```console
    otolith calibrate usb:06c2:003b --weights 5,10,20 --latitude 48.1 --report calibration.html
    ```

    The screen says which weight goes where. Ctrl-C interrupts; --resume goes on with an empty board.
    """
    if report is not None and report.suffix not in WRITERS:
        raise CommandFailed(BAD_USE, f"{report}: a report ends in {', '.join(WRITERS)}")
    here = _gravity(gravity, latitude, height)
    drawn = _planned(plan, _numbers(weights, "weights"), weight_uncertainty / 100.0, places, here)
    making = drawn if plan else lambda info: replace(drawn(info), u_cell=cell_uncertainty)
    order = Order(making, ConditionsTable(temperature_c=temperature, note=note), getpass.getuser(), yes, resume)
    given = {"settle_s": settle, "average_s": average}
    site = load_config(config, calibration=given)
    found = asyncio.run(_run(moniker, order, site, check=check, quiet=as_json))
    if as_json:
        print_json(found)
    elif isinstance(found, Verification):
        _print_verification(found)
    else:
        console().print(Markdown(markdown(found)))
    if report is not None and isinstance(found, Report):
        report.write_bytes(WRITERS[report.suffix](found))
    if isinstance(found, Verification) and found.passed is False:
        raise CommandFailed(DATA, found.sentence)


@calibrate.command("list")
def list_(*, config: ConfigOption = None, as_json: JsonFlag = False) -> None:
    """List the boards that have been calibrated, with the newest calibration of each."""
    folder = load_config(config).calibrations
    boards = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    newest = {board: content for board in boards if (content := Shelf(folder).newest(board)) is not None}
    if as_json:
        print_json([_line(board, content) for board, content in newest.items()])
        return
    table = Table("board", "no.", "kind", "date", "by", "hash")
    for board, content in newest.items():
        line = _line(board, content)
        table.add_row(board, str(line["version"]), line["kind"], line["date"], line["by"], line["hash"][:19])
    console().print(table)


@calibrate.command()
def show(
    board: Annotated[str, typer.Argument(help="Id of a board, from `otolith calibrate list`, or a file.")],
    *,
    config: ConfigOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a board's newest calibration, or a file's."""
    path = Path(board)
    content = read_content(path) if path.is_file() else Shelf(load_config(config).calibrations).newest(board)
    if content is None:
        raise CommandFailed(DATA, f"no calibration of {board}; `otolith calibrate list` shows those there are")
    if as_json:
        print_json(content.plain())
    else:
        typer.echo(text_of(content), nl=False)


@calibrate.command()
def sign(
    file: Annotated[Path, typer.Argument(help="A calibration that was changed on purpose.")],
    *,
    note: Annotated[str, typer.Option(help="Why it was changed; kept in the file.")],
) -> None:
    """Sign a changed calibration file again, saying why. What it was before is named as its predecessor."""
    content = read_content(file, changed=True)
    if file.suffix == ".json":
        raise CommandFailed(BAD_USE, f"{file}: only TOML files are signed")
    noted = content.conditions.model_copy(update={"note": note})
    again = content.model_copy(update={"conditions": noted, "previous": content.hash}).signed()
    file.write_text(text_of(again), encoding="utf-8")
    typer.echo(f"{file}: {again.hash}")


async def _run(moniker: str, order: Order, site: Config, *, check: bool, quiet: bool) -> Report | Verification:
    screen = Console(stderr=True, highlight=False) if quiet else console()
    async with single_board(moniker, site=site) as (station, board):
        desk = station.calibrations
        operator = Hand(desk.device(board)) if order.yes else Person(screen)
        begun = desk.resume(board) if order.resume else desk.begin(board, order.plan, order.by)
        await begun
        await guide(desk, board, operator, screen, _picture(desk, board))
        if not check:
            return await desk.keep(board, order.conditions, order.by)
        found = desk.verify(board)
        await desk.discard(board)
        return found


def _picture(desk: Desk, board: str) -> Picture:
    cells = [(cell.x, cell.y) for cell in desk.device(board).info.cells]
    return Picture(cells, [(place.x, place.y) for place in desk.plan(board).places])


def _planned(
    file: Path | None, kilograms: list[float], relative: float, places: str, here: Gravity
) -> Callable[[BoardInfo], Plan]:
    """How to make the plan, once the board is known. Raises CommandFailed, CalibrationError."""
    if file is not None:
        ready = read_plan(file, here)
        return lambda _: ready
    weights = weight_set(kilograms, relative)
    if places.isdecimal():
        if not 1 <= int(places) <= 9:  # noqa: PLR2004 - as many as are named
            raise CommandFailed(
                BAD_USE, f"--places {places}: 1 to 9 places have names; give others by their coordinates"
            )
        return lambda info: default_plan(info, weights, here, int(places))
    points = [_numbers(point, "places") for point in places.split()]
    if not all(len(point) == 2 for point in points):  # noqa: PLR2004 - x and y
        raise CommandFailed(BAD_USE, f"--places {places}: a place is x,y in mm")
    named = tuple(Place(f"{x:g}, {y:g}", x, y) for x, y in points)
    return lambda _: Plan(weights, named, here)


def _gravity(value: float | None, latitude: float | None, height: float) -> Gravity:
    if value is not None and latitude is not None:
        raise CommandFailed(BAD_USE, "give --gravity or --latitude, not both")
    try:
        if value is not None:
            return stated_gravity(value)
        return standard_gravity() if latitude is None else gravity_at(latitude, height)
    except ValueError as error:
        raise CommandFailed(BAD_USE, str(error)) from error


def _numbers(text: str, name: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise CommandFailed(BAD_USE, f"--{name} {text}: numbers with commas between them are meant") from None


def _line(board: str, content: Content) -> dict[str, Any]:
    here = content.conditions
    return {
        "board": board,
        "version": content.version,
        "kind": content.kind,
        "date": here.date,
        "by": here.by,
        "hash": content.hash,
    }


def _print_verification(found: Verification) -> None:
    heads, rows = verification_table(found)
    table = Table(*heads)
    for row in rows:
        table.add_row(*row)
    console().print(table)
    typer.echo(found.sentence)
