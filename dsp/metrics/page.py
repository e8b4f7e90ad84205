"""The metric reference, from the registry: ``python -m otolith.dsp.metrics.page > docs/reference/metrics.md``."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from otolith.dsp.metrics.metric import Definition, Score
from otolith.dsp.metrics.registry import GROUPS, SCORE_GROUPS, SCORES, SETS
from otolith.dsp.recipes import RECIPES

HEAD = """# Metric reference

Generated from the registry by `python -m otolith.dsp.metrics.page`; a test keeps it current.

A figure is computed from a *trace*: CoP positions in mm (x to the subject's right, ML; y forward, AP) that a *recipe*
has prepared. N is the number of samples, f the rate, r the distance from the origin; T = N / f unless a metric says
otherwise. `{L}` in a unit is the unit of length asked for. Every result carries the id of its definition, `id/version`;
the version grows whenever a formula changes. *Verified* means equal, to 1e-9 or better, to published figures or to an
independent program, or to what a printed formula gives by hand where it leaves nothing open; *unverified*, that no
public source settles some border or constant, which the conventions then name.
"""


def render() -> str:
    """The whole page, Markdown."""
    traces = (line for title, metrics in GROUPS.items() for line in _group(title, metrics))
    others = (line for title, scores in SCORE_GROUPS.items() for line in _group(title, scores))
    return "\n".join([HEAD, *_recipes(), *_sets(), *traces, *_inputs(), *others])


def _recipes() -> Iterator[str]:
    yield "## Recipes\n"
    for recipe in RECIPES.values():
        default = " (the default)" if recipe is next(iter(RECIPES.values())) else ""
        yield f"- **`{recipe.name}`**{default}: {recipe.steps} Source: {recipe.source}."
    yield ""


def _sets() -> Iterator[str]:
    yield "## Sets\n"
    for name, ids in SETS.items():
        yield f"- **`{name}`**: {len(ids)} metrics"
    yield ""


def _inputs() -> Iterator[str]:
    yield "## Scores\n"
    yield "These are not figures of one quiet trace; each names its inputs.\n"
    for inputs in dict.fromkeys(score.inputs for score in SCORES.values()):
        yield f"- **`{inputs.__name__}`**: {(inputs.__doc__ or '').strip()}"
    yield ""


def _group(title: str, entries: Iterable[Definition[Any]]) -> Iterator[str]:
    yield f"## {title}\n"
    yield from map(_entry, entries)


def _entry(metric: Definition[Any]) -> str:
    facts = [
        f"unit {metric.dimension.unit}",
        f"of `{metric.inputs.__name__}`" if isinstance(metric, Score) else "",
        str(metric.source),
        metric.conventions,
        f"at least {metric.seconds:g} s at {metric.rate:g} Hz" if metric.rate else "",
        metric.status,
        f"`{metric.definition}`",
    ]
    said = " · ".join(fact for fact in facts if fact)
    return f"### `{metric.id}`\n\n{metric.name}\n\n```math\n{metric.symbol} = {metric.formula}\n```\n\n{said}\n"


if __name__ == "__main__":
    sys.stdout.write(render())
