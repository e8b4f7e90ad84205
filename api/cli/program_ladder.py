"""A program as a ladder in the terminal."""

from collections.abc import Iterator
from typing import Final

from rich.markup import escape
from rich.table import Table

from otolith.api.cli.output import console
from otolith.service.challenges.cues import Language, spoken
from otolith.service.programs.program import Axis, Gate, Program, Rung

COLOURS: Final = {
    Axis.MOVEMENT: "magenta",
    Axis.PATH: "cyan",
    Axis.WEIGHT_BEARING: "yellow",
    Axis.PROPRIOCEPTION: "green",
    Axis.RESISTANCE: "red",
    Axis.TEMPO: "blue",
    Axis.FEEDBACK: "white",
}


def show_ladder(program: Program, language: Language) -> None:
    """The hardest rung on top; the axis along which each is harder beside it."""
    screen = console()
    screen.print(f"[bold]{escape(spoken(program.name, language))}[/]  {program.id}, version {program.version}")
    screen.print(escape(spoken(program.description, language)))
    table = Table.grid(padding=(0, 2))
    for number, rung in reversed(list(enumerate(program.rungs, 1))):
        axis = "" if rung.axis is None else f"[{COLOURS[rung.axis]}]▲ {rung.axis}[/]"
        back = "".join(f" ▽ {eased}" for eased in rung.eased)
        name = escape(spoken(rung.name, language))
        table.add_row("├────┤", str(number), f"[bold]{name}[/]", f"{axis}{back}", ", ".join(_done(rung)), rung.id)
    screen.print(table)
    screen.print(_gate(program.gate))


def _done(rung: Rung) -> Iterator[str]:
    """How it is done, in the words of the file."""
    task = rung.task
    yield f"{task.kind} {task.path}" if task.kind == "trace" else task.kind
    yield str(rung.stance)
    yield f"eyes {rung.eyes}"
    yield str(rung.surface.kind)
    yield f"{rung.sets} x {rung.duration_s:g} s"


def _gate(gate: Gate) -> str:
    counted = (
        f"{gate.passed} of the last {gate.of} sets passed"
        if gate.kind == "error"
        else f"{gate.repetitions} sets done, whatever their score"
    )
    return f"on: {counted}, no symptoms; an unstable surface: after static holds of more than {gate.static_hold_s:g} s"
