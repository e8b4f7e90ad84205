"""``otolith program``."""

import asyncio
import re
from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.table import Table

from otolith.api.cli.challenge import FolderOption
from otolith.api.cli.failure import BAD_USE, CommandFailed
from otolith.api.cli.output import JsonFlag, console, print_json, screen
from otolith.api.cli.program_course import course_record, show_course
from otolith.api.cli.program_ladder import show_ladder
from otolith.api.cli.program_visit import Coming, conducted_visit, rehearsed_visit, show_visit, visit_record
from otolith.api.rest.people import PERSON
from otolith.drivers.monikers import Sim, parse
from otolith.service.challenges.cues import LANGUAGES, Language
from otolith.service.programs.catalogue import load_program, programs
from otolith.service.programs.coach import Side
from otolith.service.programs.course import BRISK, FULL
from otolith.service.programs.course import course as simulated
from otolith.service.programs.learner import LEARNERS
from otolith.service.programs.program import Program

program = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")
NameArgument = Annotated[str, typer.Argument(help="Which program; `otolith program list` shows them.")]
LanguageOption = Annotated[str, typer.Option(help="Language of names and reasons: en, de or fr.")]


@program.callback()
def about() -> None:
    """List, check, draw, run and rehearse training programs.

    ```console
    otolith program list
    otolith program show ankle-sprain-return
    otolith program run fall-prevention --board 'sim:btracks?load=script:sway' --yes
    otolith program course vestibular --weeks 3 --person eventful --brisk
    ```
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


@program.command()
def run(
    name: NameArgument,
    board: Annotated[str, typer.Option(help="Which board, as in `otolith boards`; or a simulated one.")],
    person: Annotated[str | None, typer.Option(help="Who, by pseudonym; with --yes, somebody made up.")] = None,
    *,
    out: Annotated[Path | None, typer.Option(help="The folder with the records, to go on from; it is made.")] = None,
    folder: FolderOption = None,
    side: Annotated[str, typer.Option(help="The affected side, left or right, where the program has one.")] = "",
    felt: Annotated[
        list[str] | None, typer.Option(help="Answer after each set, as `pain=3`; what is left out is 0.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Nobody presses anything: for a simulated person.")] = False,
    real_time: Annotated[bool, typer.Option("--real-time", help="With --yes: a second is a second.")] = False,
    brisk: Annotated[bool, typer.Option("--brisk", help="With --yes: three short sets, for a glance.")] = False,
    language: LanguageOption = "en",
    as_json: JsonFlag = False,
) -> None:
    """One visit: set after set, each asked about and decided, until the visit's sets are done.

    ```console
    otolith program run fall-prevention --board usb:06c2:003b --person p-17 --out clinic
    otolith program run fall-prevention --board 'sim:btracks?load=script:sway' --yes --out trial --json
    ```

    The next visit goes on where the last one ended, as the records in `--out` say. On a real board the terminal guides
    you as in `otolith challenge run`, and asks for the symptoms after each set; the board and the records must not be
    in use by a station.

    With `--yes` a simulated person does the sets in virtual time, and each visit is as long after the one before as
    the program wants it: its dates are made up.
    """
    words, moniker, chosen = _language(language), parse(board), programs(folder or out).program(name)
    if yes and not isinstance(moniker, Sim):
        raise CommandFailed(BAD_USE, "--yes is for simulated boards: on a real one, somebody has to look at the person")
    if brisk and (real_time or not yes):
        raise CommandFailed(BAD_USE, "--brisk is for simulated visits in virtual time: give --yes, and no --real-time")
    coming = Coming(
        person=_person(person or ("simulated" if yes else "")),
        program=chosen,
        side=_side(side),
        language=words,
        felt=_felt(felt or [], chosen) if yes or felt else None,
        brisk=brisk,
    )
    if isinstance(moniker, Sim) and yes and not real_time:
        done = asyncio.run(rehearsed_visit(coming, moniker, out))
    else:
        own = folder if folder != out else None
        looked_at = screen(as_json=as_json)
        done = asyncio.run(conducted_visit(coming, board, out, own, automatic=yes, screen=looked_at))
    if as_json:
        print_json(visit_record(done, words))
    else:
        show_visit(done, words)


def _person(name: str) -> str:
    if not re.fullmatch(PERSON, name):
        raise CommandFailed(BAD_USE, "say who comes: --person with 1 to 64 letters, digits, or . _ -")
    return name


def _side(name: str) -> Side:
    found: Side | None = next((one for one in get_args(Side) if one == name), None)
    if found is None:
        raise CommandFailed(BAD_USE, f"--side is left or right, not {name!r}")
    return found


def _felt(given: list[str], program: Program) -> dict[str, float]:
    """``pain=3`` and its like, of what the program asks for."""
    found: dict[str, float] = {}
    for text in given:
        name, _, size = text.partition("=")
        try:
            found[name] = float(size)
        except ValueError:
            raise CommandFailed(BAD_USE, f"--felt is a symptom and a number, like pain=3, not {text!r}") from None
    if strange := sorted(found.keys() - set(program.symptoms.asked)):
        raise CommandFailed(BAD_USE, f"nobody asks for {strange[0]!r}; asked: {', '.join(program.symptoms.asked)}")
    return found


def _language(name: str) -> Language:
    found: Language | None = next((one for one in LANGUAGES if one == name), None)
    if found is None:
        raise CommandFailed(BAD_USE, f"no language {name!r}; there are {', '.join(LANGUAGES)}")
    return found
