"""A challenge with a simulated person, in virtual time, for the command line."""

from dataclasses import dataclass

from otolith.drivers.errors import MonikerError
from otolith.drivers.monikers import Sim
from otolith.drivers.patient.person import Person
from otolith.drivers.patient.profiles import PROFILES, profile
from otolith.service.challenges.catalogue import fast_enough
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.event import SessionEvent
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.trial import Trial
from otolith.service.challenges.voice import RunName


@dataclass(frozen=True, slots=True)
class Done:
    """A run that is over."""

    ended: str
    reason: str
    trials: tuple[Trial, ...]
    result: dict[str, object]
    seconds: float
    """It took, in its own time."""


async def rehearsed(challenge: Challenge, moniker: Sim) -> Done:
    """From start to result. Raises MonikerError where the load is nobody who can be asked to do something."""
    stage = Rehearsal(challenge, moniker, someone(moniker))
    fast_enough(challenge, stage.rate)
    run = Run(RunName("rehearsal", "rehearsal"), challenge, stage, automatic=True)
    await stage.play(run)
    last = stage.events[-1]
    return Done(str(last.phase), last.reason, tuple(run.trials), last.data, _seconds(stage.events))


def someone(moniker: Sim) -> Person:
    """Who stands on a simulated board. Raises MonikerError where it is nobody who does what is asked."""
    kind, _, who = moniker.load.partition(":")
    if kind != "script" or who not in PROFILES:
        people = ", ".join(f"script:{name}" for name in PROFILES)
        raise MonikerError(f"load {moniker.load!r} is nobody who does what is asked; these do: {people}")
    return profile(who, moniker.seed)


def _seconds(events: list[SessionEvent]) -> float:
    return (events[-1].t_ns - events[0].t_ns) / 1e9
