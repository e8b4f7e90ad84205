"""Every published figure, by its id; and the sets that are asked for by name."""

from collections.abc import Sequence
from itertools import chain
from types import MappingProxyType

from otolith.dsp.metrics import complexity, core, movement, position, scaling, setpoint, spectral, steadiness
from otolith.dsp.metrics.metric import Metric

GROUPS = MappingProxyType(
    {
        "Core": core.METRICS,
        "Position (Quijoux et al. 2021)": position.METRICS,
        "Movement (Quijoux et al. 2021)": movement.METRICS,
        "Spectrum (Quijoux et al. 2021)": spectral.METRICS,
        "Diffusion (Quijoux et al. 2021)": scaling.METRICS,
        "Steadiness (Prieto et al. 1996)": steadiness.METRICS,
        "Further areas": steadiness.AREAS,
        "Diffusion (Collins, De Luca 1993)": scaling.COLLINS,
        "Complexity": complexity.METRICS,
        "Rambling and trembling": setpoint.METRICS,
    }
)
"""Title -> metrics, in the order of reports."""
QUIJOUX72 = (*position.METRICS, *movement.METRICS, *spectral.METRICS, *scaling.METRICS)


def _by_id(metrics: Sequence[Metric]) -> MappingProxyType[str, Metric]:
    named = {metric.id: metric for metric in metrics}
    if len(named) != len(metrics):
        raise ValueError("two metrics share an id")
    return MappingProxyType(named)


METRICS = _by_id(tuple(chain.from_iterable(GROUPS.values())))
"""id -> metric."""
SETS = MappingProxyType(
    {
        "core": tuple(metric.id for metric in core.METRICS),
        "quijoux72": tuple(metric.id for metric in QUIJOUX72),
        "prieto": tuple(metric.id for metric in steadiness.METRICS),
        "all": tuple(METRICS),
    }
)
"""Name of a set -> ids."""


def chosen(name: str) -> tuple[Metric, ...]:
    """The metrics of a set. Raises ValueError with the names there are."""
    if name not in SETS:
        raise ValueError(f"no set of metrics is called {name!r}: there are {', '.join(SETS)}")
    return tuple(METRICS[key] for key in SETS[name])
