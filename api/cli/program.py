"""``otolith program``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from otolith.api.cli.challenge import FolderOption
from otolith.api.cli.failure import BAD_USE, CommandFailed
from otolith.api.cli.output import JsonFlag, console, print_json
from otolith.api.cli.program_course import course_record, show_course
from otolith.api.cli.program_ladder import show_ladder
from otolith.drivers.monikers import Sim, parse
from otolith.service.challenges.cues import LANGUAGES, Language
from otolith.service.programs.catalogue import load_program, programs
from otolith.service.programs.course import BRISK, FULL
from otolith.service.programs.course import course as simulated
from otolith.service.programs.learner import LEARNERS

program = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")
NameArgument = Annotated[str, typer.Argument(help="Which program; `otolith program list` shows them.")]
LanguageOption = Annotated[str, typer.Option(help="Language of names and reasons: en, de or fr.")]


@program.callback()
def about() -> None:
    """List, check, draw and rehearse training programs.

    otolith program list
    otolith program show ankle-sprain-return
    otolith program course vestibular --weeks 3 --person eventful --brisk
    """


@program.command("list")
def list_(*, folder: FolderOption = None, as_json: JsonFlag = False) -> None:
    """Every program there is: those that ship, and your own."""
    found = programs(folder)
    if as_json:
        print_json([one.model_dump(mode="json") for one in found.programs.values()])
        return
    table = Table("program", "name", "rungs", "for", "")
    for one in found.programs.values():
        note = "your own" if one.id in found.own else "defaults, no medical advice"
        table.add_row(one.id, one.name.en, str(len(one.rungs)), one.for_whom.en, note)
    console().print(table)
    for problem in found.problems:
        typer.echo(f"left out: {problem}", err=True)


@program.command()
def check(files: Annotated[list[Path], typer.Argument(help="Program files (TOML).")]) -> None:
    """Read program files and say, with line and reason, what is wrong with them."""
    for file in files:
        found = load_program(file)
        typer.echo(f"{file}: {found.id}, {len(found.rungs)} rungs: fine")


@program.command()
def show(name: NameArgument, folder: FolderOption = None, language: LanguageOption = "en") -> None:
    """Draw a program's ladder, the hardest rung on top."""
    show_ladder(programs(folder).program(name), _language(language))


@program.command()
def course(
    name: NameArgument,
    *,
    folder: FolderOption = None,
    language: LanguageOption = "en",
    weeks: Annotated[float, typer.Option(help="How long.", min=0.1, max=52)] = 3.0,
    person: Annotated[str, typer.Option(help=f"Who: {', '.join(LEARNERS)}.")] = "eventful",
    board: Annotated[str, typer.Option(help="Which simulated board.")] = "sim:btracks?load=script:sway",
    brisk: Annotated[bool, typer.Option("--brisk", help="Three short sets a visit: for a glance.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Rehearse a course of weeks with a simulated person, and show what the ladder decided and why.

    Every set is run, measured, asked about and decided as with a person, in virtual time.
    """
    found, words = programs(folder).program(name), _language(language)
    moniker = parse(board)
    if not isinstance(moniker, Sim):
        raise CommandFailed(BAD_USE, f"{board} is no simulated board; a course is simulated")
    if person not in LEARNERS:
        raise CommandFailed(BAD_USE, f"nobody is called {person!r}; there are {', '.join(LEARNERS)}")
    done = asyncio.run(simulated(found, LEARNERS[person], moniker, weeks=weeks, pace=BRISK if brisk else FULL))
    if as_json:
        print_json(course_record(done, person, weeks, words, brisk=brisk))
    else:
        show_course(done, words, brisk=brisk)


def _language(name: str) -> Language:
    found: Language | None = next((one for one in LANGUAGES if one == name), None)
    if found is None:
        raise CommandFailed(BAD_USE, f"no language {name!r}; there are {', '.join(LANGUAGES)}")
    return found
