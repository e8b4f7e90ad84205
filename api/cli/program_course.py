"""What became of a simulated course, as JSON and as a table."""

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table

from otolith.api.cli.output import console
from otolith.service.challenges.cues import Language, spoken
from otolith.service.programs.course import Course
from otolith.service.programs.explain import explain
from otolith.service.programs.standing import decision_of
from otolith.service.store import DecisionRow, SetRow

MARKS = {
    "advance": "[green]▲[/]",
    "regress": "[yellow]▼[/]",
    "stop": "[red]■[/]",
    "complete": "[green]★[/]",
    "stay": "·",
}


def course_record(course: Course, person: str, weeks: float, language: Language, *, brisk: bool) -> dict[str, object]:
    """One document: who, how long, every set and every decision with its inputs and its reason."""
    standing = course.standing
    return {
        "program": standing.program.id,
        "version": standing.program.version,
        "person": person,
        "weeks": weeks,
        "simulated": True,
        "brisk": brisk,
        "seconds": course.seconds,
        "sessions": list(course.sessions),
        "ended": standing.enrolment.end or f"on {standing.enrolment.rung}",
        "sets": [set_record(one) for one in standing.sets],
        "decisions": [decision_record(one, _why(course, one, language)) for one in standing.decisions],
    }


def set_record(row: SetRow) -> dict[str, object]:
    """A set, without what is the same for all of them."""
    return {name: getattr(row, name) for name in _SET}


def decision_record(row: DecisionRow, words: str) -> dict[str, object]:
    """A decision with its inputs, and why."""
    return {name: getattr(row, name) for name in _DECISION} | {"because": words}


_SET = ("id", "session", "rung", "score", "valid", "fell", "held_s", "symptoms")
_DECISION = ("id", "at", "session", "outcome", "rung", "next_rung", "rule", "by", "reason", "inputs")


def show_course(course: Course, language: Language, *, brisk: bool) -> None:
    """Every decision on a line."""
    standing, screen = course.standing, console()
    short = ", shortened" if brisk else ""
    screen.print(f"[bold]{escape(spoken(standing.program.name, language))}[/] [yellow]SIMULATED{short}[/]")
    screen.print(show_decisions([(one, _why(course, one, language)) for one in standing.decisions], standing.sets))
    end = standing.enrolment.end or f"on rung {standing.program.number(standing.enrolment.rung) + 1}"
    screen.print(
        f"{len(course.sessions)} visits, {len(standing.sets)} sets, {course.seconds / 60:.0f} min of training: {end} "
        f"of {len(standing.program.rungs)}"
    )


def show_decisions(decisions: Iterable[tuple[DecisionRow, str]], sets: Iterable[SetRow]) -> Table:
    """Each with why, in words, and with the score of its set."""
    scores = {one.decision: one for one in sets}
    table = Table("day", "visit", "rung", "score", "", "why")
    for one, why in decisions:
        done = scores.get(one.id)
        score = "-" if done is None or done.score is None else f"{done.score:.0f} %"
        visit = one.session.removeprefix("visit-")
        table.add_row(one.at[5:10], visit, one.rung, score, MARKS[one.outcome], escape(why))
    return table


def _why(course: Course, row: DecisionRow, language: Language) -> str:
    return explain(decision_of(row), course.ladders[row.revision - 1], language)
