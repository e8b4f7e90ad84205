"""Laws of a course, whatever is done and answered: no rung is skipped, nobody goes on unwell, all is on record."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from otolith.service.programs.catalogue import SHIPPED, load_program
from otolith.service.programs.ladder import Decision, Holds, Outcome, Place, SetDone, decide, retake
from otolith.service.programs.program import stands_still

PROGRAMS = [load_program(path) for path in sorted(SHIPPED.glob("*.toml"))]
SIZES = st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 1.5, 4.5, 5.5, 9.0])

ODD = st.sampled_from(["", "", "", "", "", "invalid", "fell", "unanswered"])


class Course(RuleBasedStateMachine):
    """Somebody on a shipped program, set by set."""

    def __init__(self) -> None:
        super().__init__()
        self.program = PROGRAMS[0]
        self.place = Place(self.program.rungs[0].id)
        self.sets: list[SetDone] = []
        self.holds = Holds()
        self.log: list[Decision] = []
        self.over = False

    @precondition(lambda self: not self.log)
    @rule(number=st.integers(0, len(PROGRAMS) - 1))
    def choose(self, number: int) -> None:
        self.program = PROGRAMS[number]
        self.place = Place(self.program.rungs[0].id)

    @precondition(lambda self: not self.over)
    @rule(score=st.none() | st.floats(0, 100), held=st.floats(0, 60), size=SIZES, odd=ODD)
    def one_set(self, score: float | None, held: float, size: float, odd: str) -> None:
        symptoms: dict[str, float] = {name: size for name in self.program.symptoms.asked if odd != "unanswered"}
        self._do(SetDone("t", self.place.rung, "", score, odd != "invalid", odd == "fell", held, symptoms))

    @precondition(lambda self: not self.over)
    @rule()
    def three_good_sets(self) -> None:
        well: dict[str, float] = dict.fromkeys(self.program.symptoms.asked, 0.0)
        for _ in range(3):
            if not self.over:
                self._do(SetDone("t", self.place.rung, "", 95.0, True, False, 30.0, well))

    @rule(locked=st.booleans())
    def lock(self, locked: bool) -> None:
        self.place = replace(self.place, locked=locked)

    def _do(self, done: SetDone) -> None:
        rung = self.program.rung(self.place.rung)
        if done.valid and stands_still(rung):
            open_s, closed_s = self.holds.open_s, self.holds.closed_s
            if rung.eyes == "open":
                self.holds = Holds(max(open_s, done.held_s), closed_s)
            elif rung.eyes == "closed":
                self.holds = Holds(open_s, max(closed_s, done.held_s))
        self.sets.append(done)
        decision = decide(self.program, self.place, self.sets, self.holds)
        self._judge(decision, done)
        self.log.append(decision)
        self.place = replace(self.place, rung=decision.next_rung)
        self.over = decision.outcome is Outcome.COMPLETE
        if decision.settles:
            self.sets = []

    def _judge(self, decision: Decision, done: SetDone) -> None:
        steps = self.program.number(decision.next_rung) - self.program.number(decision.rung)
        allowed = {Outcome.ADVANCE: {1}, Outcome.STAY: {0}, Outcome.COMPLETE: {0}}
        assert steps in allowed.get(decision.outcome, {-1, 0})
        if decision.outcome not in (Outcome.ADVANCE, Outcome.COMPLETE):
            return
        limits = self.program.symptoms
        assert not self.place.locked
        assert done.valid
        assert not done.fell
        assert set(limits.asked) <= set(done.symptoms)
        assert max(done.symptoms.values()) < limits.advance_below
        surface = self.program.rung(decision.next_rung).surface.kind
        if decision.outcome is Outcome.ADVANCE and surface != "firm":
            assert min(self.holds.open_s, self.holds.closed_s) > self.program.gate.static_hold_s

    @invariant()
    def the_record_gives_the_same_decision(self) -> None:
        if not self.log:
            return
        kept: dict[str, Any] = json.loads(json.dumps(self.log[-1].inputs))
        assert json.loads(json.dumps(retake(self.program, kept).inputs)) == kept
        assert replace(retake(self.program, kept), inputs={}) == replace(self.log[-1], inputs={})


TestCourse = Course.TestCase
TestCourse.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
