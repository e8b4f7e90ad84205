"""What noise does to the figures that have a closed form for it (:mod:`otolith.dsp.uncertainty`)."""

from collections.abc import Callable

import numpy as np

from otolith.dsp.trace import Axis, Trace, inner
from otolith.dsp.uncertainty import Estimate, Noise, ellipse_noise, path_noise, spread_noise

Doubt = Callable[[Trace, Noise], Estimate]


def of_path(trace: Trace, noise: Noise, axis: Axis = "radius") -> Estimate:
    """Of the path in the plane (``radius``) or the travel along one axis, mm."""
    axes = _axes(axis)
    steps = np.stack([np.diff(trace.signal(at)) for at in axes])
    return path_noise(steps, tuple(noise.sd(at) for at in axes), noise)


def of_velocity(trace: Trace, noise: Noise, axis: Axis = "radius") -> Estimate:
    """Of that path over T = N / rate, mm/s."""
    path = of_path(trace, noise, axis)
    return Estimate(path.bias / trace.seconds, path.uncertainty / trace.seconds)


def of_rms(trace: Trace, noise: Noise, axis: Axis) -> Estimate:
    """Of the RMS of an axis or the radius, mm."""
    axes = _axes(axis)
    signals = [trace.signal(at) for at in axes]
    squares = tuple(inner(x, x) / len(x) for x in signals)
    return spread_noise(squares, tuple(noise.sd(at) for at in axes), noise, len(trace))


def of_ellipse(trace: Trace, noise: Noise, area: Callable[[Trace], float]) -> Estimate:
    """Of any ellipse in proportion to the root of the determinant of the covariance matrix, mm²."""
    x, y, n = trace.ml - trace.ml.mean(), trace.ap - trace.ap.mean(), len(trace)
    return ellipse_noise((inner(x, x) / n, inner(y, y) / n, inner(x, y) / n), noise, n, area(trace))


def _axes(axis: Axis) -> tuple[Axis, ...]:
    return ("ml", "ap") if axis == "radius" else (axis,)
