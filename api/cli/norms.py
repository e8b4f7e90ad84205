"""``otolith norms``."""

import asyncio
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from otolith.api.cli.norm_plot import draw, refuse_without_matplotlib
from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.api.cli.tokens import ConfigOption, with_store
from otolith.service.config import load_config
from otolith.service.errors import NormError
from otolith.service.norms.build import FEWEST, Wanted, built
from otolith.service.norms.file import OWN, load_norm, written
from otolith.service.norms.file import norms as found_norms
from otolith.service.norms.norm import Norm
from otolith.service.store import PersonRow, RunRow, Store

norms = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")
MANY: Final = 100
"""From here on nobody needs decimals."""
FolderOption = Annotated[Path | None, typer.Option(help="The station's folder; its `norms/` holds your own.")]


@norms.callback()
def about() -> None:
    """Figures of comparable people: norms that ship, your own, and how to build one.

    ```console
    otolith norms list
    otolith norms show bds-2016 --plot bands.png
    otolith norms build romberg --config station.toml --id our-romberg --ages 18-60 --ages 60-90
    ```
    """


@norms.command("list")
def list_(*, folder: FolderOption = None, as_json: JsonFlag = False) -> None:
    """Every norm there is, and the circumstances in which it holds."""
    found = found_norms(folder)
    if as_json:
        print_json([one.model_dump(mode="json", exclude={"entries"}) for one in found.norms.values()])
        return
    table = Table("norm", "of", "board", "Hz", "recipe", "trials", "stance", "licence")
    for one in found.norms.values():
        trials = f"{one.trials} x {one.duration_s:g} s"
        recipes = ", ".join(one.recipes)
        table.add_row(one.id, one.population, one.device, f"{one.rate_hz:g}", recipes, trials, one.stance, one.licence)
    console().print(table)
    for problem in found.problems:
        typer.echo(f"left out: {problem}", err=True)


@norms.command()
def show(
    name: Annotated[str, typer.Argument(help="Which norm; `otolith norms list` shows them.")],
    folder: FolderOption = None,
    *,
    plot: Annotated[Path | None, typer.Option(help="Draw its bands into this PNG; needs matplotlib.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """A norm's figures by condition and age, and what to beware of."""
    found = found_norms(folder).norm(name)
    if plot is not None:
        refuse_without_matplotlib()
        draw(found, plot)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    screen = console()
    screen.print(f"[bold]{found.name}[/]: {found.source} ({found.licence})")
    screen.print(_entries(found))
    for caution in found.cautions:
        screen.print(f"beware: {caution}")
    for entry in found.entries:
        for caution in entry.cautions:
            screen.print(f"beware: {entry.figure}, eyes {'/'.join(entry.eyes)}, {entry.surface}: {caution}")


@norms.command()
def check(files: Annotated[list[Path], typer.Argument(help="Norm files (JSON).")]) -> None:
    """Read norm files and say what is wrong with them."""
    for file in files:
        found = load_norm(file)
        typer.echo(f"{file}: {found.id}, {len(found.entries)} figures: fine")


@norms.command()
def build(
    challenge: Annotated[str, typer.Argument(help="Whose finished runs it is made of.")],
    *,
    name: Annotated[str, typer.Option("--id", help="Of the norm: lower case, digits and hyphens.")],
    ages: Annotated[list[str], typer.Option(help="An age band such as 18-60, the end not in it; give several.")],
    population: Annotated[str, typer.Option(help="Who these people are.")] = "people of this clinic",
    least: Annotated[int, typer.Option("--min-n", help="People that a band needs.")] = FEWEST,
    simulated: Annotated[bool, typer.Option(help="Of simulated people, to try it out.")] = False,
    config: ConfigOption = None,
) -> None:
    """Build a norm from this station's own records, into its folder.

    One value per person: the mean of the trials of their first visit. Records of different boards, rates, filters or
    lengths are refused, not mixed; so are bands with too few people.
    """

    async def read(store: Store) -> tuple[tuple[RunRow, PersonRow], ...]:
        return await store.sessions.finished(challenge)

    bands = [_band(text) for text in ages]
    wanted = Wanted(name, name, population, bands, least, simulated)
    made = built(asyncio.run(with_store(config, read)), wanted)
    path = Path(load_config(config).folder) / OWN / f"{made.id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(written(made), encoding="utf-8")
    typer.echo(f"{path}: {len(made.entries)} figures of {made.population}")


def _band(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split("-"))
    except ValueError as error:
        raise NormError(f"an age band is two ages with a hyphen, such as 18-60, not {text!r}") from error
    return low, high


def _entries(norm: Norm) -> Table:
    table = Table("figure", "eyes", "surface", "age", "n", "mean ± SD", "P5", "P50", "P95", "unit")
    for entry in norm.entries:
        figure = f"{entry.figure}({entry.of})" if entry.of else entry.figure
        for band in entry.bands:
            row: list[Any] = [figure, "/".join(entry.eyes), entry.surface, band.label, band.n]
            digits = 0 if band.mean >= MANY else 2
            p5, p50, p95 = (f"{band.percentiles[at]:.{digits}f}" for at in (0, len(band.percentiles) // 2, -1))
            mean = f"{band.mean:.{digits}f} ± {band.sd:.{digits}f}"
            table.add_row(*map(str, row), mean, p5, p50, p95, entry.unit)
    return table
