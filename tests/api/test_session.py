"""The session cookie: what a browser may do with it, and what another site's page may not."""

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from otolith.api.logs import without_secrets
from otolith.api.throttle import KNOWN_FAILURES, UNKNOWN_FAILURES
from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench

OWN = {"origin": "http://127.0.0.1:8000"}
FOREIGN = [
    {"origin": "http://evil.example"},
    {"origin": "http://127.0.0.1:9000"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:8000", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "none"},
    {},
]


async def log_in(bench: "Bench", role: Role) -> None:
    response = await bench.client.post("/api/v1/session", json={"token": bench.secrets[role]}, headers=OWN)
    assert response.json() == {"name": f"test {role}", "role": role}
    cookies = response.headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=strict", "Path=/api/"} <= set(cookie.split("; "))


async def test_the_cookie_carries_the_role_until_logout(bench: "Bench") -> None:
    await log_in(bench, Role.VIEWER)
    assert (await bench.client.get("/api/v1/session")).json()["role"] == "viewer"
    assert (await bench.client.get("/api/v1/tokens")).status_code == 403
    assert (await bench.client.delete("/api/v1/session", headers=OWN)).status_code == 204
    assert (await bench.client.get("/api/v1/session")).status_code == 401


async def test_a_revoked_token_ends_the_session(bench: "Bench") -> None:
    await log_in(bench, Role.VIEWER)
    rows = await bench.station.store.tokens.list()
    await bench.station.store.tokens.revoke(next(row.id for row in rows if row.name == "test viewer"))
    assert (await bench.client.get("/api/v1/session")).status_code == 401


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_changes_by_cookie_come_from_our_own_pages_only(bench: "Bench", headers: dict[str, str]) -> None:
    await log_in(bench, Role.ADMIN)
    body = {"name": "stolen", "role": "admin"}
    response = await bench.client.post("/api/v1/tokens", json=body, headers=headers)
    assert (response.status_code, response.json()["type"]) == (403, "urn:otolith:problem:foreign-origin")
    assert not any(row.name == "stolen" for row in await bench.station.store.tokens.list())


@pytest.mark.parametrize("headers", [OWN, {"sec-fetch-site": "same-origin"}], ids=str)
async def test_our_own_pages_may(bench: "Bench", headers: dict[str, str]) -> None:
    await log_in(bench, Role.ADMIN)
    response = await bench.client.post("/api/v1/tokens", json={"name": "x", "role": "viewer"}, headers=headers)
    assert response.status_code == 201


async def test_a_program_with_a_token_needs_no_origin(bench: "Bench") -> None:
    body = {"name": "x", "role": "viewer"}
    response = await bench.client.post("/api/v1/tokens", json=body, headers=bench.bearer(Role.ADMIN))
    assert response.status_code == 201


async def test_another_site_cannot_log_a_browser_in(bench: "Bench") -> None:
    body = {"token": bench.secrets[Role.VIEWER]}
    response = await bench.client.post("/api/v1/session", json=body, headers={"origin": "http://evil.example"})
    assert response.status_code == 403
    assert "set-cookie" not in response.headers


async def test_a_bad_header_does_not_fall_back_to_the_cookie(bench: "Bench") -> None:
    await log_in(bench, Role.ADMIN)
    response = await bench.client.get("/api/v1/session", headers={"authorization": "Bearer wrong"})
    assert response.status_code == 401


async def test_guessing_is_slowed_and_a_known_device_is_not_locked_out(bench: "Bench") -> None:
    await log_in(bench, Role.VIEWER)
    known = dict(bench.client.cookies)
    bench.client.cookies.clear()
    for _ in range(UNKNOWN_FAILURES):
        assert (await bench.client.post("/api/v1/session", json={"token": "guess"})).status_code == 401
    throttled = await bench.client.post("/api/v1/session", json={"token": bench.secrets[Role.VIEWER]})
    assert throttled.status_code == 429
    assert 0 < int(throttled.headers["retry-after"]) <= 60
    device = {"otolith_device": known["otolith_device"]}
    bench.client.cookies.update(device)
    await log_in(bench, Role.VIEWER)


async def test_a_known_device_is_slowed_too(bench: "Bench") -> None:
    await log_in(bench, Role.VIEWER)
    for _ in range(KNOWN_FAILURES):
        assert (await bench.client.post("/api/v1/session", json={"token": "guess"})).status_code == 401
    assert (await bench.client.post("/api/v1/session", json={"token": "guess"})).status_code == 429


async def test_the_secret_is_in_no_log(bench: "Bench") -> None:
    secret = bench.secrets[Role.ADMIN]
    with capture_logs() as written:
        await bench.client.post("/api/v1/session", json={"token": secret + "x"})
        await bench.client.post("/api/v1/session", json={"token": secret, "more": 1})
        await bench.client.get("/api/v1/boards", headers={"authorization": f"Bearer {secret}y"})
    assert [line["event"] for line in written] == ["login refused"]
    assert secret not in str(written)


def test_whatever_is_named_like_a_secret_is_not_written() -> None:
    event = without_secrets(None, "info", {"event": "x", "token": "t", "password": "p", "path": "/"})
    assert event == {"event": "x", "token": "(not logged)", "password": "(not logged)", "path": "/"}
