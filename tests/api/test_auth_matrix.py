"""Every route, asked by everybody: nobody, a wrong token, a revoked one, and each role."""

import re
from typing import TYPE_CHECKING, Any

from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench

PUBLIC, VIEWER, OPERATOR, ADMIN = None, Role.VIEWER, Role.OPERATOR, Role.ADMIN

ROUTES: dict[tuple[str, str], Role | None] = {
    ("get", "/api/v1/health"): PUBLIC,
    ("get", "/api/v1/ready"): PUBLIC,
    ("delete", "/api/v1/session"): PUBLIC,
    ("get", "/api/v1/session"): VIEWER,
    ("get", "/api/v1/station"): VIEWER,
    ("get", "/api/v1/metrics"): VIEWER,
    ("get", "/api/v1/mqtt"): VIEWER,
    ("get", "/api/v1/sightings"): VIEWER,
    ("get", "/api/v1/boards"): VIEWER,
    ("get", "/api/v1/boards/{board_id}"): VIEWER,
    ("post", "/api/v1/boards/{board_id}/tare"): OPERATOR,
    ("post", "/api/v1/boards/{board_id}/identify"): OPERATOR,
    ("get", "/api/v1/boards/{board_id}/calibration"): VIEWER,
    ("get", "/api/v1/boards/{board_id}/calibration/file"): VIEWER,
    ("put", "/api/v1/boards/{board_id}/calibration"): ADMIN,
    ("get", "/api/v1/boards/{board_id}/calibration/procedure"): VIEWER,
    ("post", "/api/v1/boards/{board_id}/calibration/procedure"): OPERATOR,
    ("delete", "/api/v1/boards/{board_id}/calibration/procedure"): OPERATOR,
    ("post", "/api/v1/boards/{board_id}/calibration/procedure/resume"): OPERATOR,
    ("post", "/api/v1/boards/{board_id}/calibration/procedure/act/{action}"): OPERATOR,
    ("get", "/api/v1/boards/{board_id}/calibration/procedure/report"): VIEWER,
    ("get", "/api/v1/boards/{board_id}/calibration/procedure/verification"): VIEWER,
    ("post", "/api/v1/boards/{board_id}/calibration/procedure/keep"): OPERATOR,
    ("get", "/api/v1/recordings"): VIEWER,
    ("post", "/api/v1/recordings"): OPERATOR,
    ("get", "/api/v1/recordings/{recording_id}"): VIEWER,
    ("get", "/api/v1/recordings/{recording_id}/journal"): VIEWER,
    ("post", "/api/v1/recordings/{recording_id}/stop"): OPERATOR,
    ("get", "/api/v1/challenges"): VIEWER,
    ("get", "/api/v1/challenges/{challenge_id}"): VIEWER,
    ("get", "/api/v1/people"): OPERATOR,
    ("post", "/api/v1/people"): OPERATOR,
    ("get", "/api/v1/people/{person_id}"): OPERATOR,
    ("put", "/api/v1/people/{person_id}"): OPERATOR,
    ("delete", "/api/v1/people/{person_id}"): ADMIN,
    ("get", "/api/v1/sessions"): VIEWER,
    ("post", "/api/v1/sessions"): OPERATOR,
    ("get", "/api/v1/sessions/{session_id}"): VIEWER,
    ("post", "/api/v1/sessions/{session_id}/end"): OPERATOR,
    ("post", "/api/v1/sessions/{session_id}/runs"): OPERATOR,
    ("get", "/api/v1/runs"): VIEWER,
    ("get", "/api/v1/runs/{run_id}"): VIEWER,
    ("get", "/api/v1/runs/{run_id}/trials"): VIEWER,
    ("post", "/api/v1/runs/{run_id}/press"): OPERATOR,
    ("post", "/api/v1/runs/{run_id}/notes"): OPERATOR,
    ("post", "/api/v1/runs/{run_id}/errors"): OPERATOR,
    ("post", "/api/v1/runs/{run_id}/resume"): OPERATOR,
    ("get", "/api/v1/trials/{trial_id}"): VIEWER,
    ("get", "/api/v1/programs"): VIEWER,
    ("get", "/api/v1/programs/{program_id}"): VIEWER,
    ("get", "/api/v1/people/{person_id}/programs"): OPERATOR,
    ("post", "/api/v1/people/{person_id}/programs"): OPERATOR,
    ("get", "/api/v1/enrolments/{enrolment_id}"): OPERATOR,
    ("get", "/api/v1/enrolments/{enrolment_id}/today"): OPERATOR,
    ("post", "/api/v1/enrolments/{enrolment_id}/runs"): OPERATOR,
    ("get", "/api/v1/enrolments/{enrolment_id}/sets"): OPERATOR,
    ("post", "/api/v1/enrolments/{enrolment_id}/sets/{set_id}/answer"): OPERATOR,
    ("get", "/api/v1/enrolments/{enrolment_id}/decisions"): OPERATOR,
    ("post", "/api/v1/enrolments/{enrolment_id}/decisions"): OPERATOR,
    ("put", "/api/v1/enrolments/{enrolment_id}/ladder"): OPERATOR,
    ("get", "/api/v1/tokens"): ADMIN,
    ("post", "/api/v1/tokens"): ADMIN,
    ("delete", "/api/v1/tokens/{token_id}"): ADMIN,
}
LOGIN = ("post", "/api/v1/session")
"""Tested in test_session.py: its body is its authority."""
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("post", "/api/v1/recordings"): {"board": "nothing"},
    ("post", "/api/v1/boards/{board_id}/calibration/procedure"): {"weights": [{"kg": 10.0}]},
    ("post", "/api/v1/boards/{board_id}/calibration/procedure/keep"): {},
    ("post", "/api/v1/tokens"): {"name": "x", "role": "viewer"},
    ("post", "/api/v1/people"): {"id": "nobody"},
    ("put", "/api/v1/people/{person_id}"): {"sex": "other"},
    ("post", "/api/v1/sessions"): {"board": "nothing"},
    ("post", "/api/v1/sessions/{session_id}/runs"): {"challenge": "romberg"},
    ("post", "/api/v1/runs/{run_id}/press"): {"trigger": "stop"},
    ("post", "/api/v1/runs/{run_id}/notes"): {"text": "x"},
    ("post", "/api/v1/people/{person_id}/programs"): {"program": "vestibular"},
    ("post", "/api/v1/enrolments/{enrolment_id}/runs"): {"board": "nothing"},
    ("post", "/api/v1/enrolments/{enrolment_id}/sets/{set_id}/answer"): {"pain": 0},
    ("post", "/api/v1/enrolments/{enrolment_id}/decisions"): {"act": "lock", "reason": "x"},
    ("put", "/api/v1/enrolments/{enrolment_id}/ladder"): {"program": {}, "reason": "x"},
}


