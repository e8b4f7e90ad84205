"""What a run is going to do: one plan per trial, in order."""

from dataclasses import dataclass
from itertools import zip_longest

from otolith.service.challenges.challenge import Challenge, Condition


@dataclass(frozen=True, slots=True)
class TrialPlan:
    """One trial to come."""

    condition: Condition
    number: int
    """Of its condition, from 1; practice trials count by themselves."""
    practice: bool = False
    zero_before: bool = False
    zero_after: bool = False

    @property
    def id(self) -> str:
        """``ec-foam-2``, ``ec-foam-practice-1``."""
        return f"{self.condition.id}-{'practice-' if self.practice else ''}{self.number}"


def agenda(challenge: Challenge) -> tuple[TrialPlan, ...]:
    """Every trial of a challenge in its order, with the zeros that belong to it."""
    rows = [_trials(condition) for condition in challenge.conditions]
    if challenge.order == "interleaved":
        plans = [plan for turn in zip_longest(*rows) for plan in turn if plan is not None]
    else:
        plans = [plan for row in rows for plan in row]
    return tuple(_zeroed(plans, at, challenge) for at in range(len(plans)))


def _trials(condition: Condition) -> list[TrialPlan]:
    practice = [TrialPlan(condition, n + 1, practice=True) for n in range(condition.practice)]
    return practice + [TrialPlan(condition, n + 1) for n in range(condition.trials)]


def _zeroed(plans: list[TrialPlan], at: int, challenge: Challenge) -> TrialPlan:
    plan = plans[at]
    first = at == 0 or plans[at - 1].condition.id != plan.condition.id
    last = at == len(plans) - 1 or plans[at + 1].condition.id != plan.condition.id
    before = {"run": at == 0, "condition": first, "trial": True, "never": False}[challenge.zero.before]
    after = {"run": at == len(plans) - 1, "condition": last, "trial": True, "never": False}[challenge.zero.after]
    return TrialPlan(plan.condition, plan.number, plan.practice, before, after)
