"""Detrended fluctuation analysis (Peng et al. 1994), with its scales said: libraries differ in nothing else."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from otolith.dsp import _fractal
from otolith.dsp.diffusion import fit

SMALLEST = 4
"""Samples in the smallest box."""
SCALES = 32
"""Sizes asked for; small ones that coincide are counted once."""


@lru_cache(maxsize=32)
def scales(n: int) -> NDArray[np.intp]:
    """Box sizes from 4 to a tenth of ``n`` samples, evenly spaced in their logarithm, each once."""
    spaced = np.unique(np.geomspace(SMALLEST, n // 10, SCALES).astype(np.intp))
    spaced.setflags(write=False)
    return spaced


def fluctuation(x: NDArray[np.float64], sizes: NDArray[np.intp]) -> NDArray[np.float64]:
    """``(k,)`` F(n) of the profile of ``x`` (running sum about the mean) in boxes of ``sizes`` ``(k,)`` samples."""
    out = np.empty(len(sizes))
    _fractal.fluctuations(np.cumsum(x - x.mean()), sizes, out)
    return out


def dfa_exponent(x: NDArray[np.float64], sizes: NDArray[np.intp] | None = None) -> float:
    """Slope of ln F(n) over ln n: 0.5 for white noise, 1.5 for a random walk."""
    sizes = scales(len(x)) if sizes is None else sizes
    return fit(np.log(sizes), np.log(fluctuation(x, sizes))).slope
