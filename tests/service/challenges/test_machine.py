"""The trial machine as a table: stop always stops, nothing leads out of the end, every phase can be left."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otolith.service.challenges.agenda import agenda
from otolith.service.challenges.challenge import Challenge
from otolith.service.challenges.diagram import diagram
from otolith.service.challenges.machine import TRANSITIONS, Standing, advance, allowed
from otolith.service.challenges.phases import OVER, Phase, Trigger

Make = Callable[..., Challenge]


@pytest.fixture
def standing(challenge: Make) -> Standing:
    return Standing(agenda(challenge({"trials": 2}, {"rest_s": 0.0})))


@pytest.mark.parametrize("phase", [phase for phase in Phase if phase not in OVER])
def test_stop_stops_from_everywhere(standing: Standing, phase: Phase) -> None:
    after = advance(replace(standing, phase=phase), Trigger.STOP, "enough")
    assert after is not None
    assert (after.phase, after.reason) == (Phase.STOPPED, "enough")


@pytest.mark.parametrize("phase", sorted(OVER))
def test_nothing_leads_out_of_an_end(standing: Standing, phase: Phase) -> None:
    assert allowed(replace(standing, phase=phase)) == frozenset()


def test_every_transition_can_be_reached() -> None:
    """A row behind an unguarded row of the same phase and trigger would never be taken."""
    for number, row in enumerate(TRANSITIONS):
        before = [r for r in TRANSITIONS[:number] if (r.source, r.trigger) == (row.source, row.trigger)]
        assert all(r.guard is not None for r in before), row


@given(st.lists(st.sampled_from(Trigger), max_size=60), st.data())
def test_any_sequence_keeps_the_run_within_its_agenda(triggers: Sequence[Trigger], data: st.DataObject) -> None:
    run = Standing(agenda(_challenge()), drift_spoils=data.draw(st.booleans()))
    for trigger in triggers:
        run = replace(run, loaded=data.draw(st.booleans()), drifted=data.draw(st.booleans()))
        after = advance(run, trigger)
        if after is None:
            continue
        assert 0 <= after.at < len(after.plans)
        assert after.attempt >= 1
        assert abs(after.at - run.at) <= 1
        run = after


def _challenge() -> Challenge:
    words = {"en": "x", "de": "x", "fr": "x"}
    conditions = [{"id": "a", "name": words, "trials": 2, "practice": 1}, {"id": "b", "name": words, "rest_s": 0.0}]
    return Challenge.model_validate(
        {
            "format": "otolith-challenge/1",
            "id": "made-up",
            "name": words,
            "description": words,
            "sources": ["nobody"],
            "status": "unverified",
            "conditions": conditions,
        }
    )


def test_the_diagram_shows_every_phase() -> None:
    drawn = diagram()
    for phase in Phase:
        assert phase.replace("-", "_") in drawn
