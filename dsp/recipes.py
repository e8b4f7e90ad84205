"""Recipes: the named ways from recorded positions to a trace that can be measured.

Each is a pure function of times (seconds), positions (mm) and rate (Hz). A figure is only comparable with figures
of the same recipe, so its name travels with every result.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.swarii import purge, swarii
from otolith.dsp.trace import Trace
from otolith.dsp.zero_phase import zero_phase

Column = NDArray[np.float64]
Function = Callable[[Column, Column, Column, float], Trace]

CUTOFF = 10.0
"""Hz; the low-pass of Quijoux et al. 2021 and of most posturography (Ruhe et al. 2010)."""
SWARII_RATE = 25.0
"""Hz; Quijoux et al. 2021."""

REACH = 2.0
"""Seconds within which a recipe's filter forgets a sample."""


def raw(_t: Column, ml: Column, ap: Column, rate: float) -> Trace:
    """Mean removed; nothing else."""
    return Trace(ml - ml.mean(), ap - ap.mean(), rate, float(ml.mean()), float(ap.mean()))


def quijoux25(t: Column, ml: Column, ap: Column, _rate: float) -> Trace:
    """Mean removed, spikes purged, SWARII (w = 0.08 s) to 25 Hz, ``dual4`` zero-phase low-pass at 10 Hz."""
    x, y, since = ml - ml.mean(), ap - ap.mean(), t - t[0]
    keep = purge(since, x, y)
    even = swarii(since[keep], x[keep], y[keep], SWARII_RATE)
    return _filtered(even.ml, even.ap, SWARII_RATE, float(ml.mean()), float(ap.mean()))


def quijoux_native(_t: Column, ml: Column, ap: Column, rate: float) -> Trace:
    """Mean removed, ``dual4`` zero-phase low-pass at 10 Hz, at the recording's own rate."""
    return _filtered(ml - ml.mean(), ap - ap.mean(), rate, float(ml.mean()), float(ap.mean()))


def prieto(_t: Column, ml: Column, ap: Column, rate: float) -> Trace:
    """``dual4`` zero-phase low-pass at 10 Hz, then the mean removed: the origin is the mean of the filtered path."""
    x, y = zero_phase(ml, CUTOFF, rate), zero_phase(ap, CUTOFF, rate)
    return Trace(x - x.mean(), y - y.mean(), rate, float(x.mean()), float(y.mean()))


def ispgr(_t: Column, ml: Column, ap: Column, rate: float) -> Trace:
    """Mean removed, ``winter4`` zero-phase low-pass at 10 Hz (-3 dB there), at the recording's own rate."""
    x = zero_phase(ml - ml.mean(), CUTOFF, rate, "winter4")
    y = zero_phase(ap - ap.mean(), CUTOFF, rate, "winter4")
    return Trace(x, y, rate, float(ml.mean()), float(ap.mean()))


def _filtered(x: Column, y: Column, rate: float, mean_ml: float, mean_ap: float) -> Trace:
    return Trace(zero_phase(x, CUTOFF, rate), zero_phase(y, CUTOFF, rate), rate, mean_ml, mean_ap)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named recipe and what it asks of a recording."""

    name: str
    function: Function
    source: str
    even: bool = True
    """Needs evenly spaced samples; the others take times as they come."""
    rate: float = 0.0
    """Recommended smallest rate, Hz: below it a result carries a warning."""
    seconds: float = 0.0
    """Recommended shortest trial."""

    @property
    def steps(self) -> str:
        """What it does, in one line."""
        return (self.function.__doc__ or "").strip()

    def kernel(self, rate: float) -> Column:
        """What it makes of one unit sample at ``rate``, from 2 s before to 2 s after it.

        Raises ValueError where it resamples, and a sample's part depends on when it came.
        """
        if not self.even:
            raise ValueError(f"the recipe {self.name} resamples: noise cannot be followed through it")
        reach = round(REACH * rate)
        unit = np.zeros(2 * reach + 1)
        unit[reach] = 1.0
        trace = self.function(np.arange(len(unit)) / rate, unit, np.zeros(len(unit)), rate)
        kernel: Column = trace.ml + trace.mean_ml
        return kernel


RECIPES = MappingProxyType(
    {
        recipe.name: recipe
        for recipe in (
            Recipe("ispgr", ispgr, "Scoppa et al. 2013: at least 25 s at 50 Hz", rate=50.0, seconds=25.0),
            Recipe("raw", raw, "none"),
            Recipe("quijoux25", quijoux25, "Quijoux et al. 2021; Audiffren, Contal 2016", even=False),
            Recipe("quijoux-native", quijoux_native, "Quijoux et al. 2021"),
            Recipe("prieto", prieto, "Prieto et al. 1996"),
        )
    }
)
"""Name -> recipe; the first is the default."""
DEFAULT = next(iter(RECIPES))


def recipe_named(name: str) -> Recipe:
    """The recipe of that name. Raises ValueError with the names there are."""
    if name not in RECIPES:
        raise ValueError(f"no recipe is called {name!r}: there are {', '.join(RECIPES)}")
    return RECIPES[name]
