"""Regularity of a signal: sample, approximate and multiscale entropy."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from otolith.dsp import _entropy

Signal = NDArray[np.float64]


def pair_counts(x: Signal, m: int, r: float) -> tuple[int, int]:
    """Pairs (B, A) of stretches of ``m`` and of ``m + 1`` samples that differ by no more than ``r`` anywhere.

    Both count over the same n - m stretches (Richman and Moorman 2000). Sorts by the first sample, then compares only
    what is near: the same counts as comparing all.
    """
    if not 0 < m < len(x):
        raise ValueError(f"{len(x)} samples have no stretches of {m} samples with one to follow")
    return _entropy.pairs(_stretches(x, m, len(x) - m), r)


def sample_entropy(x: Signal, m: int = 2, r: float | None = None) -> float:
    """-ln(A/B) of :func:`pair_counts`; ``r`` is an absolute tolerance, 0.2 SD (ddof 0) if not given.

    NaN where no stretches of ``m`` match, infinite where none of ``m + 1`` do.
    """
    shorter, longer = pair_counts(x, m, 0.2 * float(np.std(x)) if r is None else r)
    if shorter == 0:
        return math.nan
    return -math.log(longer / shorter) if longer else math.inf


def approximate_entropy(x: Signal, m: int = 2, r: float | None = None) -> float:
    """ApEn of Pincus 1991: the mean log share of like stretches, each its own likeness, of m less that of m + 1."""
    n = len(x)
    if not 0 < m < n:
        raise ValueError(f"{n} samples have no stretches of {m} samples with one to follow")
    columns = _stretches(np.append(x, np.nan), m, n - m + 1)
    counts = np.empty((2, n - m + 1), dtype=np.intp)
    _entropy.neighbours(columns, 0.2 * float(np.std(x)) if r is None else r, counts)
    followed = ~np.isnan(columns[m])
    shorter = np.log(counts[0] / (n - m + 1.0)).mean()
    return float(shorter - np.log(counts[1][followed] / (n - m)).mean())


def coarse(x: Signal, scale: int) -> Signal:
    """Means of successive groups of ``scale`` samples; an incomplete last group is left out."""
    n = len(x) // scale
    grains: Signal = x[: n * scale].reshape(n, scale).mean(axis=1)
    return grains


def multiscale_entropy(x: Signal, scales: Iterable[int], m: int = 2, r: float | None = None) -> Signal:
    """Sample entropy of the coarse-grained signal at each scale, ``r`` from the signal itself (Costa et al. 2002)."""
    tolerance = 0.2 * float(np.std(x)) if r is None else r
    return np.array([sample_entropy(coarse(x, scale), m, tolerance) for scale in scales])


def _stretches(x: Signal, m: int, n: int) -> Signal:
    """``(m + 1, n)``: sample k of each of the first ``n`` stretches in row k, sorted by the first."""
    first = np.argsort(x[:n])
    return np.stack([x[first + k] for k in range(m + 1)])
