"""Simulated people by name: ``script:sway`` on a simulated board is one of them."""

from dataclasses import replace
from typing import Final

from otolith.drivers.patient.person import Mishap, Person

PROFILES: Final[dict[str, Person]] = {
    "sway": Person(),
    "steady": Person(skill=2.0),
    "unsteady": Person(skill=0.6),
    "steps-off": Person(mishaps=(Mishap("step-off", 1, 4.0),)),
    "falls": Person(mishaps=(Mishap("fall", 1, 4.0),)),
    "holds-on": Person(mishaps=(Mishap("rail", 1, 2.0),)),
}
"""Those of the last three fail in their first task, and do the next well."""


def profile(name: str, seed: int) -> Person:
    """Who that is; ``seed`` makes it another day. Raises KeyError where there is nobody of that name."""
    return replace(PROFILES[name], seed=PROFILES[name].seed + 2 * seed)
