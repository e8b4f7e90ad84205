"""The ladder: from what was done to what comes next, and why. No clock, no I/O, no memory of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from otolith.service.challenges.challenge import SurfaceKind
from otolith.service.programs.program import Program, Rung


@dataclass(frozen=True, slots=True)
class SetDone:
    """One set of an exercise, as the ladder looks at it."""

    id: str
    """Of the trial that holds its samples and figures."""
    rung: str
    at: str
    """RFC 3339."""
    score: float | None
    """Percent; None where nothing could be measured."""
    valid: bool
    fell: bool
    held_s: float
    """How long the stance was held without a step."""
    symptoms: Mapping[str, float] = field(default_factory=dict)
    """0 to 10 each; one that was not answered is missing, and is not zero."""


class Outcome(StrEnum):
    """What follows."""

    ADVANCE = "advance"
    STAY = "stay"
    REGRESS = "regress"
    STOP = "stop"
    """The session ends here."""
    COMPLETE = "complete"
    """There is no harder rung."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, with all that went into it: whoever reads it can take it again."""

    outcome: Outcome
    rung: str
    """Before."""
    next_rung: str
    """After."""
    rule: str
    """``error-gate``, ``repetition-gate``, ``gate-not-reached``, ``plateau``, ``symptoms``, ``falls``, ``failures``,
    ``invalid``, ``visit``, ``unstable-surface``, ``locked``, ``override``, ``enrolled``."""
    inputs: Mapping[str, Any]
    """Sets, scores, symptoms and limits that it was taken from."""
    because: str
    """Key of the sentence that explains it, in the languages of the station."""
    by: str = "station"
    reason: str = ""
    """Why it was overridden."""

    @property
    def settles(self) -> bool:
        """Whether counting begins anew after it: something has moved, or would have, were there an easier rung."""
        return self.outcome is not Outcome.STAY or self.because.endswith("-lowest")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is on a ladder, and how they got there."""

    rung: str
    locked: bool = False
    """A clinician keeps the person here."""
    climbed: int = 0
    """Rungs that the ladder has led up in this visit already."""
    led_back: bool = False
    """It has led back in this visit."""
    stalled: int = 0
    """Valid sets since the person last reached a rung that was new to them, or a clinician decided something."""


@dataclass(frozen=True, slots=True)
class Holds:
    """The longest that the person ever stood still on firm ground, seconds; what unstable surfaces ask for first."""

    open_s: float = 0.0
    closed_s: float = 0.0


def decide(program: Program, place: Place, sets: Sequence[SetDone], holds: Holds) -> Decision:
    """What follows from the sets done since the last decision that settles, oldest first; there is at least one.

    Safety first: symptoms and falls before scores, and no unstable surface without both static holds.
    Raises ValueError without sets, or for a rung that is not of the program.
    """
    if not sets:
        raise ValueError("a decision is taken after a set")
    ladder = _Ladder(program, place, tuple(sets), holds)
    for rule in (_symptoms, _falls, _failures, _locked, _gate):
        if (decision := rule(ladder)) is not None:
            return decision
    if sets[-1].valid and sets[-1].score is None and program.gate.kind == "error":
        return ladder.stay("gate-not-reached", "nothing-measured")
    if 0 < program.gate.plateau <= place.stalled:
        return ladder.stay("plateau", "plateau", stalled=place.stalled)
    return ladder.stay("gate-not-reached", f"{program.gate.kind}-gate-not-reached")


def retake(program: Program, inputs: Mapping[str, Any]) -> Decision:
    """The decision again, from the inputs that it was kept with; for whoever checks the records.

    Raises KeyError for a decision that was taken by hand, which has no sets.
    """
    given = inputs["given"]
    sets = [SetDone(**one) for one in given["sets"]]
    return decide(program, Place(**given["place"]), sets, Holds(**given["holds"]))


@dataclass(frozen=True, slots=True)
class _Ladder:
    """A program, a place on it, and what was done there."""

    program: Program
    place: Place
    sets: tuple[SetDone, ...]
    holds: Holds

    @property
    def at(self) -> int:
        """Number of the rung."""
        return self.program.number(self.place.rung)

    @property
    def here(self) -> Rung:
        return self.program.rungs[self.at]

    @property
    def counted(self) -> tuple[SetDone, ...]:
        """The sets that the gate looks at."""
        gate = self.program.gate
        return self.sets if gate.kind == "repetition" else self.sets[-gate.of :]

    @property
    def passed(self) -> list[bool]:
        """Whether each set was; what could not be measured was not."""
        return [one.valid and not one.fell and (one.score or 0.0) >= self.here.pass_score for one in self.sets]

    def stay(self, rule: str, because: str, **inputs: object) -> Decision:
        return Decision(Outcome.STAY, self.here.id, self.here.id, rule, self.inputs(**inputs), because)

    def back(self, rule: str, because: str, **inputs: object) -> Decision:
        """One rung down; on the lowest there is nothing easier, and the person stays."""
        if not self.at:
            return self.stay(rule, f"{because}-lowest", **inputs)
        below = self.program.rungs[self.at - 1].id
        return Decision(Outcome.REGRESS, self.here.id, below, rule, self.inputs(**inputs), f"{because}-back")

    def stop(self, rule: str, because: str, **inputs: object) -> Decision:
        below = self.program.rungs[max(self.at - 1, 0)].id
        return Decision(Outcome.STOP, self.here.id, below, rule, self.inputs(**inputs), because)

    def inputs(self, **more: object) -> dict[str, object]:
        """What every decision carries, and what this one was taken from."""
        return {
            "sets": [one.id for one in self.sets],
            "scores": [one.score for one in self.sets],
            "passed": self.passed,
            "pass_score": self.here.pass_score,
            "symptoms": dict(self.sets[-1].symptoms),
            "given": {
                "place": asdict(self.place),
                "holds": asdict(self.holds),
                "sets": [asdict(one) for one in self.sets],
            },
            **more,
        }


Rule = Callable[[_Ladder], Decision | None]


def _symptoms(ladder: _Ladder) -> Decision | None:
    asked, limits = ladder.sets[-1].symptoms, ladder.program.symptoms
    name, worst = max(asked.items(), key=lambda one: one[1], default=("", 0.0))
    if worst >= limits.stop_from:
        return ladder.stop("symptoms", "symptoms-stop", symptom=name, worst=worst, limit=limits.stop_from)
    if worst >= limits.regress_from:
        return ladder.back("symptoms", "symptoms", symptom=name, worst=worst, limit=limits.regress_from)
    return None


def _falls(ladder: _Ladder) -> Decision | None:
    falls, limit = sum(one.fell for one in ladder.sets), ladder.program.regress.falls
    return ladder.back("falls", "falls", falls=falls, limit=limit) if falls >= limit else None


def _failures(ladder: _Ladder) -> Decision | None:
    """A set of which nothing could be measured is no failure of the person's."""
    limit = ladder.program.regress.failures
    measured = [one.fell or (one.valid and one.score is not None) for one in ladder.sets]
    valid = [passed for passed, known in zip(ladder.passed, measured, strict=True) if known]
    if len(valid) < limit or any(valid[-limit:]):
        return None
    return ladder.back("failures", "failures", limit=limit)


