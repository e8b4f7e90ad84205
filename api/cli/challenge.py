"""``otolith challenge``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from otolith.api.cli.challenge_about import about
from otolith.api.cli.challenge_live import conducted
from otolith.api.cli.challenge_result import result_record, show_result
from otolith.api.cli.failure import BAD_USE, DATA, CommandFailed
from otolith.api.cli.output import JsonFlag, console, print_json, screen
from otolith.api.cli.rehearsing import rehearsed
from otolith.drivers.monikers import Sim, parse
from otolith.service.challenges.catalogue import catalogue, refused, runnable
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.cues import Language
from otolith.service.challenges.file import load_challenge
from otolith.service.errors import ChallengeError

challenge = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")
LanguageOption = Annotated[Language, typer.Option(help="Of what the person is told.")]
FolderOption = Annotated[Path | None, typer.Option(help="The station's folder; its `challenges/` holds your own.")]


@challenge.callback()
def _challenges() -> None:
    """List, check and run clinical balance challenges.

    ```console
    otolith challenge list
    otolith challenge show mctsib
    otolith challenge run mctsib --board 'sim:btracks?load=script:sway' --yes
    otolith challenge check my-challenge.toml
    ```
    """


@challenge.command("list")
def list_(*, folder: FolderOption = None, as_json: JsonFlag = False) -> None:
    """Every challenge there is: those that ship, and your own."""
    found = catalogue(folder)
    if as_json:
        print_json([_record(one) for one in found.challenges.values()])
        return
    table = Table("challenge", "name", "conditions", "trials", "about", "")
    for one in found.challenges.values():
        note = "needs a platform" if len(refused(one)) == len(one.conditions) else ""
        table.add_row(one.id, one.name.en, str(len(one.conditions)), str(_trials(one)), _minutes(one), note)
    console().print(table)
    for problem in found.problems:
        typer.echo(f"left out: {problem}", err=True)


@challenge.command()
def show(
    name: Annotated[str, typer.Argument(help="Which challenge.")],
    folder: FolderOption = None,
    *,
    language: LanguageOption = "en",
    as_json: JsonFlag = False,
) -> None:
    """Everything about one challenge: its conditions, what is said, what makes a trial invalid, scores, sources.

    ```console
    otolith challenge show mctsib --language de
    ```
    """
    one = catalogue(folder).challenge(name)
    if as_json:
        print_json({**one.model_dump(mode="json"), "refused": refused(one)})
        return
    about(one, language)


@challenge.command()
def check(files: Annotated[list[Path], typer.Argument(help="Challenge files (TOML).")]) -> None:
    """Read challenge files and say, with line and reason, everything that is wrong with them.

    ```console
    otolith challenge check my-challenge.toml
    ```

    Exit status: 0 all are fine, 4 one is not. docs/challenges.md says how to write one.
    """
    problems: list[str] = []
    for file in files:
        try:
            found = load_challenge(file)
        except ChallengeError as error:
            problems.append(str(error))
        else:
            typer.echo(f"{file}: {found.id}, {len(found.conditions)} conditions, {_trials(found)} trials: fine")
    if problems:
        raise CommandFailed(DATA, "\n".join(problems))


@challenge.command()
def run(
    name: Annotated[str, typer.Argument(help="Which challenge; `otolith challenge list` shows them.")],
    board: Annotated[str, typer.Option(help="Which board, as in `otolith boards`; or a simulated one.")],
    variant: Annotated[str | None, typer.Option(help="Another length of it, such as `ten`.")] = None,
    folder: FolderOption = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Nobody presses anything: for a simulated person.")] = False,
    real_time: Annotated[bool, typer.Option("--real-time", help="With --yes: a second is a second.")] = False,
    language: LanguageOption = "en",
    out: Annotated[Path | None, typer.Option(help="Keep records and samples in this folder.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Run a challenge from start to result.

    ```console
    otolith challenge run romberg --board usb:06c2:003b --language fr --out visits
    otolith challenge run mctsib --board 'sim:btracks?load=script:sway' --yes --json
    ```

    With `--json`, standard output holds the result and nothing else; on a terminal the screen is on standard error.

    On a real board, and without `--yes`, the terminal guides you: what the person has to do in big words, a bell with
    every cue, and the keys below: Enter goes on, `r` once more, `s` skip, `t` touched, `f` fell, `e` error, `n` note,
    `x` stop. The board must not be in use by a station.

    With `--yes` and a simulated board, a simulated person does what is asked, in virtual time: minutes pass in
    seconds, and every run is the same. `--real-time` takes the time it takes, over the board's own bytes.
    """
    whole = catalogue(folder or out).challenge(name, variant)
    left_out, chosen = refused(whole), runnable(whole)
    moniker = parse(board)
    simulated = isinstance(moniker, Sim)
    if yes and not simulated:
        raise CommandFailed(BAD_USE, "--yes is for simulated boards: on a real one, somebody has to look at the person")
    if isinstance(moniker, Sim) and yes and not real_time and out is None:
        done = asyncio.run(rehearsed(chosen, moniker))
    else:
        own = folder if folder != out else None
        live = conducted(
            chosen,
            board,
            variant=variant,
            language=language,
            out=out,
            own=own,
            automatic=yes,
            screen=screen(as_json=as_json),
        )
        done = asyncio.run(live)
    if as_json:
        print_json(result_record(chosen, done, left_out, simulated=simulated))
    else:
        show_result(chosen, done, left_out, language=language, simulated=simulated)


def _record(one: Challenge) -> dict[str, object]:
    return {
        "id": one.id,
        "version": one.version,
        "name": one.name.model_dump(),
        "description": one.description.model_dump(),
        "status": one.status,
        "sources": list(one.sources),
        "conditions": [condition.id for condition in one.conditions],
        "variants": list(one.variants),
        "refused": refused(one),
    }


def _trials(one: Challenge) -> int:
    return sum(condition.trials + condition.practice for condition in one.conditions)


def _minutes(one: Challenge) -> str:
    seconds = sum(
        (condition.settle_s + condition.lead_s + condition.duration_s + condition.rest_s)
        * (condition.trials + condition.practice)
        for condition in one.conditions
    )
    return f"{max(1, round(seconds / 60))} min"
