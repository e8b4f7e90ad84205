"""How the cost of a report grows with the trial: 15 s at 50 Hz to 30 s at 1 kHz of one real trial."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np
from tests.speed.harness import NOISE
from tests.speed.metrics import N, table

from otolith.dsp.entropy import sample_entropy
from otolith.dsp.metrics.metric import Metric, measure
from otolith.dsp.metrics.registry import METRICS, chosen
from otolith.dsp.recipes import quijoux_native

TRIALS = ((50.0, 15), (50.0, 30), (100.0, 30), (250.0, 30), (500.0, 30), (1000.0, 30))
"""Hz and seconds: 750 to 30 000 samples."""
LAPS = 5
LIMITS_MS = {100.0: 8.0, 1000.0: 120.0}
"""What a whole report may take, by rate."""
REPORT = (
    *chosen("quijoux72"),
    *(METRICS[f"{part}_{axis}"] for part in ("dfa_alpha", "rambling_rms", "trembling_rms") for axis in ("ML", "AP")),
)
ENTROPY = tuple(METRICS[f"sample_entropy_{axis}"] for axis in ("ML", "AP"))


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds at one length, the best of several laps."""

    rate: float
    n: int
    report: float
    """The 72 descriptors, fluctuation analysis, rambling and trembling, filter included; no entropy."""
    sampen: float
    """Sample entropy of one axis."""
    whole: float
    """The report with the sample entropy of both axes."""


def curve() -> list[Cost]:
    """Costs of every length."""
    return [_cost(rate, seconds) for rate, seconds in TRIALS]


def exponent(costs: list[Cost], part: str, *, against: Callable[[float], float]) -> float:
    """Power of ``against(N)`` with which a part's cost grows, by least squares of logarithms."""
    x = np.log([against(cost.n) for cost in costs])
    return float(np.polyfit(x, np.log([getattr(cost, part) for cost in costs]), 1)[0])


def n_log_n(n: float) -> float:
    """What a sort or a Fourier transform costs."""
    return n * math.log(n)


def met(costs: list[Cost]) -> bool:
    """Whether reports are within their limits, and grow no faster than N log N (entropy apart)."""
    within = all(cost.whole <= LIMITS_MS[cost.rate] * (1 + NOISE) for cost in costs if cost.rate in LIMITS_MS)
    return within and exponent(costs, "report", against=n_log_n) <= 1.0 + NOISE


def _cost(rate: float, seconds: int) -> Cost:
    n = round(seconds * rate)
    at, fine = np.arange(N) / 100.0, np.arange(n) / rate
    ml, ap, fml, fap = (np.interp(fine, at, scale * table()[:N, k]) for k, scale in ((8, 10), (7, 10), (2, 1), (1, 1)))
    t = np.empty(0)

    def report(metrics: tuple[Metric, ...] = REPORT) -> list[float]:
        trace = quijoux_native(t, ml, ap, rate).with_force(quijoux_native(t, fml, fap, rate))
        return [measure(metric, trace).value for metric in metrics]

    whole = (*REPORT, *ENTROPY)
    return Cost(rate, n, _best(report), _best(lambda: sample_entropy(ap)), _best(lambda: report(whole)))


def _best(call: Callable[[], object]) -> float:
    call()
    laps = []
    for _ in range(LAPS):
        start = perf_counter_ns()
        call()
        laps.append((perf_counter_ns() - start) / 1e6)
    return min(laps)
