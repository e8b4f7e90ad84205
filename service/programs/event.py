"""What programs say on the hub: sets that begin and end, and what was decided; for WebSocket and MQTT alike.

Nobody's name, answer or reason is in it: whoever may know those asks for the decision itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from otolith.service.challenges.cues import LANGUAGES
from otolith.service.programs.explain import next_words
from otolith.service.programs.standing import Standing
from otolith.service.store import DecisionRow, SetRow


@dataclass(frozen=True, slots=True)
class ProgramEvent:
    """One thing that happened to somebody who is on a program."""

    at: str
    """RFC 3339."""
    enrolment: str
    seq: int
    """Of the enrolment: send it back with a decision by hand, so that nobody decides on what has changed."""
    kind: Literal["begun", "set", "decision"]
    """Sets begin; a set was done; something was decided, by the ladder or by a clinician (enrolling is the first)."""
    program: str
    session: str
    """The visit; empty for what is decided outside of one."""
    run: str
    """Of the sets, as session events name it; empty outside of one."""
    rung: str
    """What is trained from now on."""
    next: Mapping[str, str]
    """The same in plain words, by language."""
    set: str = ""
    """Of kinds ``set`` and ``decision``: the trial; empty for a decision by hand."""
    asks: tuple[str, ...] = ()
    """Of kind ``set``: the symptoms to ask for now; none after a set that was spoilt."""
    decision: str = ""
    """Its id."""
    outcome: str = ""
    """``advance``, ``stay``, ``regress``, ``stop``, ``complete``."""
    because: str = ""
    """Key of the sentence that explains it."""
    ended: str = ""
    """``complete`` or ``withdrawn`` once the program is over."""


def begun(now: Standing, at: str, session: str, run: str) -> ProgramEvent:
    """Sets begin, or are taken up again."""
    return ProgramEvent(**_common(now, at), kind="begun", session=session, run=run)


def set_done(now: Standing, at: str, row: SetRow) -> ProgramEvent:
    """A set is entered."""
    asks = now.program.symptoms.asked if row.symptoms is None else ()
    return ProgramEvent(**_common(now, at), kind="set", session=row.session, run=row.run, set=row.id, asks=asks)


def decided(now: Standing, row: DecisionRow) -> ProgramEvent:
    """``row`` is the newest decision."""
    by_ladder = next((one for one in reversed(now.sets) if one.decision == row.id), None)
    return ProgramEvent(
        **_common(now, row.at, before=row.rung),
        kind="decision",
        session=row.session,
        run=by_ladder.run if by_ladder else "",
        set=by_ladder.id if by_ladder else "",
        decision=row.id,
        outcome=row.outcome,
        because=row.because,
    )


def _common(now: Standing, at: str, before: str = "") -> dict[str, Any]:
    row = now.enrolment
    known = before if before in {rung.id for rung in now.program.rungs} else row.rung  # an edit may have dropped it
    words = {one: next_words(now.program, known, row.rung, one) for one in LANGUAGES}
    return {
        "at": at,
        "enrolment": row.id,
        "seq": row.seq,
        "program": row.program,
        "rung": row.rung,
        "next": words,
        "ended": row.end,
    }
