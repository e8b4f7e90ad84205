"""Simulated people on a program: a skill that grows, stays or drops, symptoms, falls, and clinicians who step in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from otolith.drivers.patient.person import Mishap, Person

ENDURANCE_S: Final = 25.0
"""How long they hold a stance, for a skill of 1: on one leg, half a minute is still to be learnt."""
Act = Literal["lock", "unlock", "advance", "regress"]


@dataclass(frozen=True, slots=True)
class Feeling:
    """A symptom after a set."""

    when: float
    """Part of the course, 0 to 1: the visit."""
    set: int
    """Of that visit, from 1."""
    name: Literal["dizziness", "pain", "nausea", "fatigue"]
    size: float


@dataclass(frozen=True, slots=True)
class Intervention:
    """What a clinician does at the beginning of a visit."""

    when: float
    act: Act
    reason: str


@dataclass(frozen=True, slots=True)
class Learner:
    """One course of somebody."""

    skills: tuple[float, ...]
    """At equal steps of the course; in between it grows or drops steadily."""
    feelings: tuple[Feeling, ...] = ()
    falls: tuple[float, ...] = ()
    """Visits in whose second set they fall, as parts of the course."""
    hand: tuple[Intervention, ...] = ()

    def person(self, visit: int, visits: int, number: int, seconds: float = 1.0) -> Person:
        """Who does a set: visit from 0, set from 1; ``seconds`` is how long that set is, as a part of its length."""
        at = visit / max(1, visits - 1)
        skill = float(np.interp(at, np.linspace(0.0, 1.0, len(self.skills)), self.skills))
        falls = number == 2 and visit in [visit_at(when, visits) for when in self.falls]  # noqa: PLR2004 - as it says
        mishaps = (Mishap("fall", 1, 2.0),) if falls else ()
        seed = 1 + 100 * visit + 2 * number
        return Person(skill=skill, seed=seed, mishaps=mishaps, endurance_s=ENDURANCE_S * seconds)

    def symptoms(self, visit: int, visits: int, number: int, asked: tuple[str, ...]) -> Mapping[str, float]:
        """What they answer after a set."""
        felt: dict[str, float] = {
            one.name: one.size for one in self.feelings if (visit_at(one.when, visits), one.set) == (visit, number)
        }
        return {name: felt.get(name, 0.0) for name in asked}

    def interventions(self, visit: int, visits: int) -> tuple[Intervention, ...]:
        """What is done by hand before a visit."""
        return tuple(one for one in self.hand if visit_at(one.when, visits) == visit)


def visit_at(when: float, visits: int) -> int:
    """The visit, from 0, at a part of the course."""
    return min(visits - 1, int(when * visits))


_DIZZY: Final = (Feeling(0.35, 2, "dizziness", 5.5), Feeling(0.8, 2, "nausea", 8.0))
_GUIDED: Final = (
    Intervention(0.45, "lock", "sore and tired today"),
    Intervention(0.6, "unlock", "rested, nothing is sore"),
    Intervention(0.65, "advance", "looks safe, and is bored"),
)
LEARNERS: Final[Mapping[str, Learner]] = {
    "improves": Learner((0.4, 1.6, 2.8)),
    "plateaus": Learner((0.3, 0.35, 0.35, 0.35)),
    "unwell": Learner((0.8, 2.5), _DIZZY),
    "falls": Learner((0.8, 2.5), falls=(0.5,)),
    "guided": Learner((0.8, 2.5), hand=_GUIDED),
    "eventful": Learner((0.7, 2.5, 2.5, 0.3, 2.5), _DIZZY, falls=(0.9,), hand=_GUIDED),
}
"""By name; ``eventful`` improves, gets symptoms, is locked and overridden, drops, falls, and recovers."""
