"""Every published figure, by its id; and the sets that are asked for by name."""

from collections.abc import Sequence
from itertools import chain
from types import MappingProxyType

from otolith.dsp.metrics import complexity, core, movement, position, scaling, spectral
from otolith.dsp.metrics.metric import Metric

QUIJOUX72 = (*position.METRICS, *movement.METRICS, *spectral.METRICS, *scaling.METRICS)
_GROUPS = (core.METRICS, QUIJOUX72, complexity.METRICS)


def _by_id(metrics: Sequence[Metric]) -> MappingProxyType[str, Metric]:
    named = {metric.id: metric for metric in metrics}
    if len(named) != len(metrics):
        raise ValueError("two metrics share an id")
    return MappingProxyType(named)


METRICS = _by_id(tuple(chain.from_iterable(_GROUPS)))
"""id -> metric, in the order of reports."""
SETS = MappingProxyType(
    {
        "core": tuple(metric.id for metric in core.METRICS),
        "quijoux72": tuple(metric.id for metric in QUIJOUX72),
        "all": tuple(METRICS),
    }
)
"""Name of a set -> ids."""


def chosen(name: str) -> tuple[Metric, ...]:
    """The metrics of a set. Raises ValueError with the names there are."""
    if name not in SETS:
        raise ValueError(f"no set of metrics is called {name!r}: there are {', '.join(SETS)}")
    return tuple(METRICS[key] for key in SETS[name])
