"""The figures of a trace over a window: their shape, and the formulas that make them from sums."""

from dataclasses import dataclass
from math import atan2, hypot, nan, pi, sqrt

ELLIPSE_SAMPLES = 3
"""The fewest samples that span an ellipse."""


@dataclass(frozen=True, slots=True)
class Sway:
    """Streaming sway of the newest window, mm and seconds; NaN where the window is too short or nobody stands.

    Definitions and sources: the metric registry, under the same names.
    """

    n: int
    """Valid samples in the window."""
    seconds: float
    """Window covered: n / rate."""
    mean_velocity: float
    path_length: float
    rms_ml: float
    rms_ap: float
    rms_radius: float
    range_ml: float
    range_ap: float
    prediction_ellipse_area: float
    mean_frequency: float
    mean_ml: float
    mean_ap: float
    ellipse_major: float
    """Semi-axis, mm."""
    ellipse_minor: float
    """Semi-axis, mm."""
    ellipse_angle: float
    """Radians from +x (right) to the major axis, counter-clockwise, in (-pi/2, pi/2]."""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a window of ``n`` valid samples adds up to, mm; everything a :class:`Sway` is made of."""

    n: int = 0
    mean_ml: float = nan
    mean_ap: float = nan
    sxx: float = 0.0
    """Sum of squared deviations from the mean, ML; ``syy`` AP, ``sxy`` their products."""
    syy: float = 0.0
    sxy: float = 0.0
    path: float = 0.0
    distance: float = 0.0
    """Sum of the distances from the mean."""
    range_ml: float = nan
    range_ap: float = nan


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Semi-axes (mm), their angle (radians from +x to the major one) and the area (mm²)."""

    major: float
    minor: float
    angle: float

    @property
    def area(self) -> float:
        """Square millimetres."""
        return pi * self.major * self.minor


def sway_of(sums: Sums, rate: float) -> Sway:
    """The figures of ``sums`` at ``rate`` Hz.

    Time is n / rate (Prieto et al. 1996), so mean velocity = path / (n / rate); RMS has ddof 0; mean frequency =
    path / (2 pi T mean distance) (Prieto et al. 1996). Under 2 samples there is only a mean, under 3 no ellipse.
    """
    n, seconds = sums.n, sums.n / rate
    moving = n > 1
    path = sums.path if moving else nan
    mean_distance = sums.distance / n if moving else nan
    rms_ml, rms_ap = (sqrt(max(s, 0.0) / n) if moving else nan for s in (sums.sxx, sums.syy))
    ellipse = prediction_ellipse(sums)
    return Sway(
        n=n,
        seconds=seconds,
        mean_velocity=path / seconds if moving else nan,
        path_length=path,
        rms_ml=rms_ml,
        rms_ap=rms_ap,
        rms_radius=hypot(rms_ml, rms_ap),
        range_ml=sums.range_ml if moving else nan,
        range_ap=sums.range_ap if moving else nan,
        prediction_ellipse_area=ellipse.area,
        mean_frequency=path / (2.0 * pi * seconds * mean_distance) if mean_distance > 0.0 else nan,
        mean_ml=sums.mean_ml,
        mean_ap=sums.mean_ap,
        ellipse_major=ellipse.major,
        ellipse_minor=ellipse.minor,
        ellipse_angle=ellipse.angle,
    )


def prediction_ellipse(sums: Sums, p: float = 0.95) -> Ellipse:
    """The ellipse that holds a further sample with probability ``p`` (Schubert & Kirchner 2014, eq. 5-8; ddof 1).

    Squared semi-axes: eigenvalues of the covariance times 2 (n-1)(n+1) / (n (n-2)) F(p; 2, n-2). The quantile has a
    closed form for two degrees of freedom: F = d/2 ((1-p)^(-2/d) - 1).
    """
    n = sums.n
    if n < ELLIPSE_SAMPLES:
        return Ellipse(nan, nan, nan)
    quantile = (n - 2) / 2.0 * ((1.0 - p) ** (-2.0 / (n - 2)) - 1.0)
    scale = 2.0 * (n + 1) / (n * (n - 2)) * quantile
    half = (sums.sxx - sums.syy) / 2.0
    major = (sums.sxx + sums.syy) / 2.0 + hypot(half, sums.sxy)
    # The product of the eigenvalues over the larger one: the difference would cancel on a narrow trace.
    minor = (sums.sxx * sums.syy - sums.sxy * sums.sxy) / major if major > 0.0 else 0.0
    angle = 0.5 * atan2(sums.sxy, half)
    return Ellipse(
        major=sqrt(scale * max(major, 0.0)),
        minor=sqrt(scale * max(minor, 0.0)),
        angle=angle if angle > -pi / 2 else pi / 2,
    )
