"""How well an exercise was done: one score of percent for each kind of task, all of them our own definitions."""

import math
from typing import Any

from otolith.dsp.clinical import COG_HEIGHT, STABILITY_LIMIT
from otolith.dsp.closeness import closeness
from otolith.dsp.metrics.exercising import Done, OnTarget, Push, Ranges, Reacting, Rhythm
from otolith.dsp.metrics.metric import PERCENT, Score, Source
from otolith.dsp.rhythm import rhythm_score

OWN = Source("Otolith", 2026, "own definition, docs/training.md")
ASIDE = 16.0
"""Degrees of medio-lateral sway that a healthy person can make: 8 to either side (as limits of stability are taken)."""


def marks(target: OnTarget) -> float:
    """Mean closeness over the time that was asked for, percent."""
    return 100.0 * float(closeness(target.error, target.band).sum()) / (target.rate * target.asked)


def load_marks(push: Push) -> float:
    """Mean closeness of the rise and of what follows, in equal parts, percent."""
    found = closeness(push.force - push.target, push.band)
    first = min(round(push.rise * push.rate), round(push.asked * push.rate))
    parts = (found[:first].sum() / first, found[first:].sum() / max(push.asked * push.rate - first, 1.0))
    return 50.0 * float(sum(parts))


def completion(done: Done) -> float:
    """Percent, no more than 100."""
    return 100.0 * min(done.done / done.asked, 1.0)


def steadiness(ranges: Ranges) -> float:
    """100 for one who does not sway, 0 at the limits of stability of either axis."""
    used = (
        ranges.ap / _limit(STABILITY_LIMIT, ranges.stature),
        ranges.ml / _limit(ASIDE, ranges.stature),
    )
    return 100.0 * max(1.0 - max(used), 0.0)


def _limit(degrees: float, stature: float) -> float:
    return 2.0 * COG_HEIGHT * stature * math.sin(math.radians(degrees / 2.0))


TRAINING: tuple[Score[Any], ...] = (
    Score(
        id="closeness",
        name="Closeness to the target",
        symbol="C",
        dimension=PERCENT,
        formula=r"\frac{100}{N}\sum_i\min\left(1,\max\left(0,\frac{3b-e_i}{2b}\right)\right)",
        source=OWN,
        status="unverified",
        inputs=OnTarget,
        function=marks,
        conventions="e the distance from the target, b its band; full marks within the band, none from three bands;"
        " N as asked for, so that time that was not completed counts as off the target",
        rate=25.0,
        seconds=0.2,
    ),
    Score(
        id="load_score",
        name="Load score",
        symbol=r"C_F",
        dimension=PERCENT,
        formula=r"\tfrac12\left(C_{t<t_r}+C_{t\ge t_r}\right)",
        source=OWN,
        status="unverified",
        inputs=Push,
        function=load_marks,
        conventions="closeness C while the target rises (at least one second) and while it stands, in equal parts, so"
        " that a quick rise counts as much as a slow one",
        rate=25.0,
        seconds=0.2,
    ),
    Score(
        id="rhythm_score",
        name="Rhythm score",
        symbol="R",
        dimension=PERCENT,
        formula=r"\frac{100}{K}\sum_k w_k\min\left(1,\max\left(0,\frac{3b-|\tau_k|}{2b}\right)\right),\quad b=0.1\,P",
        source=OWN,
        status="unverified",
        inputs=Rhythm,
        function=lambda rhythm: rhythm_score(rhythm.errors, rhythm.worth, rhythm.period),
        conventions="τ the timing error of each of K tones, P the period, w how well it was done: for a shift, how far"
        " of what was asked for; for a squat, how evenly; a tone not met counts as none",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="reaction_score",
        name="Reaction score",
        symbol=r"Q",
        dimension=PERCENT,
        formula=r"\frac{100}{K}\sum_k\min\left(1,\max\left(0,2\left(1-\frac{t_k}{T_k}\right)\right)\right)",
        source=OWN,
        status="unverified",
        inputs=Reacting,
        function=lambda reacting: reacting.reactions.score,
        conventions="t the time to each of K targets, T the time until the next; a target not reached counts as none",
        rate=25.0,
        seconds=1.0,
    ),
    Score(
        id="completion",
        name="Completion",
        symbol="D",
        dimension=PERCENT,
        formula=r"100\,\min\left(1,\frac{\text{done}}{\text{asked}}\right)",
        source=OWN,
        status="unverified",
        inputs=Done,
        function=completion,
        conventions="seconds held, repetitions, or the furthest excursion towards the target",
        rate=0.0,
        seconds=0.0,
    ),
    Score(
        id="steadiness_score",
        name="Steadiness score",
        symbol="S",
        dimension=PERCENT,
        formula=r"100\,\max\left(0,1-\max\left(\frac{\Delta y}{2h\sin 6.25^\circ},"
        r"\frac{\Delta x}{2h\sin 8^\circ}\right)\right),\quad h=0.5527\,H",
        source=OWN,
        status="unverified",
        inputs=Ranges,
        function=steadiness,
        conventions="ranges of the CoP, low-passed at 10 Hz, over what limits of stability of 12.5° and 16° allow;"
        " as the equilibrium score, but of both axes and of the CoP; 0 on a fall",
        rate=0.0,
        seconds=0.0,
    ),
)
