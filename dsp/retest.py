"""How far a figure repeats: reliability over people, error of measurement, and the least change that is one.

Sources: Shrout, Fleiss 1979 (ICC); Weir 2005 (SEM, minimal difference); Bland, Altman 1996 (within-subject SD).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from otolith.dsp.student import quantile

CONFIDENCE = 0.95
FEWEST_DEGREES = 2
"""Degrees of freedom below which no change can be told from chance: t is 12.7 at one."""
PAIR = 2
"""People, or trials, that a comparison takes at least."""


@dataclass(frozen=True, slots=True)
class Variance:
    """Mean squares of ``n`` people who did ``k`` trials each: two-way analysis of variance without replication."""

    n: int
    k: int
    people: float
    """BMS: between people."""
    trials: float
    """JMS: between the first trial, the second, and so on: learning, fatigue."""
    error: float
    """EMS: what is left."""

    @property
    def icc_2_1(self) -> float:
        """ICC(2,1), absolute agreement of single trials."""
        systematic = self.k * (self.trials - self.error) / self.n
        return (self.people - self.error) / (self.people + (self.k - 1) * self.error + systematic)

    @property
    def icc_2_k(self) -> float:
        """ICC(2,k), absolute agreement of the mean of k trials."""
        return (self.people - self.error) / (self.people + (self.trials - self.error) / self.n)

    @property
    def icc_3_1(self) -> float:
        """ICC(3,1), consistency of single trials."""
        return (self.people - self.error) / (self.people + (self.k - 1) * self.error)

    @property
    def icc_3_k(self) -> float:
        """ICC(3,k), consistency of the mean of k trials."""
        return (self.people - self.error) / self.people

    @property
    def sem(self) -> float:
        """Standard error of measurement of one trial, sqrt(EMS), in the unit of the figure (Weir 2005)."""
        return math.sqrt(self.error)

    @property
    def mdc(self) -> float:
        """Minimal detectable change of one trial at 95 %, 1.96 sqrt(2) SEM (Weir 2005)."""
        return 1.96 * math.sqrt(2.0) * self.sem


def variance(values: NDArray[np.float64]) -> Variance:
    """Of ``(n, k)``: a row per person, a column per trial. Raises ValueError below two of either, and for gaps."""
    if values.ndim != PAIR or min(values.shape) < PAIR or not np.isfinite(values).all():
        raise ValueError(f"reliability needs two or more people with two or more trials each, not {values.shape}")
    n, k = values.shape
    whole = float(values.mean())
    people = k * float(np.sum((values.mean(axis=1) - whole) ** 2))
    trials = n * float(np.sum((values.mean(axis=0) - whole) ** 2))
    error = float(np.sum((values - whole) ** 2)) - people - trials
    return Variance(n, k, people / (n - 1), trials / (k - 1), max(error, 0.0) / ((n - 1) * (k - 1)))


@dataclass(frozen=True, slots=True)
class Change:
    """One person's figure now against before, both means of trials, in the unit of the figure."""

    now: float
    before: float
    sem: float
    """Standard error of measurement of one trial, or of one visit, from this person's own repetitions."""
    degrees: int
    """Degrees of freedom of it."""
    mdc: float
    """The least change that is more than chance would make of them in 5 of 100 cases."""
    across: str
    """``visits``, or ``trials`` of the same visits where there are too few of the former."""

    @property
    def difference(self) -> float:
        """Now less before."""
        return self.now - self.before

    @property
    def beyond_chance(self) -> bool:
        """Whether the change is as large as what can be detected."""
        return abs(self.difference) > self.mdc


def change(now: Sequence[float], visits: Sequence[Sequence[float]]) -> Change:
    """Trials of this visit against those of earlier ``visits``. Raises ValueError where there are too few.

    With three earlier visits or more, SEM is the standard deviation s of their means and MDC = t s sqrt(1 + 1/m). Else
    SEM is the pooled standard deviation s of trials within visits and MDC = t s sqrt(1/k + 1/K): with one trial each,
    t sqrt(2) SEM. t is Student's at 95 %, and becomes the 1.96 of Weir 2005 with many repetitions.
    """
    earlier = [visit for visit in visits if len(visit)]
    if not earlier or not len(now):
        raise ValueError("there is no earlier visit to compare with" if len(now) else "nothing was measured this time")
    means = np.array([np.mean(visit) for visit in earlier])
    if len(means) - 1 >= FEWEST_DEGREES:
        sem, degrees, across = float(means.std(ddof=1)), len(means) - 1, "visits"
        before, spread = float(means.mean()), math.sqrt(1.0 + 1.0 / len(means))
    else:
        sem, degrees = pooled([now, *earlier])
        across, before = "trials", float(np.concatenate([np.asarray(visit) for visit in earlier]).mean())
        spread = math.sqrt(1.0 / len(now) + 1.0 / sum(map(len, earlier)))
    return Change(float(np.mean(now)), before, sem, degrees, quantile(CONFIDENCE, degrees) * sem * spread, across)


def pooled(groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Within-person SD over groups of repetitions, and its degrees of freedom (Bland, Altman 1996).

    Raises ValueError below two degrees of freedom.
    """
    degrees = sum(max(len(group) - 1, 0) for group in groups)
    if degrees < FEWEST_DEGREES:
        raise ValueError(
            "too few repetitions to know this person's own variation: two trials in each of two visits are the least"
        )
    squares = sum(float(np.sum((np.asarray(group) - np.mean(group)) ** 2)) for group in groups if len(group))
    return math.sqrt(squares / degrees), degrees