async def ask(bench: "Bench", route: tuple[str, str], headers: dict[str, str] | dict[bytes, bytes]) -> int:
    method, template = route
    path = re.sub(r"\{\w+\}", "nothing", template)
    response = await bench.client.request(method, path, headers=headers, json=BODIES.get(route))
    if response.is_error:
        assert response.headers["content-type"] == "application/problem+json"
    return response.status_code


async def test_the_table_has_every_route(bench: "Bench") -> None:
    document = (await bench.client.get("/api/v1/openapi.json")).json()
    routes = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert routes == {*ROUTES, LOGIN}


async def test_only_those_who_may(bench: "Bench") -> None:
    revoked, secret = await bench.station.store.tokens.create("revoked", Role.ADMIN)
    await bench.station.store.tokens.revoke(revoked.id)
    viewer = bench.secrets[Role.VIEWER]
    nobodies: list[dict[str, str] | dict[bytes, bytes]] = [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Bearer {secret}"},
        {"authorization": f"Bearer {viewer[:-1]}"},
        {"authorization": f"Bearer {viewer}x"},
        {"authorization": f"Basic {viewer}"},
        {"authorization": viewer},
        {"authorization": "Bearer " + "x" * 10_000},
        {b"authorization": b"Bearer \xff"},
        {"cookie": "otolith_session=wrong"},
    ]
    for route, needed in ROUTES.items():
        for headers in nobodies:
            assert (await ask(bench, route, headers) == 401) == (needed is not None), (route, headers)
        for role in Role:
            status = await ask(bench, route, bench.bearer(role))
            assert (status in (401, 403)) == (needed is not None and not role.allows(needed)), (route, role)
