"""Whether a program makes sense: one axis at a time, and nothing that nobody could ever do."""

from collections.abc import Iterator

from otolith.drivers.toml_lines import Key
from otolith.service.challenges.challenge import Eyes, Stance, SurfaceKind
from otolith.service.guidance.aim import Aim
from otolith.service.programs.axes import changes, harder
from otolith.service.programs.program import Axis, Program, Rung, stands_still

Complaint = tuple[Key, str]
"""Where, and why; as sentences for whoever wrote it."""
FOLLOWS: frozenset[str] = frozenset({"trace", "react", "lean"})
"""Tasks with a target that has to be seen."""
UPRIGHT: frozenset[str] = frozenset({"squat", "step", "jump", "perturb", "hold"})
"""Tasks that nobody does on a chair."""
SIDES = {Stance.SINGLE_LEFT: "right", Stance.SINGLE_RIGHT: "left"}
"""The leg that is in the air."""


def complaints(program: Program) -> Iterator[Complaint]:
    """All that is wrong with it, in the order of its rungs."""
    ids = [rung.id for rung in program.rungs]
    for at, rung in enumerate(program.rungs):
        here: Key = ("rungs", at)
        if rung.id in ids[:at]:
            yield (*here, "id"), f"two rungs are called {rung.id!r}"
        yield from (((*here, *key), why) for key, why in _impossible(rung))
        if at == 0:
            yield from _first(rung)
        else:
            yield from (((*here, *key), why) for key, why in _step(program, program.rungs[at - 1], rung))
    yield from _unreachable(program)
    yield from _never_back(program)


def _never_back(program: Program) -> Iterator[Complaint]:
    """Whoever goes on after so many sets, whatever their scores, cannot fail more often than that before."""
    gate, failures = program.gate, program.regress.failures
    if gate.kind == "repetition" and failures > gate.repetitions:
        yield (
            ("regress", "failures"),
            f"nobody is led back after {failures} failures: {gate.repetitions} repetitions lead on before",
        )


def _first(rung: Rung) -> Iterator[Complaint]:
    if rung.axis is not None or rung.eased:
        yield ("rungs", 0, "axis"), "the first rung is harder than nothing: it has no axis, and eases none"


def _step(program: Program, before: Rung, after: Rung) -> Iterator[Complaint]:
    """What is wrong between two rungs."""
    if after.axis is None:
        yield ("axis",), f"say along which axis {after.id!r} is harder than {before.id!r}: {', '.join(Axis)}"
        return
    differ = changes(before, after)
    if not any(after.axis in axes for axes in differ.values()):
        yield ("axis",), f"nothing of {after.axis} differs from the rung before"
    elif harder(before, after, after.axis) < 0:
        yield ("axis",), f"{after.id!r} is easier along {after.axis} than the rung before"
    for axis in after.eased:
        if harder(before, after, axis) > 0:
            yield ("eased",), f"{after.id!r} is harder along {axis}, and says that it is eased"
    if program.several_axes:
        return
    allowed = {after.axis, *after.eased}
    for name, axes in differ.items():
        if not axes & allowed:
            yield tuple(name.split(".")), _several(name, axes, after.axis)


def _several(name: str, axes: frozenset[Axis], axis: Axis) -> str:
    return (
        f"{name} belongs to {' or '.join(sorted(axes))}, and this rung is harder along {axis}: "
        "change one axis at a time, list what is set back under eased, or set several_axes = true"
    )


def _impossible(rung: Rung) -> Iterator[Complaint]:
    """What nobody could do."""
    task = rung.task
    if task.kind == "jump":
        yield ("task", "kind"), "a jump has no score of percent, so no ladder can be climbed by it: use a challenge"
    try:
        Aim(700.0).target(task, rung.duration_s)
    except ValueError as error:
        yield ("task",), str(error)
    if rung.eyes is not Eyes.OPEN and task.kind in FOLLOWS:
        yield ("eyes",), f"a {task.kind} has a target that must be seen: the eyes stay open"
    if rung.stance is Stance.SEATED and task.kind in UPRIGHT:
        yield ("stance",), f"nobody does a {task.kind} on a chair"
    if task.kind == "load" and task.side == SIDES.get(rung.stance):
        yield ("task", "side"), f"the {task.side} leg bears nothing in the stance {rung.stance}"
    if task.kind in ("trace", "shift", "step") and task.period_s > rung.duration_s:
        yield ("task", "period_s"), f"one round takes {task.period_s:g} s, and a set only {rung.duration_s:g} s"
    if task.kind == "react":
        needed = task.targets * task.longest_s
        if needed > rung.duration_s:
            yield (
                ("task", "targets"),
                f"{task.targets} targets can take {needed:g} s to appear, and a set takes {rung.duration_s:g} s",
            )


def _unreachable(program: Program) -> Iterator[Complaint]:
    """An unstable surface wants both static holds first: somewhere below, they have to be done for long enough."""
    needed = program.gate.static_hold_s
    first = next((n for n, rung in enumerate(program.rungs) if rung.surface.kind is not SurfaceKind.FIRM), None)
    if first is None or not needed:
        return
    below = [rung for rung in program.rungs[:first] if stands_still(rung) and rung.duration_s > needed]
    surface = program.rungs[first].surface.kind
    for eyes in (Eyes.OPEN, Eyes.CLOSED):
        if not any(rung.eyes is eyes for rung in below):
            why = (
                f"nobody gets here: {surface} needs a static hold with the eyes {eyes} of more than {needed:g} s first"
            )
            yield ("rungs", first, "surface"), f"{why}, and no rung below has one"
