"""The ladder: safety before scores, one rung at a time, and every decision with what it was taken from."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.service.programs.ladder import Holds, Outcome, Place, SetDone, decide
from otolith.service.programs.program import Program

WELL = {"dizziness": 0.0, "pain": 0.0, "nausea": 0.0, "fatigue": 0.0}
READY = Holds(20.0, 20.0)


def words(text: str) -> dict[str, str]:
    return {"en": text, "de": text, "fr": text}


def program(**changes: Any) -> Program:
    stand = {"kind": "stand"}
    rungs = [
        {"id": "open", "name": words("open"), "task": stand},
        {"id": "closed", "name": words("closed"), "axis": "proprioception", "task": stand, "eyes": "closed"},
        {
            "id": "foam",
            "name": words("foam"),
            "axis": "proprioception",
            "task": stand,
            "eyes": "closed",
            "surface": {"kind": "foam"},
        },
    ]
    values = {
        "format": "otolith-program/1",
        "id": "made-up",
        "name": words("made up"),
        "description": words("for a test"),
        "for_whom": words("nobody"),
        "sources": ["nobody"],
        "rungs": rungs,
    }
    return Program.model_validate(values | changes)


def done(*scores: float | None, rung: str = "open", **changes: Any) -> list[SetDone]:
    values: dict[str, Any] = {"rung": rung, "at": "", "valid": True, "fell": False, "held_s": 30.0, "symptoms": WELL}
    return [SetDone(id=f"t{n}", score=score, **(values | changes)) for n, score in enumerate(scores)]


def test_three_of_the_last_four_open_the_next_rung() -> None:
    assert decide(program(), Place("open"), done(90, 70), READY).outcome is Outcome.STAY
    decision = decide(program(), Place("open"), done(90, 70, 85, 80), READY)
    assert (decision.outcome, decision.next_rung, decision.rule) == (Outcome.ADVANCE, "closed", "error-gate")
    assert decision.inputs["scores"] == [90, 70, 85, 80]


def test_nobody_goes_up_right_after_a_set_that_was_not_passed() -> None:
    decision = decide(program(), Place("open"), done(90, 85, 80, 27), READY)
    assert (decision.outcome, decision.because) == (Outcome.STAY, "last-set-failed")
    assert decide(program(), Place("open"), done(90, 85, 80, 27, 90), READY).outcome is Outcome.ADVANCE


def test_repetitions_open_it_whatever_the_scores() -> None:
    gate = {"kind": "repetition", "repetitions": 3}
    decision = decide(program(gate=gate, regress={"failures": 9}), Place("open"), done(1, 2, 3), READY)
    assert decision.outcome is Outcome.ADVANCE


@pytest.mark.parametrize(("size", "outcome"), [(1, Outcome.STAY), (4, Outcome.REGRESS), (7, Outcome.STOP)])
def test_symptoms_come_before_any_score(size: float, outcome: Outcome) -> None:
    sets = done(100, 100, 100, rung="closed", symptoms=WELL | {"pain": float(size)})
    decision = decide(program(), Place("closed"), sets, READY)
    assert (decision.outcome, decision.rule) == (outcome, "symptoms")


def test_what_could_not_be_measured_is_no_failure_and_says_so() -> None:
    decision = decide(program(), Place("closed"), done(None, None, None, None, None, rung="closed"), READY)
    assert (decision.outcome, decision.because) == (Outcome.STAY, "nothing-measured")
    assert decide(program(), Place("closed"), done(1, 1, 1, 1, rung="closed"), READY).outcome is Outcome.REGRESS


def test_a_fall_among_the_sets_of_the_gate_keeps_it_shut() -> None:
    sets = [*done(90, fell=True), *done(90, 90, 90)]
    assert decide(program(regress={"falls": 2}), Place("open"), sets, READY).because == "fell-lately"
    assert decide(program(regress={"falls": 2}), Place("open"), [*sets, *done(90)], READY).outcome is Outcome.ADVANCE


def test_no_answer_is_not_no_symptoms() -> None:
    sets = done(100, 100, 100, symptoms={"pain": 0.0})
    assert decide(program(), Place("open"), sets, READY).because == "symptoms-unanswered"


def test_a_fall_leads_back() -> None:
    sets = [*done(100, 100, rung="closed"), *done(100, rung="closed", fell=True)]
    assert decide(program(), Place("closed"), sets, READY).next_rung == "open"


@pytest.mark.parametrize("holds", [Holds(15.0, 60.0), Holds(60.0, 15.0)])
def test_no_unstable_surface_before_both_holds(holds: Holds) -> None:
    decision = decide(program(), Place("closed"), done(90, 90, 90, rung="closed"), holds)
    assert (decision.outcome, decision.rule) == (Outcome.STAY, "unstable-surface")


def test_a_locked_person_stays_but_safety_still_leads_back() -> None:
    place = Place("closed", locked=True)
    assert decide(program(), place, done(90, 90, 90, rung="closed"), READY).rule == "locked"
    assert decide(program(), place, done(90, rung="closed", fell=True), READY).outcome is Outcome.REGRESS


def test_the_ladder_leads_up_no_more_rungs_in_a_visit_than_the_program_wants() -> None:
    place = Place("open", climbed=2)
    decision = decide(program(), place, done(90, 90, 90), READY)
    assert (decision.outcome, decision.rule, decision.because) == (Outcome.STAY, "visit", "enough-today")
    free = program(gate={"rungs_per_visit": 0})
    assert decide(free, place, done(90, 90, 90), READY).outcome is Outcome.ADVANCE
    top = Place("foam", climbed=2)
    assert decide(program(), top, done(90, 90, 90, rung="foam"), READY).outcome is Outcome.COMPLETE


@pytest.mark.parametrize("rung", ["open", "closed", "foam"])
def test_who_was_led_back_does_not_go_up_in_the_same_visit(rung: str) -> None:
    decision = decide(program(), Place(rung, led_back=True), done(90, 90, 90, rung=rung), READY)
    assert (decision.outcome, decision.because) == (Outcome.STAY, "back-today")


def test_so_many_sets_without_a_new_rung_are_a_plateau_unless_the_gate_opens() -> None:
    place = Place("open", stalled=24)
    decision = decide(program(), place, done(90, 70), READY)
    assert (decision.outcome, decision.rule, decision.inputs["stalled"]) == (Outcome.STAY, "plateau", 24)
    assert decide(program(), place, done(90, 90, 90), READY).outcome is Outcome.ADVANCE
    assert decide(program(gate={"plateau": 0}), place, done(90, 70), READY).rule == "gate-not-reached"


@st.composite
def courses(draw: st.DrawFn) -> tuple[Place, Sequence[SetDone], Holds]:
    rung = draw(st.sampled_from(["open", "closed", "foam"]))
    one = st.builds(
        SetDone,
        id=st.just("t"),
        rung=st.just(rung),
        at=st.just(""),
        score=st.none() | st.floats(0, 100),
        valid=st.booleans(),
        fell=st.booleans(),
        held_s=st.floats(0, 60),
        symptoms=st.dictionaries(st.sampled_from([*WELL]), st.floats(0, 10)),
    )
    holds = Holds(draw(st.floats(0, 60)), draw(st.floats(0, 60)))
    place = Place(rung, draw(st.booleans()), draw(st.integers(0, 3)), draw(st.booleans()), draw(st.integers(0, 30)))
    return place, draw(st.lists(one, min_size=1, max_size=12)), holds


@given(courses())
def test_nobody_ever_goes_on_unwell_fallen_or_untested(course: tuple[Place, Sequence[SetDone], Holds]) -> None:
    place, sets, holds = course
    decision = decide(program(), place, sets, holds)
    ids = ["open", "closed", "foam"]
    assert abs(ids.index(decision.next_rung) - ids.index(decision.rung)) <= 1
    if decision.outcome is not Outcome.ADVANCE:
        return
    assert not place.locked
    assert not place.led_back
    assert place.climbed < 2
    assert all(not one.fell for one in sets)
    assert sets[-1].valid
    assert set(sets[-1].symptoms) == set(WELL)
    assert max(sets[-1].symptoms.values()) < 1.0
    if decision.next_rung == "foam":
        assert min(holds.open_s, holds.closed_s) > 15.0
