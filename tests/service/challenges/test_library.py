"""Every challenge that ships, by a simulated person from start to result; shortened, and whole with --slow."""

import asyncio
from typing import Final

import pytest

from otolith.drivers.monikers import Sim, parse
from otolith.drivers.patient.person import Person
from otolith.drivers.patient.profiles import PROFILES
from otolith.service.challenges.catalogue import catalogue, fast_enough, refused, runnable
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.phases import Phase
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.trial import Verdict
from otolith.service.challenges.voice import RunName
from otolith.service.errors import ChallengeRefused

BTRACKS_HZ: Final = 125.0
LIBRARY: Final = catalogue().challenges
SHORT: Final = {"settle_s": 1.0, "lead_s": 1.0, "rest_s": 0.0}
MISHAPS: Final = [
    ("romberg", "steps-off", Verdict.INVALID, "stepped off"),
    ("romberg", "falls", Verdict.INVALID, "stepped off"),
    ("romberg", "holds-on", Verdict.INVALID, "weight on the board changed"),
    ("four-stage", "steps-off", Verdict.VALID, "stepped off"),
]


def shortened(challenge: Challenge) -> Challenge:
    """One trial of each of the first four conditions, and no longer than six seconds; the phases are all there."""
    conditions = tuple(
        one.model_copy(update={**SHORT, "trials": 1, "practice": 0, "duration_s": min(6.0, one.duration_s)})
        for one in challenge.conditions[:4]
    )
    zero = challenge.zero.model_copy(update={"before": "run", "after": "run", "seconds": 1.0})
    return challenge.model_copy(update={"conditions": conditions, "zero": zero})


async def played(challenge: Challenge, person: Person) -> tuple[Run, Rehearsal]:
    fast = max(one.validity.rate_hz for one in challenge.conditions) > BTRACKS_HZ
    moniker = parse("sim:ofp?load=constant:0&rate=250" if fast else "sim:btracks?load=constant:0")
    assert isinstance(moniker, Sim)
    stage = Rehearsal(challenge, moniker, person)
    run = Run(RunName("s1", "r1"), challenge, stage, automatic=True)
    await asyncio.wait_for(stage.play(run), 110)
    return run, stage


async def gives_a_result(challenge: Challenge) -> None:
    try:
        chosen = runnable(challenge)
    except ChallengeRefused as refusal:
        assert "platform" in str(refusal)
        assert len(refused(challenge)) == len(challenge.conditions)
        return
    run, stage = await played(chosen, PROFILES["sway"])
    assert run.standing.phase is Phase.FINISHED
    last = stage.events[-1]
    assert last.kind == "result"
    assert last.data["conditions"]
    assert {trial.plan.condition.id for trial in run.trials} == {one.id for one in chosen.conditions}
    for trial in run.trials:
        assert trial.verdict in (Verdict.VALID, Verdict.PRACTICE), f"{trial.plan.id}: {trial.reason}"
        assert trial.figures or trial.refused or trial.warnings


@pytest.mark.parametrize("name", LIBRARY)
async def test_every_challenge_gives_a_result_or_says_why_not(name: str) -> None:
    challenge = LIBRARY[name]
    if not challenge.needs_platform:
        challenge = shortened(challenge)
    else:
        kept = tuple(one for one in challenge.conditions if not one.surface.needs_platform) or challenge.conditions
        challenge = shortened(challenge.model_copy(update={"conditions": kept}))
    await gives_a_result(challenge)


@pytest.mark.slow
@pytest.mark.parametrize("name", LIBRARY)
async def test_every_challenge_gives_a_result_in_its_whole_length(name: str) -> None:
    await gives_a_result(LIBRARY[name])


@pytest.mark.parametrize(("name", "who", "verdict", "reason"), MISHAPS)
async def test_what_goes_wrong_is_said(name: str, who: str, verdict: Verdict, reason: str) -> None:
    chosen = runnable(LIBRARY[name])
    condition = chosen.conditions[0].model_copy(update={**SHORT, "trials": 1, "practice": 0, "duration_s": 8.0})
    run, _ = await played(chosen.model_copy(update={"conditions": (condition,)}), PROFILES[who])
    first = run.trials[0]
    assert first.verdict is verdict
    assert reason in first.reason
    assert run.trials[-1].verdict is Verdict.VALID
    assert run.standing.phase is Phase.FINISHED


def test_a_board_that_is_too_slow_is_refused_at_the_start() -> None:
    with pytest.raises(ChallengeRefused, match="50 samples a second in .*, and this board gives 25"):
        fast_enough(LIBRARY["romberg"], 25.0)
    assert fast_enough(LIBRARY["romberg"], 50.0) is LIBRARY["romberg"]
