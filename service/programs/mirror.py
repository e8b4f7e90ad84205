"""A program for the other side of the body."""

from typing import Final

from otolith.service.challenges.challenge import Stance
from otolith.service.challenges.tasks import Keep, Lean, Load, Shift, Task, Trace
from otolith.service.programs.program import Program, Rung

OTHER: Final[dict[str, str]] = {"left": "right", "right": "left", Stance.SINGLE_LEFT: Stance.SINGLE_RIGHT}
OTHER[Stance.SINGLE_RIGHT] = Stance.SINGLE_LEFT


def mirrored(program: Program) -> Program:
    """Left for right in stances, loads, places and directions; a program without an affected side stays as it is."""
    if not program.affected:
        return program
    rungs = tuple(_rung(rung) for rung in program.rungs)
    return program.model_copy(update={"affected": OTHER[program.affected], "rungs": rungs})


def _rung(rung: Rung) -> Rung:
    stance = Stance(OTHER.get(rung.stance, rung.stance))
    return rung.model_copy(update={"stance": stance, "task": _task(rung.task)})


def _task(task: Task) -> Task:
    change: dict[str, object] = {}
    if isinstance(task, Load):
        change = {"side": OTHER.get(task.side, task.side)}
    elif isinstance(task, Keep):
        change = {"ml_mm": -task.ml_mm}
    elif isinstance(task, Lean):
        change = {"bearing": -task.bearing % 360.0}
    elif isinstance(task, Shift):
        change = {"bearing": -task.bearing % 180.0}
    elif isinstance(task, Trace):
        points = tuple((-x, y) for x, y in task.points)
        change = {"clockwise": not task.clockwise, "points": points}
    return task.model_copy(update=change)
