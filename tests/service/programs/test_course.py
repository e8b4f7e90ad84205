"""Three weeks of every shipped program with a simulated person, by the real runner, the real figures and the ladder."""

import asyncio

import pytest

from otolith.drivers.monikers import Sim, parse
from otolith.service.programs.catalogue import SHIPPED, load_program
from otolith.service.programs.course import BRISK, FULL, Course, course
from otolith.service.programs.explain import explain
from otolith.service.programs.ladder import retake
from otolith.service.programs.learner import LEARNERS
from otolith.service.programs.standing import decision_of

PROGRAMS = {path.stem: load_program(path) for path in sorted(SHIPPED.glob("*.toml"))}


def board() -> Sim:
    moniker = parse("sim:btracks?load=script:sway")
    assert isinstance(moniker, Sim)
    return moniker


async def taken(program: str, person: str, weeks: float = 3.0) -> Course:
    return await asyncio.wait_for(course(PROGRAMS[program], LEARNERS[person], board(), weeks=weeks, pace=BRISK), 60)


@pytest.mark.parametrize("program", PROGRAMS)
async def test_three_weeks_hold_all_that_can_happen_and_all_of_it_is_explained(
    program: str,
) -> None:
    found = await taken(program, "eventful")
    decisions = found.standing.decisions
    assert {"advance", "regress", "stop", "stay"} <= {row.outcome for row in decisions}
    assert {"symptoms", "falls", "override", "locked"} <= {row.rule for row in decisions}
    for row in decisions:
        assert explain(decision_of(row), found.ladders[row.revision - 1], "de")
        if "given" in row.inputs:
            assert retake(found.ladders[row.revision - 1], row.inputs).because == row.because
    places = [found.standing.program.number(row.next_rung) for row in decisions]
    assert max(places) >= 2
    assert not found.standing.pending


async def test_who_improves_gets_further_than_who_stays_as_they_are() -> None:
    best, flat = [await taken("athlete-single-leg", person) for person in ("improves", "plateaus")]
    number = best.standing.program.number
    assert number(best.standing.enrolment.rung) > number(flat.standing.enrolment.rung)


async def test_a_course_is_the_same_every_time() -> None:
    courses = [await taken("vestibular", "unwell", weeks=0.75) for _ in range(2)]
    told = [[(row.rung, row.outcome, row.because) for row in one.standing.decisions] for one in courses]
    assert told[0] == told[1]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("program", PROGRAMS)
async def test_the_whole_course_at_full_length(program: str) -> None:
    found = await course(PROGRAMS[program], LEARNERS["eventful"], board(), pace=FULL)
    assert {"advance", "regress", "stop"} <= {row.outcome for row in found.standing.decisions}
    assert found.seconds > 3600.0
