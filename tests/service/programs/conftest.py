"""Programs made up by the tests, and a coach with records of their own."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from otolith.dsp.metrics.metric import Figure
from otolith.service.challenges.agenda import TrialPlan
from otolith.service.challenges.trial import Trial, Verdict
from otolith.service.clock import VirtualClock
from otolith.service.programs.as_challenge import as_challenge
from otolith.service.programs.coach import Coach
from otolith.service.programs.program import Program
from otolith.service.programs.standing import Standing
from otolith.service.store import DecisionRow, PersonRow, Store

WELL = {"dizziness": 0.0, "pain": 0.0, "nausea": 0.0, "fatigue": 0.0}


def words(text: str) -> dict[str, str]:
    return {"en": text, "de": text, "fr": text}


def made_up(*rungs: dict[str, Any], **changes: Any) -> Program:
    """Eyes open, closed, then foam; or these rungs, each a mapping of what differs from standing."""
    stand = {"kind": "stand"}
    given = rungs or (
        {"id": "open"},
        {"id": "closed", "axis": "proprioception", "eyes": "closed"},
        {"id": "foam", "axis": "proprioception", "eyes": "closed", "surface": {"kind": "foam"}},
    )
    values = {
        "format": "otolith-program/1",
        "id": "made-up",
        "name": words("made up"),
        "description": words("for a test"),
        "for_whom": words("nobody"),
        "sources": ["nobody"],
        "rungs": [{"name": words(one["id"]), "task": stand} | one for one in given],
    }
    return Program.model_validate(values | changes)


@pytest.fixture
def program() -> Callable[..., Program]:
    return made_up


class Desk:
    """A coach, and somebody who does sets."""

    def __init__(self, store: Store, clock: VirtualClock) -> None:
        self.store = store
        self.clock = clock
        self.coach = Coach(store, clock)
        self._done = 0

    async def enrol(self, program: Program | None = None, **options: Any) -> str:
        await self.store.people.put(PersonRow("p1", "2026-01-01"))
        return (await self.coach.enrol("p1", program or made_up(), "anna", **options)).enrolment.id

    async def do(self, enrolment: str, score: float | None, session: str = "s1", **changes: Any) -> Standing:
        """One set of the rung; its symptoms are not asked for yet."""
        now = await self.coach.standing(enrolment)
        self._done += 1
        await self.clock.advance(60.0)
        condition = as_challenge(now.program, now.rung, 1).conditions[0]
        figures = {} if score is None else {"set_score": Figure(score, "%", "made up")}
        values: dict[str, Any] = {
            "id": f"t{self._done:04}",
            "plan": TrialPlan(condition, 1),
            "attempt": 1,
            "verdict": Verdict.VALID,
            "reason": "",
            "started": "2026-01-01T00:00:00Z",
            "seconds": 30.0,
            "weight_n": 700.0,
            "figures": figures,
        }
        return await self.coach.take(enrolment, session, "r1", [Trial(**(values | changes))])

    async def decided(
        self, enrolment: str, score: float | None, symptoms: dict[str, float] | None = None, **changes: Any
    ) -> DecisionRow:
        """One set, asked about and decided."""
        now = await self.do(enrolment, score, **changes)
        answers = WELL if symptoms is None else WELL | symptoms
        return await self.coach.answer(enrolment, now.pending[0].id, answers, "anna")


@pytest.fixture
async def desk(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[Desk]:
    async with Store(f"sqlite+aiosqlite:///{tmp_path / 'programs.db'}", clock) as store:
        yield Desk(store, clock)
