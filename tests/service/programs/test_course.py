"""Three weeks of every shipped program with a simulated person, by the real runner, the real figures and the ladder."""

import asyncio

import pytest

from otolith.drivers.monikers import Sim, parse
from otolith.service.challenges.cues import LANGUAGES
from otolith.service.programs.catalogue import SHIPPED, load_program
from otolith.service.programs.course import BRISK, FULL, Course, course
from otolith.service.programs.explain import explain
from otolith.service.programs.ladder import retake
from otolith.service.programs.learner import LEARNERS
from otolith.service.programs.standing import decision_of

PROGRAMS = {path.stem: load_program(path) for path in sorted(SHIPPED.glob("*.toml"))}


def board() -> Sim:
    moniker = parse("sim:btracks?load=script:sway&interval=16")
    assert isinstance(moniker, Sim)
    return moniker


async def taken(program: str, person: str, weeks: float = 3.0) -> Course:
    return await asyncio.wait_for(course(PROGRAMS[program], LEARNERS[person], board(), weeks=weeks, pace=BRISK), 60)


def told(found: Course) -> None:
    """Every decision in three languages, with all its numbers; and taken again from its record, the same."""
    for row in found.standing.decisions:
        ladder = found.ladders[row.revision - 1]
        for language in LANGUAGES:
            said = explain(decision_of(row), ladder, language)
            assert said.endswith((".", row.reason))
            assert "{" not in said
        if "given" in row.inputs:
            assert retake(ladder, row.inputs).because == row.because


def everything_happened(found: Course) -> None:
    """Gets better, gets symptoms, falls, is led back, is kept and moved by hand; and is still at it at the end."""
    decisions = found.standing.decisions
    assert {"advance", "regress", "stop", "stay"} <= {row.outcome for row in decisions}
    assert {"symptoms", "falls", "override", "locked"} <= {row.rule for row in decisions}
    assert {row.outcome for row in decisions if row.rule == "symptoms"} >= {"regress", "stop"}
    assert max(found.standing.program.number(row.next_rung) for row in decisions) >= 3
    assert not found.standing.enrolment.end
    assert not found.standing.pending


@pytest.mark.parametrize("program", PROGRAMS)
async def test_three_weeks_hold_all_that_can_happen_and_all_of_it_is_explained(program: str) -> None:
    found = await taken(program, "eventful")
    everything_happened(found)
    told(found)


@pytest.mark.parametrize("program", PROGRAMS)
async def test_who_does_not_get_better_is_said_to_be_on_a_plateau_and_gets_no_further(program: str) -> None:
    found = await taken(program, "plateaus", weeks=2.0)
    decisions = found.standing.decisions
    assert {"plateau", "failures"} <= {row.rule for row in decisions}
    assert not found.standing.enrolment.end
    told(found)


async def test_who_improves_gets_further_than_who_stays_as_they_are() -> None:
    best, flat = [await taken("athlete-single-leg", person, weeks=1.34) for person in ("improves", "plateaus")]
    number = best.standing.program.number
    assert number(best.standing.enrolment.rung) > number(flat.standing.enrolment.rung)


async def test_a_course_is_the_same_every_time() -> None:
    courses = [await taken("vestibular", "unwell", weeks=0.5) for _ in range(2)]
    told = [[(row.rung, row.outcome, row.because) for row in one.standing.decisions] for one in courses]
    assert told[0] == told[1]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("program", PROGRAMS)
async def test_the_whole_course_at_full_length(program: str) -> None:
    """About a minute of one core each."""
    found = await course(PROGRAMS[program], LEARNERS["eventful"], board(), pace=FULL)
    everything_happened(found)
    told(found)
    assert found.seconds > 3600.0
