"""People, challenges, sessions and runs over REST, WebSocket events included."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from otolith.service.hub import Policy
from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench


@pytest.fixture
def operator(bench: "Bench") -> dict[str, str]:
    return bench.bearer(Role.OPERATOR)


async def opened(bench: "Bench", headers: dict[str, str], **changes: Any) -> str:
    """A session on the streaming board."""
    await bench.stream()
    body = {"board": bench.id, "language": "de", **changes}
    answer = await bench.client.post("/api/v1/sessions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/sessions/{answer.json()['id']}"
    return str(answer.json()["id"])


async def test_a_person_comes_is_changed_and_is_forgotten_and_every_look_is_written_down(
    bench: "Bench", operator: dict[str, str]
) -> None:
    made = await bench.client.post("/api/v1/people", json={"id": "p-1", "birth_year": 1950}, headers=operator)
    assert (made.status_code, made.json()["birth_year"]) == (201, 1950)
    twice = await bench.client.post("/api/v1/people", json={"id": "p-1"}, headers=operator)
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:otolith:problem:person-exists")
    changed = await bench.client.put("/api/v1/people/p-1", json={"height_mm": 1702.0}, headers=operator)
    assert (changed.json()["height_mm"], changed.json()["birth_year"]) == (1702.0, None)
    assert (await bench.client.get("/api/v1/people/p-1", headers=operator)).json() == changed.json()
    gone = await bench.client.delete("/api/v1/people/p-1", headers=bench.bearer(Role.ADMIN))
    assert gone.status_code == 204
    missing = await bench.client.get("/api/v1/people/p-1", headers=operator)
    assert (missing.status_code, missing.json()["type"]) == (404, "urn:otolith:problem:unknown-person")
    lines = [line.action for line in (await bench.station.store.audit.list()).items]
    assert lines == ["person-forget", "person-read", "person-change", "person-add"]


async def test_the_list_of_challenges_says_what_cannot_be_run_and_why(bench: "Bench") -> None:
    answer = await bench.client.get("/api/v1/challenges", headers=bench.bearer(Role.VIEWER))
    found = {entry["challenge"]["id"]: entry for entry in answer.json()["challenges"]}
    assert found["romberg"]["refused"] == {}
    assert "needs a driven platform" in found["sot"]["refused"]["c4"]
    one = await bench.client.get("/api/v1/challenges/romberg", headers=bench.bearer(Role.VIEWER))
    assert one.json() == found["romberg"]


async def test_a_run_is_started_pressed_and_stopped(bench: "Bench", operator: dict[str, str]) -> None:
    session = await opened(bench, operator)
    with bench.station.events.tap("test", Policy.OLDEST, 64) as events:
        start = await bench.client.post(
            f"/api/v1/sessions/{session}/runs", json={"challenge": "romberg"}, headers=operator
        )
        run = start.json()["id"]
        assert start.headers["location"] == f"/api/v1/runs/{run}"
        again = await bench.client.post(
            f"/api/v1/sessions/{session}/runs", json={"challenge": "romberg"}, headers=operator
        )
        assert (again.status_code, again.json()["type"]) == (409, "urn:otolith:problem:challenge-refused")
        pressed = await bench.client.post(f"/api/v1/runs/{run}/press", json={"trigger": "start"}, headers=operator)
        assert pressed.json()["latest"]["phase"] == "prepare"
        async with asyncio.timeout(10):
            event = await anext(events)
        assert event.cues[0].text == "Augen offen, fest"
        early = await bench.client.post(f"/api/v1/runs/{run}/errors", headers=operator)
        assert (early.status_code, early.json()["type"]) == (409, "urn:otolith:problem:trigger-refused")
        note = await bench.client.post(f"/api/v1/runs/{run}/notes", json={"text": "barfuß"}, headers=operator)
        assert note.status_code == 204
        busy = await bench.client.post(f"/api/v1/sessions/{session}/end", headers=operator)
        assert busy.status_code == 409
        going = (await bench.client.get("/api/v1/runs", headers=operator)).json()
        assert [one["row"]["id"] for one in going["running"]] == [run]
        stopped = await bench.client.post(f"/api/v1/runs/{run}/press", json={"trigger": "stop"}, headers=operator)
        assert (stopped.json()["run"]["end"], stopped.json()["latest"]["by"]) == ("stopped", "test operator")
    trials = await bench.client.get(f"/api/v1/runs/{run}/trials", headers=operator)
    assert trials.json() == []
    visit = await bench.client.get(f"/api/v1/sessions/{session}", headers=operator)
    assert [one["id"] for one in visit.json()["runs"]] == [run]
    ended = await bench.client.post(f"/api/v1/sessions/{session}/end", headers=operator)
    assert ended.json()["ended"] is not None


async def test_an_unknown_person_or_challenge_is_refused_with_what_there_is(
    bench: "Bench", operator: dict[str, str]
) -> None:
    session = await opened(bench, operator)
    nobody = await bench.client.post("/api/v1/sessions", json={"board": bench.id, "person": "x"}, headers=operator)
    assert (nobody.status_code, nobody.json()["type"]) == (404, "urn:otolith:problem:unknown-person")
    wrong = await bench.client.post(f"/api/v1/sessions/{session}/runs", json={"challenge": "rombreg"}, headers=operator)
    assert (wrong.status_code, "did you mean romberg" in wrong.json()["detail"]) == (404, True)


async def test_a_board_that_does_not_stream_runs_nothing(bench: "Bench", operator: dict[str, str]) -> None:
    body = {"board": bench.station.boards()[0].id}
    session = (await bench.client.post("/api/v1/sessions", json=body, headers=operator)).json()["id"]
    refused = await bench.client.post(
        f"/api/v1/sessions/{session}/runs", json={"challenge": "romberg"}, headers=operator
    )
    assert (refused.status_code, "is not streaming" in refused.json()["detail"]) == (409, True)
