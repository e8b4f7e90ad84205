"""From a trial to a set, as programs look at it."""

import math
from typing import Final

from otolith.service.challenges.performance.performed import SET_SCORE
from otolith.service.challenges.trial import Trial, Verdict
from otolith.service.programs.ladder import Holds, SetDone
from otolith.service.programs.program import stands_still
from otolith.service.store import EnrolmentRow, SetRow

COUNTED: Final = frozenset({Verdict.VALID, Verdict.INVALID})
"""Skipped, practised and superseded trials are no sets."""


def set_row(trial: Trial, enrolment: EnrolmentRow, session: str, run: str) -> SetRow:
    """As it is kept. A set that was spoilt without a fall asks for no symptoms: it is done again at once."""
    rung, valid = trial.plan.condition, trial.verdict is Verdict.VALID
    return SetRow(
        id=trial.id,
        enrolment=enrolment.id,
        revision=enrolment.revision,
        rung=rung.id,
        session=session,
        run=run,
        at=trial.started,
        score=_score(trial),
        valid=valid,
        fell=trial.fell,
        held_s=trial.seconds if trial.held_s is None else trial.held_s,
        hold=str(rung.eyes) if stands_still(rung) else "",
        symptoms=None if valid or trial.fell else {},
    )


def _score(trial: Trial) -> float | None:
    """Percent; None where nothing was measured."""
    figure = trial.figures.get(SET_SCORE)
    return None if figure is None or not math.isfinite(figure.value) else float(figure.value)


def set_done(row: SetRow) -> SetDone:
    """As the ladder looks at it."""
    return SetDone(
        id=row.id,
        rung=row.rung,
        at=row.at,
        score=row.score,
        valid=row.valid,
        fell=row.fell,
        held_s=row.held_s,
        symptoms=dict(row.symptoms or {}),
    )


def holds(rows: tuple[SetRow, ...]) -> Holds:
    """The longest static holds among them."""
    longest = {
        eyes: max((row.held_s for row in rows if row.valid and row.hold == eyes), default=0.0)
        for eyes in ("open", "closed")
    }
    return Holds(longest["open"], longest["closed"])
