"""One challenge, for people: what happens in it, what is said, and where it comes from."""

from rich.table import Table

from otolith.api.cli.output import console
from otolith.service.challenges.catalogue import refused
from otolith.service.challenges.challenge import Challenge, Condition
from otolith.service.challenges.cues import Language, said, spoken


def about(one: Challenge, language: Language) -> None:
    """Print it."""
    screen = console()
    screen.print(f"[bold]{spoken(one.name, language)}[/] ({one.id}, version {one.version}, {one.status})")
    screen.print(spoken(one.description, language))
    table = Table("condition", "stance", "eyes", "surface", "task", "trials", "seconds", "rest", "is told")
    for condition in one.conditions:
        table.add_row(*_row(condition, language))
    screen.print(table)
    zero = f"before each {one.zero.before}, after each {one.zero.after}, {one.zero.seconds:g} s"
    screen.print(f"zero: {zero}; an invalid trial is repeated {one.redo_limit} times by itself")
    for name, variant in one.variants.items():
        screen.print(f"variant {name}: {spoken(variant.name, language)}")
    screen.print(f"measured by the recipe {one.scoring.recipe}: {', '.join(one.scoring.metrics)}")
    for rule in one.scoring.scores:
        inputs = ", ".join(f"{name} = {condition}" for name, condition in rule.inputs.items())
        screen.print(f"score {rule.id}{f' of {rule.of}' if rule.of else ''}: {inputs or 'all conditions'}")
    for condition_id, reason in refused(one).items():
        screen.print(f"left out: {condition_id}: {reason}")
    for source in one.sources:
        screen.print(f"source: {source}")


def _row(one: Condition, language: Language) -> tuple[str, ...]:
    trials = f"{one.trials}" + (f" + {one.practice} practice" if one.practice else "")
    told = spoken(one.instruction, language) if one.instruction else said(f"stance-{one.stance}", language)
    names = (spoken(one.name, language), one.stance, one.eyes, one.surface.kind, one.task.kind)
    return (*map(str, names), trials, f"{one.duration_s:g}", f"{one.rest_s:g}", told)
