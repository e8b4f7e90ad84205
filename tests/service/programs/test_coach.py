"""The records of people on programs: every set, every decision with its inputs, two clinicians, and a crash between."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from otolith.service.challenges.trial import Verdict
from otolith.service.clock import VirtualClock
from otolith.service.errors import ProgramError, ProgramRefused, UnknownEnrolment, UnknownPerson
from otolith.service.programs.coach import ByHand, Coach
from otolith.service.programs.ladder import retake
from otolith.service.programs.standing import decision_of
from otolith.service.store import Store

WELL = {"dizziness": 0.0, "pain": 0.0, "nausea": 0.0, "fatigue": 0.0}
WHY = ByHand("ben", "as agreed")


async def test_three_good_sets_lead_up_and_every_decision_can_be_taken_again_from_its_record(desk: Any) -> None:
    enrolment = await desk.enrol()
    outcomes = [(await desk.decided(enrolment, score)).outcome for score in (60.0, 85.0, 90.0, 95.0)]
    assert outcomes == ["stay", "stay", "stay", "advance"]
    now = await desk.coach.standing(enrolment)
    assert now.enrolment.rung == "closed"
    taken = [row for row in now.decisions if row.rule != "enrolled"]
    assert len(taken) == 4
    for row in taken:
        again = retake(now.program, json.loads(json.dumps(row.inputs)))
        assert json.loads(json.dumps(again.inputs)) == row.inputs
        assert (again.outcome, again.next_rung, again.because) == (row.outcome, row.next_rung, row.because)


async def test_sets_before_the_last_move_count_no_more(desk: Any) -> None:
    enrolment = await desk.enrol()
    for _ in range(3):
        await desk.decided(enrolment, 90.0)
    decision = await desk.decided(enrolment, 90.0)
    assert (decision.outcome, decision.rung, len(decision.inputs["scores"])) == ("stay", "closed", 1)


async def test_a_clock_that_was_set_back_between_two_starts_loses_no_set_and_no_decision(
    desk: Any, tmp_path: Path
) -> None:
    enrolment = await desk.enrol()
    await desk.decided(enrolment, 90.0, id=desk.store.ids.make(desk.clock.now()))
    clock = VirtualClock(datetime(1970, 1, 1, tzinfo=UTC))
    async with Store(f"sqlite+aiosqlite:///{tmp_path / 'programs.db'}", clock) as store:
        coach = Coach(store, clock)
        for _ in range(2):
            again = await desk.do(enrolment, 90.0, id=store.ids.make(clock.now()))
            await coach.answer(enrolment, again.pending[0].id, WELL, "anna")
        now = await coach.standing(enrolment)
    assert [row.outcome for row in now.decisions] == ["stay", "stay", "stay", "advance"]
    assert now.enrolment.rung == "closed"


async def test_a_fall_on_the_lowest_rung_does_not_keep_anybody_there_for_ever(desk: Any) -> None:
    enrolment = await desk.enrol()
    assert (await desk.decided(enrolment, 20.0, fell=True)).because == "falls-lowest"
    outcomes = [(await desk.decided(enrolment, 90.0)).outcome for _ in range(3)]
    assert outcomes[-1] == "advance"


async def test_who_is_led_back_goes_up_again_at_the_next_visit(desk: Any) -> None:
    enrolment = await desk.enrol(rung="closed")
    assert (await desk.decided(enrolment, 90.0, {"dizziness": 5.0})).outcome == "regress"
    assert [(await desk.decided(enrolment, 90.0)).because for _ in range(3)][-1] == "back-today"
    again = await desk.decided(enrolment, 90.0, session="s2")
    assert (again.outcome, again.next_rung) == ("advance", "closed")


async def test_a_visit_leads_up_two_rungs_at_most_and_the_next_goes_on_where_it_stood(desk: Any, program: Any) -> None:
    rungs = [{"id": f"r{n}", "duration_s": 30 + n} | ({"axis": "tempo"} if n else {}) for n in range(5)]
    enrolment = await desk.enrol(program(*rungs))
    said = [(await desk.decided(enrolment, 90.0)).because for _ in range(10)]
    assert (said.count("advance-tempo"), said[-2:]) == (2, ["enough-today"] * 2)
    assert (await desk.decided(enrolment, 90.0, session="s2")).next_rung == "r3"


async def test_a_plateau_ends_with_a_new_rung_or_with_a_clinician(desk: Any, program: Any) -> None:
    enrolment = await desk.enrol(program(gate={"plateau": 5}))
    scores = (90.0, 60.0, 90.0, 60.0)
    rules = [(await desk.decided(enrolment, score)).rule for score in scores * 2]
    assert rules == ["gate-not-reached"] * 4 + ["plateau"] * 4
    await desk.coach.lock(enrolment, WHY)
    await desk.coach.lock(enrolment, WHY, locked=False)
    assert (await desk.decided(enrolment, 60.0)).rule == "gate-not-reached"
    assert [(await desk.decided(enrolment, 90.0)).outcome for _ in range(3)][-1] == "advance"
    assert (await desk.coach.standing(enrolment)).stalled == 0


async def test_the_way_to_foam_needs_both_static_holds_and_the_records_hold_them(desk: Any) -> None:
    enrolment = await desk.enrol()
    for _ in range(3):
        await desk.decided(enrolment, 90.0, seconds=30.0)
    for _ in range(2):
        await desk.decided(enrolment, 90.0, seconds=12.0)
    refused = await desk.decided(enrolment, 90.0, seconds=12.0)
    assert refused.because == "holds-first"
    assert (refused.inputs["held_open_s"], refused.inputs["held_closed_s"]) == (30.0, 12.0)
    assert (await desk.decided(enrolment, 90.0, seconds=16.0)).next_rung == "foam"


async def test_symptoms_end_the_visit_and_the_next_begins_one_rung_down(desk: Any) -> None:
    enrolment = await desk.enrol(rung="closed")
    decision = await desk.decided(enrolment, 90.0, {"dizziness": 8.0})
    now = await desk.coach.standing(enrolment)
    assert (decision.outcome, now.enrolment.rung) == ("stop", "open")
    assert (now.left("s1"), now.left("s2")) == (0, 12)


async def test_what_was_spoilt_is_kept_and_asks_nothing(desk: Any) -> None:
    enrolment = await desk.enrol()
    now = await desk.do(enrolment, None, verdict=Verdict.INVALID, reason="a gap")
    assert (len(now.sets), now.pending, now.left("s1")) == (1, (), 12)
    now = await desk.do(enrolment, None, verdict=Verdict.SKIPPED)
    assert len(now.sets) == 1


async def test_trials_that_are_entered_twice_are_one_set(desk: Any) -> None:
    enrolment = await desk.enrol()
    await desk.do(enrolment, 90.0, id="t")
    now = await desk.do(enrolment, 10.0, id="t")
    assert [row.score for row in now.sets] == [90.0]


async def test_a_set_that_the_operator_had_done_once_more_counts_only_once_and_asks_only_once(desk: Any) -> None:
    enrolment = await desk.enrol()
    await desk.do(enrolment, 10.0, id="t1", seconds=12.0)
    now = await desk.do(enrolment, 10.0, id="t1", verdict=Verdict.SUPERSEDED)
    assert ([row.valid for row in now.sets], now.pending, now.left("s1")) == ([False], (), 12)
    now = await desk.do(enrolment, 90.0, id="t2")
    assert [row.id for row in now.pending] == ["t2"]
    await desk.coach.answer(enrolment, "t2", WELL, "anna")
    now = await desk.do(enrolment, 90.0, id="t2", verdict=Verdict.SUPERSEDED)
    assert [row.valid for row in now.sets] == [False, True]  # decided already: the record stays as it was decided on


async def test_a_fall_stays_a_fall_however_often_the_set_is_done_again(desk: Any) -> None:
    enrolment = await desk.enrol(rung="closed")
    await desk.do(enrolment, 10.0, id="t1", fell=True)
    now = await desk.do(enrolment, 10.0, id="t1", fell=True, verdict=Verdict.SUPERSEDED)
    assert [row.id for row in now.pending] == ["t1"]
    assert (await desk.coach.answer(enrolment, "t1", WELL, "anna")).because == "falls-back"


async def test_the_last_rung_completes_the_program(desk: Any) -> None:
    enrolment = await desk.enrol(rung="foam")
    decisions = [await desk.decided(enrolment, 90.0) for _ in range(3)]
    now = await desk.coach.standing(enrolment)
    assert (decisions[-1].outcome, now.enrolment.end, now.left("s1")) == ("complete", "complete", 0)
    with pytest.raises(ProgramRefused, match="has ended: complete"):
        await desk.coach.lock(enrolment, WHY)


async def test_questions_are_answered_in_order_once_and_on_the_scale(desk: Any) -> None:
    enrolment = await desk.enrol()
    first = (await desk.do(enrolment, 90.0)).pending[0].id
    second = (await desk.do(enrolment, 90.0)).pending[1].id
    coach = desk.coach
    with pytest.raises(ProgramRefused, match=f"ask about the set {first} now"):
        await coach.answer(enrolment, second, WELL, "anna")
    with pytest.raises(ProgramRefused, match="nobody asks for 'boredom'"):
        await coach.answer(enrolment, first, {"boredom": 3.0}, "anna")
    for size in (-1.0, 11.0, float("nan")):
        with pytest.raises(ProgramRefused, match="from 0"):
            await coach.answer(enrolment, first, {"pain": size}, "anna")
    await coach.answer(enrolment, first, WELL, "anna")
    await coach.answer(enrolment, second, WELL, "anna")
    with pytest.raises(ProgramRefused, match="answered already"):
        await coach.answer(enrolment, second, WELL, "anna")


async def test_a_set_of_a_rung_that_was_left_counts_for_its_symptoms_alone(desk: Any) -> None:
    enrolment = await desk.enrol(rung="closed")
    for score in (90.0, 90.0):
        now = await desk.do(enrolment, score)
    first, second = (row.id for row in now.pending)
    assert (await desk.coach.answer(enrolment, first, WELL | {"pain": 5.0}, "anna")).outcome == "regress"
    late = await desk.coach.answer(enrolment, second, WELL, "anna")
    assert (late.outcome, late.inputs["scores"]) == ("stay", [None])


async def test_two_answers_at_once_are_one_decision(desk: Any) -> None:
    enrolment = await desk.enrol()
    done = (await desk.do(enrolment, 90.0)).pending[0].id
    answers = [desk.coach.answer(enrolment, done, WELL, by) for by in ("anna", "ben")]
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert sum(isinstance(one, ProgramRefused) for one in found) == 1
    assert len((await desk.coach.standing(enrolment)).decisions) == 2


async def test_two_clinicians_at_once_and_one_of_them_has_to_look_again(desk: Any) -> None:
    enrolment = await desk.enrol()
    seen = (await desk.coach.standing(enrolment)).enrolment.seq
    moves = [desk.coach.move(enrolment, "advance", ByHand(by, "ready", seen)) for by in ("anna", "ben")]
    found = await asyncio.gather(*moves, return_exceptions=True)
    assert [isinstance(one, ProgramRefused) for one in found].count(True) == 1
    now = await desk.coach.standing(enrolment)
    assert now.enrolment.rung == "closed"
    with pytest.raises(ProgramRefused, match="changed this program meanwhile"):
        await desk.coach.lock(enrolment, ByHand("ben", "swollen", seen))


async def test_a_decision_by_hand_has_a_reason_a_record_and_a_line_in_the_audit_log(desk: Any) -> None:
    enrolment = await desk.enrol()
    with pytest.raises(ProgramRefused, match="say why"):
        await desk.coach.move(enrolment, "advance", ByHand("ben", "  "))
    now = await desk.coach.move(enrolment, "foam", WHY)
    assert (now.latest.outcome, now.latest.by, now.latest.reason) == ("advance", "ben", "as agreed")
    assert now.latest.inputs["unstable"]
    line = (await desk.store.audit.list()).items[0]
    assert (line.action, line.by, line.detail) == ("program-move", "ben", "open to foam: as agreed")
    assert await desk.store.audit.verify() is None
    for to, reason in (("advance", "no rung to advance"), ("foam", "is already"), ("moon", "it has open, closed")):
        with pytest.raises(ProgramRefused, match=reason):
            await desk.coach.move(enrolment, to, WHY)


async def test_who_is_locked_stays_until_somebody_lets_go(desk: Any) -> None:
    enrolment = await desk.enrol()
    await desk.coach.lock(enrolment, WHY)
    with pytest.raises(ProgramRefused, match="locked already"):
        await desk.coach.lock(enrolment, WHY)
    assert [(await desk.decided(enrolment, 90.0)).rule for _ in range(3)] == ["locked"] * 3
    await desk.coach.lock(enrolment, WHY, locked=False)
    assert (await desk.decided(enrolment, 90.0)).outcome == "advance"


async def test_a_ladder_that_a_clinician_edits_is_checked_and_the_old_one_stays_in_the_records(desk: Any) -> None:
    enrolment = await desk.enrol()
    definition = (await desk.coach.standing(enrolment)).program.model_dump(mode="json")
    definition["rungs"][0]["pass_score"] = 50.0
    now = await desk.coach.edit(enrolment, definition, WHY)
    assert (now.enrolment.revision, now.rung.pass_score) == (2, 50.0)
    kept = await desk.store.programs.ladders(enrolment)
    assert [row.definition["rungs"][0]["pass_score"] for row in kept] == [80.0, 50.0]
    assert [(await desk.decided(enrolment, 60.0)).outcome for _ in range(3)][-1] == "advance"
    definition["rungs"][1]["duration_s"] = 60.0
    with pytest.raises(ProgramError, match=r"rungs\.1\.duration_s: duration_s belongs to tempo"):
        await desk.coach.edit(enrolment, definition, WHY)
    with pytest.raises(ProgramError, match=r"rungs\.0\.id"):
        await desk.coach.edit(enrolment, definition | {"rungs": [{"task": {"kind": "stand"}}] * 2}, WHY)
    definition["rungs"][1] |= {"id": "shut", "duration_s": 30.0}
    with pytest.raises(ProgramRefused, match="has no rung 'closed'"):
        await desk.coach.edit(enrolment, definition, WHY)


async def test_one_enrolment_per_person_and_program_until_it_ends(desk: Any, program: Any) -> None:
    enrolment = await desk.enrol()
    with pytest.raises(ProgramRefused, match="is on made-up already"):
        await desk.enrol()
    await desk.coach.withdraw(enrolment, WHY)
    again = await desk.enrol()
    assert [row.id for row in await desk.store.programs.of_person("p1")] == [enrolment, again]
    with pytest.raises(UnknownPerson):
        await desk.coach.enrol("nobody", program(), "anna")
    with pytest.raises(UnknownEnrolment):
        await desk.coach.standing("nothing")


async def test_after_a_crash_everything_that_was_done_is_there_and_the_question_is_asked_again(
    desk: Any, tmp_path: Path, clock: Any
) -> None:
    enrolment = await desk.enrol()
    await desk.decided(enrolment, 90.0)
    await desk.do(enrolment, 90.0)
    async with Store(f"sqlite+aiosqlite:///{tmp_path / 'programs.db'}", clock) as store:
        other = type(desk)(store, clock)
        now = await other.coach.standing(enrolment)
        assert (len(now.sets), len(now.pending), len(now.decisions)) == (2, 1, 2)
        await other.coach.answer(enrolment, now.pending[0].id, WELL, "ben")
        assert decision_of((await other.coach.standing(enrolment)).latest).inputs["scores"] == [90.0, 90.0]


async def test_the_other_side_is_trained_by_the_mirrored_ladder(desk: Any, program: Any) -> None:
    sided = program(
        {"id": "one", "stance": "single-right"},
        {"id": "two", "axis": "proprioception", "eyes": "closed", "stance": "single-right"},
        affected="right",
    )
    enrolment = await desk.enrol(sided, side="left")
    assert (await desk.coach.standing(enrolment)).rung.stance == "single-left"
    with pytest.raises(ProgramRefused, match="has no affected side"):
        await desk.coach.enrol("p1", program(id="other"), "anna", side="left")
