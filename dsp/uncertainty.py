"""How sure a position is, from how sure its loads are; and what noise does to a path, a spread and an area.

To first order (GUM, JCGM 100:2008, 5.1.2). CoP p = sum F_i r_i / F, so that dp/dF_i = (r_i - p) / F.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """What noise did to a figure."""

    bias: float
    """By how much it is too large, in expectation."""
    uncertainty: float
    """Its standard uncertainty, of the scatter alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """White noise of recorded positions, standard deviations in mm, and what the recipe makes of one unit sample."""

    ml: float
    ap: float
    kernel: Signal = field(default_factory=lambda: np.ones(1))

    @property
    def power(self) -> float:
        """Variance of a filtered position over that of a recorded one."""
        return float(np.sum(self.kernel**2))

    @property
    def step_power(self) -> float:
        """Variance of a filtered step over that of a recorded position: 2 without a filter."""
        return float(np.sum(np.diff(self.kernel, prepend=0.0, append=0.0) ** 2))

    def sd(self, axis: str) -> float:
        """Standard deviation of a recorded position along ML or AP, mm."""
        return self.ml if axis == "ml" else self.ap


def cop_noise(loads: Signal, x: Signal, y: Signal, sd: float) -> tuple[float, float]:
    """Standard deviations (mm, ML and AP) of the CoP of cells at ``x``, ``y`` ``(k,)`` mm, each with noise ``sd`` N.

    Root mean square over the samples of ``loads`` ``(n, k)`` of sd sqrt(sum_i (r_i - p)²) / F.
    """
    force = loads.sum(axis=1)
    if not (force > 0.0).all():
        raise ValueError("the CoP has no uncertainty where nothing is loaded: cut those samples first")
    cells = np.stack([x, y])
    arms = cells[:, :, None] - (cells @ loads.T / force)[:, None, :]
    variances = (sd / force) ** 2 * (arms**2).sum(axis=1)
    return math.sqrt(float(variances[0].mean())), math.sqrt(float(variances[1].mean()))


def path_noise(steps: Signal, noise: tuple[float, ...], kernel: Noise) -> Estimate:
    """Of the path of ``steps`` ``(d, n-1)`` along d axes, whose recorded positions have ``noise`` (d,).

    Bias L (1 - sqrt(1 - q)), q the noise's share of the mean squared step, exact for steps of Gaussian shape;
    uncertainty² = sum of u_a² |h * w_a|², w the change of direction at each sample, h the recipe's kernel: too large
    where q is, since noise then turns the steps as well (1.4 times at q = 0.04 without a filter).
    """
    length = float(np.sqrt(np.sum(steps**2, axis=0)).sum())
    squares = float(np.mean(np.sum(steps**2, axis=0)))
    share = kernel.step_power * sum(sd**2 for sd in noise) / squares if squares > 0.0 else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        directions = np.nan_to_num(steps / np.sqrt(np.sum(steps**2, axis=0)))
    turns = -np.diff(directions, prepend=0.0, append=0.0, axis=1)
    scatter = sum(
        sd**2 * float(np.sum(np.convolve(turn, kernel.kernel) ** 2)) for sd, turn in zip(noise, turns, strict=True)
    )
    return Estimate(length * (1.0 - math.sqrt(max(1.0 - share, 0.0))), math.sqrt(scatter))


def spread_noise(squares: tuple[float, ...], noise: tuple[float, ...], kernel: Noise, n: int) -> Estimate:
    """Of the root R of the summed mean ``squares`` (mm², d axes) of ``n`` samples.

    Bias R - sqrt(R² - sum of noise variances); uncertainty² = sum of u_a² R_a² / (n R²): sway is slow, and passes the
    recipe as it is.
    """
    root = math.sqrt(sum(squares))
    added = kernel.power * sum(sd**2 for sd in noise)
    scatter = sum(sd**2 * square for sd, square in zip(noise, squares, strict=True))
    uncertainty = math.sqrt(scatter / n) / root if root > 0.0 else math.nan
    return Estimate(root - math.sqrt(max(root**2 - added, 0.0)), uncertainty)


def ellipse_noise(covariance: tuple[float, float, float], noise: Noise, n: int, area: float) -> Estimate:
    """Of an ellipse ``area`` in proportion to sqrt(det S), S the covariance (xx, yy, xy) of ``n`` samples.

    Bias A - A sqrt(det(S - U) / det S), U the noise's; uncertainty² = A² tr(S⁻¹ U) / n with U as recorded.
    """
    xx, yy, xy = covariance
    determinant = xx * yy - xy * xy
    if not determinant > 0.0:
        return Estimate(math.nan, math.nan)
    ux, uy = noise.ml**2, noise.ap**2
    without = max(xx - noise.power * ux, 0.0) * max(yy - noise.power * uy, 0.0) - xy * xy
    scatter = (yy * ux + xx * uy) / determinant / n
    return Estimate(area * (1.0 - math.sqrt(max(without, 0.0) / determinant)), area * math.sqrt(scatter))
