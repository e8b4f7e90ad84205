"""Challenges and rehearsals, made up by the tests."""

from collections.abc import Callable
from typing import Any

import pytest

from otolith.drivers.monikers import Sim, parse
from otolith.drivers.patient.person import Person
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.rehearsal import Rehearsal
from otolith.service.challenges.run import Run
from otolith.service.challenges.voice import RunName


def words(text: str) -> dict[str, str]:
    return {"en": text, "de": text, "fr": text}


@pytest.fixture
def challenge() -> Callable[..., Challenge]:
    """A challenge of these conditions, each a mapping of what differs from the defaults."""

    def make(*conditions: dict[str, Any], **changes: Any) -> Challenge:
        given = [{"id": f"c{n}", "name": words(f"condition {n}"), **one} for n, one in enumerate(conditions, 1)]
        values = {
            "format": "otolith-challenge/1",
            "id": "made-up",
            "name": words("made up"),
            "description": words("for a test"),
            "sources": ("nobody",),
            "status": "unverified",
            "conditions": given,
        }
        return Challenge.model_validate(values | changes)

    return make


@pytest.fixture
def rehearse() -> Callable[..., tuple[Run, Rehearsal]]:
    """A run of a challenge by a simulated person, not begun yet."""

    def make(challenge: Challenge, *, automatic: bool = True, **person: Any) -> tuple[Run, Rehearsal]:
        moniker = parse("sim:btracks?load=constant:0")
        assert isinstance(moniker, Sim)
        stage = Rehearsal(challenge, moniker, Person(**person))
        return Run(RunName("s1", "r1"), challenge, stage, automatic=automatic), stage

    return make
