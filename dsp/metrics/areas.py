"""Areas of the path that neither Prieto nor Quijoux names."""

import math
from functools import partial

from otolith.dsp import hull
from otolith.dsp.metrics.doubt import of_ellipse
from otolith.dsp.metrics.metric import AREA, Metric, Source
from otolith.dsp.metrics.position import corners
from otolith.dsp.metrics.steadiness import spread
from otolith.dsp.trace import Trace

CHI2_95 = -2.0 * math.log(0.05)
"""Chi-squared at 95 % with two degrees of freedom, often rounded to 5.991."""


def chi2_area(trace: Trace) -> float:
    """Area of the normal distribution's 95 % ellipse, mm²."""
    return math.pi * CHI2_95 * spread(trace, 1)


def hull_area(trace: Trace) -> float:
    """Area of the convex hull of the path, mm²."""
    return hull.area(trace.shared(corners))


METRICS: tuple[Metric, ...] = (
    Metric(
        id="hull_area",
        name="Convex hull area",
        symbol=r"A_{\mathrm{hull}}",
        dimension=AREA,
        formula=r"\tfrac{1}{2}\left|\sum_k x_k y_{k+1}-x_{k+1}y_k\right|",
        source=Source("Wollseifen", 2011),
        conventions="corners of the convex hull, in order",
        function=hull_area,
    ),
    Metric(
        id="chi2_ellipse_area",
        name="95 % ellipse area by chi-squared",
        symbol=r"A_{\chi^2}",
        dimension=AREA,
        formula=r"\chi^2_{.95;2}\,\pi\sqrt{\lambda_1\lambda_2},\quad \chi^2_{.95;2}=-2\ln 0.05",
        source=Source("Schubert, Kirchner", 2014, "large samples"),
        conventions="ddof 1",
        function=chi2_area,
        doubt=partial(of_ellipse, area=chi2_area),
    ),
)
