"""What belongs to which axis, and which of two rungs is the harder one along it."""

from collections.abc import Iterator
from typing import Any, Final

from otolith.service.challenges.challenge import Eyes, Stance, SurfaceKind
from otolith.service.programs.program import Axis, Rung

Field = tuple[str, ...]
"""Path of a setting of a rung: ``("task", "period_s")``."""
A = Axis
RUNG: Final[dict[Field, frozenset[Axis]]] = {
    ("stance",): frozenset({A.WEIGHT_BEARING}),
    ("eyes",): frozenset({A.PROPRIOCEPTION}),
    ("surface",): frozenset({A.PROPRIOCEPTION}),
    ("feedback",): frozenset({A.FEEDBACK}),
    ("duration_s",): frozenset({A.TEMPO}),
    ("sets",): frozenset({A.TEMPO}),
    ("rest_s",): frozenset({A.TEMPO}),
}
"""Every setting of a rung beside its task that makes it harder or easier, and the axes that it may be changed for."""
TASK: Final[dict[str, frozenset[Axis]]] = {
    "period_s": frozenset({A.TEMPO}),
    "repetitions": frozenset({A.TEMPO}),
    "targets": frozenset({A.TEMPO}),
    "shortest_s": frozenset({A.TEMPO}),
    "longest_s": frozenset({A.TEMPO}),
    "path": frozenset({A.PATH}),
    "width_mm": frozenset({A.PATH}),
    "height_mm": frozenset({A.PATH}),
    "points": frozenset({A.PATH}),
    "clockwise": frozenset({A.PATH}),
    "bearing": frozenset({A.PATH}),
    "degrees": frozenset({A.PATH, A.MOVEMENT}),
    "percent": frozenset({A.WEIGHT_BEARING, A.RESISTANCE}),
    "side": frozenset({A.WEIGHT_BEARING}),
    "ml_mm": frozenset({A.WEIGHT_BEARING}),
    "ap_mm": frozenset({A.WEIGHT_BEARING}),
    "newtons": frozenset({A.RESISTANCE}),
    "rise_s": frozenset({A.RESISTANCE}),
    "band_percent": frozenset({A.RESISTANCE, A.WEIGHT_BEARING}),
    "knee_degrees": frozenset({A.MOVEMENT}),
    "head": frozenset({A.MOVEMENT}),
    "second_task": frozenset({A.MOVEMENT}),
    "form": frozenset({A.MOVEMENT}),
    "motion": frozenset({A.PROPRIOCEPTION}),
    "size": frozenset({A.PROPRIOCEPTION}),
    "shape": frozenset({A.PROPRIOCEPTION}),
    "radius_mm": frozenset({A.PROPRIOCEPTION, A.PATH}),
    "band_mm": frozenset({A.PATH, A.PROPRIOCEPTION}),
}
"""Every such setting of a task; seeds and words are none."""
FOLLOWED: Final = frozenset({"lean", "shift", "trace", "react"})
STILL: Final = frozenset({"stand", "hold", "keep", "squat"})
STANCES: Final = (
    frozenset({Stance.SEATED}),
    frozenset({Stance.DOUBLE, Stance.TEMPLATE}),
    frozenset({Stance.SEMI_TANDEM}),
    frozenset({Stance.TANDEM}),
    frozenset({Stance.SINGLE_LEFT, Stance.SINGLE_RIGHT}),
)
"""From simple to hard."""
PATHS: Final = ("line", "diagonal", "circle", "figure-of-eight", "free")
MODES: Final = ("full", "reduced", "delayed-off", "none")


def changes(before: Rung, after: Rung) -> dict[str, frozenset[Axis]]:
    """What differs between two rungs, by its name in the file, and the axes that each may be changed for."""
    found = {".".join(name): axes for name, axes in RUNG.items() if getattr(before, name[0]) != getattr(after, name[0])}
    if before.task.kind != after.task.kind:
        return found | {"task.kind": _kinds(before.task.kind, after.task.kind)}
    for name, axes in TASK.items():
        if getattr(before.task, name, None) != getattr(after.task, name, None):
            found[f"task.{name}"] = axes
    return found


def _kinds(before: str, after: str) -> frozenset[Axis]:
    """Another task is another movement; from standing or leaning to following it is also another path."""
    axes = {A.MOVEMENT}
    if {before, after} <= FOLLOWED:
        axes.add(A.PATH)
    if "load" in (before, after):
        axes |= {A.WEIGHT_BEARING, A.RESISTANCE}
    return frozenset(axes)


def harder(before: Rung, after: Rung, axis: Axis) -> int:
    """1 where ``after`` is harder along an axis, -1 where it is easier, 0 where that cannot be told."""
    for old, new in _ranks(before, after, axis):
        if old != new:
            return 1 if new > old else -1
    return 0


def _ranks(before: Rung, after: Rung, axis: Axis) -> Iterator[tuple[float, float]]:
    """Pairs of numbers that grow with the difficulty, those that decide first."""
    if axis is A.PROPRIOCEPTION:
        yield _surface(before), _surface(after)
        yield _place(tuple(Eyes), before.eyes), _place(tuple(Eyes), after.eyes)
    elif axis is A.WEIGHT_BEARING:
        yield _stance(before), _stance(after)
    elif axis is A.FEEDBACK:
        yield _place(MODES, before.feedback.mode), _place(MODES, after.feedback.mode)
        yield -before.feedback.assistance, -after.feedback.assistance
    if before.task.kind != after.task.kind:
        return
    for name, of in _NUMBERS.get(axis, ()):
        old, new = getattr(before.task, name, None), getattr(after.task, name, None)
        if old is not None and new is not None:
            yield of(old), of(new)


def _path(name: Any) -> float:  # noqa: ANN401 - a setting of whatever task
    return _place(PATHS, name)


_NUMBERS: Final = {
    A.WEIGHT_BEARING: (("percent", float),),
    A.RESISTANCE: (("newtons", float), ("percent", float)),
    A.PATH: (("path", _path), ("degrees", float)),
    A.MOVEMENT: (("knee_degrees", float),),
}
"""Settings of a task that say by themselves what is harder."""


def _place(order: tuple[Any, ...], what: object) -> float:
    return float(order.index(what))


def _surface(rung: Rung) -> float:
    """The kinds in their order; within a kind the level (12 is the stiffest) or the gain."""
    kinds, surface = tuple(SurfaceKind), rung.surface
    return kinds.index(surface.kind) + (12 - (surface.level or 12)) / 12.0 + (surface.gain or 0.0) / 3.0


def _stance(rung: Rung) -> float:
    return next(float(n) for n, stances in enumerate(STANCES) if rung.stance in stances)
