"""What a picture of one trial shows: the path and its ellipse, both spectra, both diffusion plots."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.diffusion import Diffusion, mean_squared_displacement
from otolith.dsp.metrics.core import covariance, fisher_95, half_spectrum
from otolith.dsp.metrics.scaling import SHORTEST, diffusion
from otolith.dsp.spectrum import Spectrum
from otolith.dsp.trace import Axis, Trace

Array = NDArray[np.float64]

OUTLINE = 181
"""Points of an ellipse, the first again at the end."""


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumPicture:
    """A power spectral density, mm²/Hz, and the two frequencies that stand for it."""

    spectrum: Spectrum
    mean: float
    """Hz; power-weighted, integrals by trapezoids."""
    median: float
    """Hz; the lowest line at which half of the power is reached."""


@dataclass(frozen=True, slots=True, eq=False)
class DiffusionPicture:
    """Mean squared displacements, mm², at ``lags`` seconds, and the two regions fitted to them."""

    lags: Array
    displacement: Array
    regions: Diffusion

    def line(self, *, short: bool) -> Array:
        """The fitted power law of one region at every lag, mm²."""
        found = self.regions
        if short:
            return found.short_coefficient * self.lags ** (2.0 * found.short_exponent)
        return found.long_coefficient * self.lags ** (2.0 * found.long_exponent)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Arrays ready to be drawn; mm, Hz, s."""

    ml: Array
    ap: Array
    ellipse: Array
    """``(points, 2)`` outline of the 95 % prediction ellipse, ML and AP."""
    spectra: tuple[SpectrumPicture, SpectrumPicture]
    """ML, AP."""
    diffusion: tuple[DiffusionPicture, DiffusionPicture] | None
    """ML, AP; None for a trace too short for both regions."""


def picture(trace: Trace) -> Picture:
    """Everything that one trial's picture shows, from the same functions as its figures."""
    long = trace.seconds >= SHORTEST
    return Picture(
        ml=trace.ml,
        ap=trace.ap,
        ellipse=prediction_ellipse(trace),
        spectra=(_spectrum(trace, "ml"), _spectrum(trace, "ap")),
        diffusion=(_diffusion(trace, "ml"), _diffusion(trace, "ap")) if long else None,
    )


def prediction_ellipse(trace: Trace) -> Array:
    """``(points, 2)`` outline of the 95 % prediction ellipse about the mean, mm (Schubert, Kirchner 2014; ddof 1)."""
    n = len(trace)
    sxx, syy, sxy = trace.shared(covariance)
    size = fisher_95(n) * 2.0 * (n - 1) * (n + 1) / (n * (n - 2.0))
    variances, axes = np.linalg.eigh(np.array([[sxx, sxy], [sxy, syy]]))
    turn = np.linspace(0.0, 2.0 * math.pi, OUTLINE)
    circle = np.column_stack([np.cos(turn), np.sin(turn)]) * np.sqrt(size * np.maximum(variances, 0.0))
    outline: Array = circle @ axes.T + np.array([trace.ml.mean(), trace.ap.mean()])
    return outline


def _spectrum(trace: Trace, axis: Axis) -> SpectrumPicture:
    spectrum = trace.shared(half_spectrum, axis)
    f, power = spectrum.frequency, spectrum.density
    running = np.cumsum(power)
    if not running[-1] > 0.0:
        return SpectrumPicture(spectrum, math.nan, math.nan)
    mean = float(np.trapezoid(f * power, f) / np.trapezoid(power, f))
    return SpectrumPicture(spectrum, mean, float(f[np.argmax(running >= 0.5 * running[-1])]))


def _diffusion(trace: Trace, axis: Axis) -> DiffusionPicture:
    displacement = mean_squared_displacement(trace.signal(axis), int(len(trace) * (1 / 3)))
    lags = np.arange(1, len(displacement) + 1) / trace.rate
    return DiffusionPicture(lags, displacement, trace.shared(diffusion, axis))
