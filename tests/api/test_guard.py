"""Host names, browser headers, static files."""

from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette

from otolith.api.dashboard_files import dashboard_route
from otolith.api.guard import host_name, own_names
from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost", "localhost"),
        ("LOCALHOST:8000", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("[::1]:8000", "::1"),
        ("[::1", "::1"),
        ("", ""),
    ],
)
def test_the_name_in_a_host_header(host: str, name: str) -> None:
    assert host_name(host) == name


def test_a_site_adds_the_names_it_uses() -> None:
    assert own_names("0.0.0.0", ["Balance.Clinic.example"]) >= {"localhost", "balance.clinic.example"}  # noqa: S104 - a name


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8000", 200),
        ("127.0.0.1", 200),
        ("[::1]:8000", 200),
        ("192.168.1.20:8000", 200),
        ("evil.example", 421),
        ("localhost.evil.example:8000", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
    ],
)
async def test_only_our_own_names_are_answered(bench: "Bench", host: str, status: int) -> None:
    response = await bench.client.get("/api/v1/health", headers={"host": host})
    assert response.status_code == status


async def test_browser_headers_are_on_every_answer(bench: "Bench") -> None:
    for path in ("/", "/api/v1/health", "/api/v1/nothing"):
        headers = (await bench.client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in headers


async def test_another_site_gets_no_permission(bench: "Bench") -> None:
    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    response = await bench.client.options("/api/v1/boards", headers=headers)
    assert response.status_code == 405
    assert not [name for name in response.headers if name.startswith("access-control")]


async def test_live_figures_are_not_kept_by_a_browser(bench: "Bench") -> None:
    response = await bench.client.get("/api/v1/metrics", headers=bench.bearer(Role.VIEWER))
    assert response.headers["cache-control"] == "no-store"


@pytest.fixture
def files(tmp_path: Path) -> httpx.AsyncClient:
    """A built dashboard with a secret beside it."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("the dashboard")
    (dist / "assets" / "app.js").write_text("1")
    (tmp_path / "secret").write_text("secret")
    (dist / "link").symlink_to(tmp_path / "secret")
    app = Starlette(routes=[dashboard_route(dist)])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


async def test_the_dashboard_is_served_and_revalidated(files: httpx.AsyncClient) -> None:
    page = await files.get("/")
    assert page.text == "the dashboard"
    again = await files.get("/", headers={"if-none-match": page.headers["etag"]})
    assert again.status_code == 304
    assert (await files.get("/assets/app.js")).headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/..%2fsecret",
        "/%2e%2e/secret",
        "/assets/..%2f..%2fsecret",
        "/link",
        "/..%5csecret",
        "/%00",
        "//secret",
    ],
)
async def test_nothing_outside_the_dashboard_is_served(files: httpx.AsyncClient, path: str) -> None:
    response = await files.get(httpx.URL("http://127.0.0.1").copy_with(raw_path=path.encode()))
    assert response.status_code == 404
    assert "secret" not in response.text


async def test_an_unbuilt_dashboard_says_how_to_build_it(tmp_path: Path) -> None:
    app = Starlette(routes=[dashboard_route(tmp_path)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        response = await client.get("/")
    assert response.status_code == 503
    assert "make dashboard" in response.text
