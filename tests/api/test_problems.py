"""Every error is an RFC 9457 document, and says nothing of the inside."""

from typing import TYPE_CHECKING, Any

import pytest

from otolith.api.guard import MAX_BODY
from otolith.service.store import Role

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx import Response
    from tests.api.conftest import Bench


def check(response: "Response", status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:otolith:problem:{code}"
    assert problem["title"]
    assert problem["detail"]
    return problem


async def test_no_such_address(bench: "Bench") -> None:
    for path in ("/api/v1/nothing", "/api/v2/health", "/api", "/api/v1/boards/", "/nothing"):
        check(await bench.client.get(path), 404, "not-found")


async def test_no_such_method(bench: "Bench") -> None:
    for path, allowed in (("/boards", "GET"), ("/recordings", "GET, POST"), ("/boards/x/tare", "POST")):
        response = await bench.client.patch(f"/api/v1{path}")
        check(response, 405, "method-not-allowed")
        assert response.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (b"{", "body"),
        (b"[]", "body"),
        (b"\xff\xfe", "body"),
        (b'{"name": "x"}', "body/role"),
        (b'{"name": "x", "role": "king"}', "body/role"),
        (b'{"name": "", "role": "admin"}', "body/name"),
        (b'{"name": "a\\nb", "role": "admin"}', "body/name"),
        (b'{"name": "x", "role": "admin", "\\ud800": 1}', "body"),
    ],
)
async def test_an_unreadable_body_says_where(bench: "Bench", body: bytes, at: str) -> None:
    headers = {**bench.bearer(Role.ADMIN), "content-type": "application/json"}
    response = await bench.client.post("/api/v1/tokens", content=body, headers=headers)
    if response.status_code == 400:  # not even text
        check(response, 400, "refused")
    else:
        assert check(response, 422, "invalid")["errors"][0]["at"].startswith(at)


async def test_a_wrong_value_is_not_sent_back(bench: "Bench") -> None:
    response = await bench.client.post("/api/v1/session", json={"token": ["my-secret"]})
    check(response, 422, "invalid")
    assert "my-secret" not in response.text


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=9999", "limit=x", "board=..%2F..", "cursor=..", "cursor=" + "x" * 300]
)
async def test_a_wrong_query_is_refused(bench: "Bench", query: str) -> None:
    check(await bench.client.get(f"/api/v1/recordings?{query}", headers=bench.bearer(Role.VIEWER)), 422, "invalid")


async def test_an_oversized_body_is_refused_announced_or_not(bench: "Bench") -> None:
    async def chunks() -> "AsyncIterator[bytes]":
        for _ in range(4):
            yield b" " * (MAX_BODY // 3)

    headers = {**bench.bearer(Role.ADMIN), "content-type": "application/json"}
    announced = await bench.client.post("/api/v1/tokens", content=b" " * (MAX_BODY + 1), headers=headers)
    check(announced, 413, "too-large")
    check(await bench.client.post("/api/v1/tokens", content=chunks(), headers=headers), 413, "too-large")


async def test_a_surprise_tells_nothing_of_the_inside(bench: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(bench.station, "boards", fail)
    response = await bench.client.get("/api/v1/boards", headers=bench.bearer(Role.VIEWER))
    check(response, 500, "internal")
    assert "inside" not in response.text
    assert "content-security-policy" in response.headers