def _locked(ladder: _Ladder) -> Decision | None:
    return ladder.stay("locked", "locked") if ladder.place.locked else None


def _gate(ladder: _Ladder) -> Decision | None:
    """Whether the next rung is open: the gate, no symptoms, no invalid set last, static holds before a surface."""
    if not _reached(ladder):
        return None
    for barrier in (_unwell, _spoilt, _faltered, _back_today):
        if (stays := barrier(ladder)) is not None:
            return stays
    if ladder.here is ladder.program.rungs[-1]:
        return Decision(Outcome.COMPLETE, ladder.here.id, ladder.here.id, _rule(ladder), ladder.inputs(), "complete")
    above = ladder.program.rungs[ladder.at + 1]
    for stays in (_unready(ladder, above), _enough(ladder)):
        if stays is not None:
            return stays
    return Decision(Outcome.ADVANCE, ladder.here.id, above.id, _rule(ladder), ladder.inputs(), f"advance-{above.axis}")


def _spoilt(ladder: _Ladder) -> Decision | None:
    """Scores do not make up for a set that did not count, nor for a fall."""
    if not ladder.sets[-1].valid:
        return ladder.stay("invalid", "last-set-invalid")
    falls = sum(one.fell for one in ladder.counted)
    return ladder.stay("falls", "fell-lately", falls=falls) if falls else None


def _faltered(ladder: _Ladder) -> Decision | None:
    """Nobody goes up right after a set that was not passed; repetitions count whatever their scores."""
    by_score = ladder.program.gate.kind == "error"
    return ladder.stay("gate-not-reached", "last-set-failed") if by_score and not ladder.passed[-1] else None


def _back_today(ladder: _Ladder) -> Decision | None:
    """Who was led back goes up at another visit: minutes after a fall or dizziness is too soon."""
    return ladder.stay("visit", "back-today") if ladder.place.led_back else None


def _enough(ladder: _Ladder) -> Decision | None:
    """No more rungs in a visit than the program wants."""
    limit, climbed = ladder.program.gate.rungs_per_visit, ladder.place.climbed
    return ladder.stay("visit", "enough-today", climbed=climbed, limit=limit) if 0 < limit <= climbed else None


def _unready(ladder: _Ladder, above: Rung) -> Decision | None:
    """No unstable surface before both static holds."""
    if above.surface.kind is SurfaceKind.FIRM:
        return None
    held, needed = ladder.holds, ladder.program.gate.static_hold_s
    if min(held.open_s, held.closed_s) > needed:
        return None
    inputs = {"held_open_s": held.open_s, "held_closed_s": held.closed_s, "needed_s": needed}
    return ladder.stay("unstable-surface", "holds-first", **inputs)


def _rule(ladder: _Ladder) -> str:
    return f"{ladder.program.gate.kind}-gate"


def _reached(ladder: _Ladder) -> bool:
    gate = ladder.program.gate
    if gate.kind == "repetition":
        return sum(one.valid for one in ladder.sets) >= gate.repetitions
    return len(ladder.sets) >= gate.passed and sum(ladder.passed[-gate.of :]) >= gate.passed


def _unwell(ladder: _Ladder) -> Decision | None:
    """Symptoms that were not asked for are not none: nobody goes on without an answer."""
    limits, answers = ladder.program.symptoms, ladder.sets[-1].symptoms
    missing = [name for name in limits.asked if name not in answers]
    if missing:
        return ladder.stay("symptoms", "symptoms-unanswered", missing=missing)
    name, worst = max(answers.items(), key=lambda one: one[1], default=("", 0.0))
    if worst >= limits.advance_below:
        return ladder.stay("symptoms", "symptoms-stay", symptom=name, worst=worst, limit=limits.advance_below)
    return None
