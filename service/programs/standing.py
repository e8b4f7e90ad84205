"""Where somebody stands on a program, and what they do today: worked out of the records alone, so nothing is lost."""

from dataclasses import dataclass

from otolith.service.programs.ladder import Decision, Holds, Outcome, Place, SetDone
from otolith.service.programs.program import Program, Rung
from otolith.service.programs.sets import holds, set_done
from otolith.service.store import DecisionRow, EnrolmentRow, SetRow


@dataclass(frozen=True, slots=True)
class Standing:
    """One enrolment, read at one moment."""

    enrolment: EnrolmentRow
    program: Program
    """The ladder that holds now."""
    sets: tuple[SetRow, ...]
    decisions: tuple[DecisionRow, ...]

    @property
    def rung(self) -> Rung:
        """What is being trained."""
        return self.program.rung(self.enrolment.rung)

    def place(self, session: str) -> Place:
        """The same in a visit, as the ladder takes it."""
        here = [one.outcome for one in self.decisions if session and one.session == session]
        return Place(
            self.enrolment.rung,
            self.enrolment.locked,
            climbed=here.count(Outcome.ADVANCE),
            led_back=Outcome.REGRESS in here,
            stalled=self.stalled,
        )

    @property
    def stalled(self) -> int:
        """Valid sets since a rung was reached that was new to the person, or since a clinician last decided."""
        numbers = {rung.id: number for number, rung in enumerate(self.program.rungs)}
        highest, since = -1, ""
        for one in self.decisions:
            reached = numbers.get(one.next_rung, -1)
            if reached > highest or one.rule == "override":
                highest, since = max(highest, reached), one.after
        return sum(row.valid and row.id > since for row in self.sets)

    @property
    def holds(self) -> Holds:
        """The longest static holds so far."""
        return holds(self.sets)

    @property
    def pending(self) -> tuple[SetRow, ...]:
        """Sets after which nobody has asked for symptoms yet, oldest first."""
        return tuple(row for row in self.sets if row.symptoms is None)

    @property
    def latest(self) -> DecisionRow:
        """The newest decision; enrolling is the first."""
        return self.decisions[-1]

    def stopped(self, session: str) -> bool:
        """Whether symptoms have ended this visit."""
        return any(one.session == session and one.outcome == Outcome.STOP for one in self.decisions)

    def left(self, session: str) -> int:
        """Sets still to be done in a visit."""
        return 0 if self._ended(session) else max(0, self.program.sets_per_session - self.done(session))

    def done(self, session: str) -> int:
        """Valid sets of a visit."""
        return sum(row.session == session and row.valid for row in self.sets)

    def why_none(self, session: str) -> str:
        """Why no set is left in a visit, in plain words; empty where there is one."""
        if self.left(session):
            return ""
        return self._ended(session) or f"all {self.program.sets_per_session} sets of a visit are done"

    def _ended(self, session: str) -> str:
        """What keeps everybody from sets, whatever was done."""
        if self.enrolment.ended is not None:
            return f"the program has ended: {self.enrolment.end}"
        if self.enrolment.paused:
            return "the program is paused"
        return "symptoms ended the visit" if self.stopped(session) else ""

    def counted(self, newest: SetRow) -> list[SetDone]:
        """What a decision after ``newest`` is taken from: the sets of this rung since the last one that settles.

        A set of a rung that was left meanwhile counts for its symptoms and falls, and for nothing else.
        """
        after = next((one.after for one in reversed(self.decisions) if one.settles), "")
        rows = [row for row in self.sets if after < row.id <= newest.id and row.rung == self.enrolment.rung]
        if rows and rows[-1].id == newest.id:
            return [set_done(row) for row in rows]
        late = set_done(newest)
        return [SetDone(late.id, late.rung, late.at, None, False, late.fell, late.held_s, late.symptoms)]


def decision_of(row: DecisionRow) -> Decision:
    """As the ladder took it."""
    return Decision(
        Outcome(row.outcome), row.rung, row.next_rung, row.rule, row.inputs, row.because, row.by, row.reason
    )
