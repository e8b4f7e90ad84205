"""How regular and how scale-free the path is: entropies and detrended fluctuation analysis."""

from functools import partial

import numpy as np

from otolith.dsp.entropy import approximate_entropy, multiscale_entropy, sample_entropy
from otolith.dsp.fractal import dfa_exponent
from otolith.dsp.metrics.metric import PLANE, PURE, Metric, Source, on_axes
from otolith.dsp.trace import Axis, Signal, Trace

SCALES = range(1, 7)
"""Coarse-graining scales of the complexity index."""
_TOLERANCE = "m = 2, r = 0.2 SD (ddof 0), Chebyshev distance <= r, both counts over the same N - m templates"


def regularity(trace: Trace, axis: Axis) -> float:
    """Sample entropy of the positions."""
    return sample_entropy(trace.signal(axis))


def increment_regularity(trace: Trace, axis: Axis) -> float:
    """Sample entropy of the steps, which unlike the positions are stationary."""
    return sample_entropy(np.diff(trace.signal(axis)))


def approximate(trace: Trace, axis: Axis) -> float:
    """Approximate entropy of the positions."""
    return approximate_entropy(trace.signal(axis))


def at_scale(trace: Trace, axis: Axis, scale: int) -> float:
    """Sample entropy of the steps at one scale."""
    return float(trace.shared(scale_entropies, axis)[scale - SCALES[0]])


def scale_entropies(trace: Trace, axis: Axis) -> Signal:
    """``(6,)`` sample entropies of the steps at scales 1 to 6."""
    return multiscale_entropy(np.diff(trace.signal(axis)), SCALES)


def complexity(trace: Trace, axis: Axis) -> float:
    """Sum of the sample entropies of the steps at scales 1 to 6."""
    return float(trace.shared(scale_entropies, axis).sum())


def scaling_exponent(trace: Trace, axis: Axis) -> float:
    """Exponent of detrended fluctuation analysis of the positions."""
    return dfa_exponent(trace.signal(axis))


METRICS: tuple[Metric, ...] = (
    *on_axes(
        PLANE,
        regularity,
        id="sample_entropy_@",
        name="Sample entropy, @",
        symbol=r"\mathrm{SampEn}_@",
        dimension=PURE,
        formula=r"-\ln\frac{A}{B}",
        source=Source("Richman, Moorman", 2000),
        conventions=f"of the positions; {_TOLERANCE}",
        seconds=10.0,
    ),
    *on_axes(
        PLANE,
        increment_regularity,
        id="sample_entropy_increments_@",
        name="Sample entropy of the increments, @",
        symbol=r"\mathrm{SampEn}_{\Delta @}",
        dimension=PURE,
        formula=r"-\ln\frac{A}{B}",
        source=Source("Richman, Moorman", 2000),
        conventions=f"of the steps between samples, which are stationary; {_TOLERANCE}",
        seconds=10.0,
    ),
    *on_axes(
        PLANE,
        approximate,
        id="approximate_entropy_@",
        name="Approximate entropy, @",
        symbol=r"\mathrm{ApEn}_@",
        dimension=PURE,
        formula=r"\Phi^m(r)-\Phi^{m+1}(r),\quad\Phi^m=\frac{1}{N-m+1}\sum_i\ln C_i^m",
        source=Source("Pincus", 1991),
        conventions="m = 2, r = 0.2 SD (ddof 0), self-matches counted",
        seconds=10.0,
    ),
    *on_axes(
        PLANE,
        complexity,
        id="multiscale_complexity_@",
        name="Multiscale complexity index, @",
        symbol=r"\mathrm{CI}_@",
        dimension=PURE,
        formula=r"\sum_{\tau=1}^{6}\mathrm{SampEn}(\Delta @^{(\tau)})",
        source=Source("Costa, Goldberger, Peng", 2002),
        conventions="of the steps; coarse grains are means of tau samples; m = 2, r = 0.2 SD of scale 1",
        seconds=20.0,
    ),
    *(
        metric
        for scale in SCALES[1:]
        for metric in on_axes(
            PLANE,
            partial(at_scale, scale=scale),
            id=f"multiscale_entropy_{scale}_@",
            name=f"Multiscale entropy at scale {scale}, @",
            symbol=rf"\mathrm{{MSE}}_{{{scale}@}}",
            dimension=PURE,
            formula=rf"\mathrm{{SampEn}}(\Delta @^{{({scale})}})",
            source=Source("Costa, Goldberger, Peng", 2002),
            conventions="of the steps; coarse grains are means; m = 2, r = 0.2 SD of scale 1",
            seconds=20.0,
            rate=25.0,
        )
    ),
    *on_axes(
        PLANE,
        scaling_exponent,
        id="dfa_alpha_@",
        name="Scaling exponent of detrended fluctuation analysis, @",
        symbol=r"\alpha_@",
        dimension=PURE,
        formula=r"F(n)\propto n^{\alpha}",
        source=Source("Peng et al.", 1994),
        conventions="profile of the mean-removed positions; boxes without overlap, first order, 4 to N/10 samples in 32"
        " geometric steps, floored; least squares of ln F on ln n",
        seconds=10.0,
    ),
)
