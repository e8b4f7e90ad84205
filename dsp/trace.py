"""A CoP path ready to be measured, and what its figures share."""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from typing import Literal, TypeVar, TypeVarTuple

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.uncertainty import Noise

Axis = Literal["ml", "ap", "radius"]
Signal = NDArray[np.float64]

SHORTEST = 5
"""Samples; what the Savitzky-Golay derivative needs."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def inner(x: Signal, y: Signal) -> float:
    """Sum of products, summed in pairs in one thread: the same bits on every machine, unlike a BLAS dot product."""
    return float(np.sum(x * y))


class Trace:
    """``n`` evenly sampled CoP positions, mm, in the ISPGR frame, as a recipe left them; arrays are read-only.

    ``mean_ml`` and ``mean_ap`` are the position that the recipe took away; ``force`` is the horizontal force along ML
    and AP, where it is known, ``base`` ``(k, 2)`` the corners of the base of support, mm in the frame of the recording,
    and ``stature`` the person's, mm; ``noise`` and ``displaced`` tell how sure it all is. Raises ValueError for two
    axes of unlike length, fewer than 5 samples, and samples that are not finite.
    """

    def __init__(self, ml: Signal, ap: Signal, rate: float, mean_ml: float = 0.0, mean_ap: float = 0.0) -> None:
        if ml.ndim != 1 or ml.shape != ap.shape or len(ml) < SHORTEST:
            raise ValueError(f"a trace needs {SHORTEST} or more samples on both axes, not {ml.shape} and {ap.shape}")
        if not (np.isfinite(ml).all() and np.isfinite(ap).all()):
            raise ValueError("a trace must not hold NaN or infinity: fill or cut the gaps first")
        if not 0.0 < rate < np.inf:
            raise ValueError(f"a rate is a positive number of samples per second, not {rate}")
        self.ml = np.ascontiguousarray(ml, dtype=np.float64)
        self.ap = np.ascontiguousarray(ap, dtype=np.float64)
        self.rate = float(rate)
        self.mean_ml = mean_ml
        self.mean_ap = mean_ap
        self.force: tuple[Signal, Signal] | None = None
        self.base: Signal | None = None
        self.stature: float | None = None
        self.noise: Noise | None = None
        self.displaced: tuple[Trace, ...] = ()
        self._shared: dict[tuple[object, ...], object] = {}

    def __len__(self) -> int:
        return len(self.ml)

    def with_force(self, force: "Trace") -> "Trace":
        """This trace and the horizontal forces (N, along ML and AP) that went through the same recipe."""
        if len(force) != len(self):
            raise ValueError(f"{len(force)} samples of force do not belong to {len(self)} of position")
        both = self._again()
        both.force = (force.ml, force.ap)
        return both

    def of_person(self, *, stature: float | None = None, base: Signal | None = None) -> "Trace":
        """This trace and what is known of who stands there, mm. Raises ValueError for an impossible stature or base."""
        if stature is not None and not 0.0 < stature < np.inf:
            raise ValueError(f"a stature is a positive number of mm, not {stature}")
        if base is not None and (base.ndim != 2 or base.shape[1] != 2 or not np.isfinite(base).all()):  # noqa: PLR2004  # x and y
            raise ValueError(f"a base of support is a list of corners (x, y), not an array {base.shape}")
        known = self._again()
        known.stature = self.stature if stature is None else stature
        known.base = self.base if base is None else base
        return known

    def in_doubt(self, noise: Noise | None, displaced: Sequence["Trace"] = ()) -> "Trace":
        """This trace, its noise, and the traces that there would be with each of its calibration errors."""
        if any(len(other) != len(self) for other in displaced):
            raise ValueError("a displaced trace is as long as the one that it displaces")
        doubtful = self._again()
        doubtful.noise = noise
        doubtful.displaced = tuple(displaced)
        return doubtful

    def _again(self) -> "Trace":
        twin = copy(self)
        twin._shared = {}  # noqa: SLF001  # another trace of this class
        return twin

    @property
    def seconds(self) -> float:
        """Duration T = N / rate."""
        return len(self) / self.rate

    @cached_property
    def radius(self) -> Signal:
        """``(n,)`` distance from the origin, mm: RD of Prieto et al. 1996."""
        return np.hypot(self.ml, self.ap)

    @cached_property
    def steps(self) -> Signal:
        """``(n-1,)`` distance from each sample to the next, mm."""
        return np.hypot(np.diff(self.ml), np.diff(self.ap))

    def signal(self, axis: Axis) -> Signal:
        """One axis, or the radius."""
        return self.ml if axis == "ml" else self.ap if axis == "ap" else self.radius

    def shared(self, compute: Callable[["Trace", *Ts], T], *args: *Ts) -> T:
        """``compute(self, *args)``, once for this trace: for what several figures need, such as a spectrum.

        Safe from several threads: at worst the same value is computed twice.
        """
        key = (compute, *args)
        if key not in self._shared:
            self._shared[key] = compute(self, *args)
        found: T = self._shared[key]  # type: ignore[assignment]  # the key holds the function that made the value
        return found
