"""The metric reference, from the registry: ``python -m otolith.dsp.metrics.page > docs/reference/metrics.md``."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from otolith.dsp.metrics.metric import Definition, Metric, Score
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
UNCERTAINTY = r"""## Uncertainty

Where noise or calibration errors are given, a figure carries its standard `uncertainty` and, for noise, its
`noise_bias`: by how much noise makes it too large (the value itself is left as it is). To first order
(JCGM 100:2008, 5.1.2); a test compares each with drawn noise. Figures marked *noise propagated* have these forms; the
others have no uncertainty while noise is given.

The centre of pressure of cells at $`r_i`$ with noise $`u_F`$ each, and then of every recorded position:

```math
u_p = \frac{u_F}{F}\sqrt{\sum_i (r_i-p)^2}
```

With the recipe's answer $`h`$ to one unit sample, $`P=\sum h_k^2`$ and $`G=\sum(h_k-h_{k-1})^2`$ (without a filter 1
and 2); sums over $`a`$ run over the axes of the figure, $`d`$ is a step and $`w`$ the change of its direction:

```math
\text{path } L:\quad b=L\left(1-\sqrt{1-q}\right),\ q=\frac{G\sum_a u_a^2}{\overline{d^2}},
\qquad u^2=\sum_a u_a^2\,\|h*w_a\|^2
```

```math
\text{RMS } R:\quad b=R-\sqrt{R^2-P\sum_a u_a^2},\qquad u^2=\frac{\sum_a u_a^2R_a^2}{N R^2}
```

```math
\text{ellipse } A:\quad b=A\left(1-\sqrt{\frac{\det(S-PU)}{\det S}}\right),
\qquad u^2=\frac{A^2}{N}\operatorname{tr}(S^{-1}U),\ U=\operatorname{diag}(u_x^2,u_y^2)
```

Calibration errors are the same in every sample and reach every figure: it is computed once more with each cell's gain
wrong by its standard uncertainty, and the squares of the differences are summed (Kragten 1994).
"""


def render() -> str:
    """The whole page, Markdown."""
    traces = (line for title, metrics in GROUPS.items() for line in _group(title, metrics))
    others = (line for title, scores in SCORE_GROUPS.items() for line in _group(title, scores))
    return "\n".join([HEAD, *_recipes(), *_sets(), *_uncertainty(), *traces, *_inputs(), *others])


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


def _uncertainty() -> Iterator[str]:
    yield UNCERTAINTY


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
        "noise propagated" if isinstance(metric, Metric) and metric.doubt else "",
        metric.status,
        f"`{metric.definition}`",
    ]
    said = " · ".join(fact for fact in facts if fact)
    return f"### `{metric.id}`\n\n{metric.name}\n\n```math\n{metric.symbol} = {metric.formula}\n```\n\n{said}\n"


if __name__ == "__main__":
    sys.stdout.write(render())
