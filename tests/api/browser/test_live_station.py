"""The Live page against a real station: the whole way from a simulated board on its wire to the pixels."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Violations = Callable[[Page], Awaitable[list[str]]]

OTOLITH = [sys.executable, "-c", "from otolith.api.cli import main; main()"]
START_SECONDS = 60
RECOVERY_MS = 60_000
"""Longer than the longest wait between two tries of the page, and than a station takes to start on a busy machine."""
CONFIGURATION = """
station = "room-2"
folder = "state"

[[boards]]
moniker = "sim:btracks?load=recording:BDS00001"

[mqtt]
port = 0
"""


class Service:
    """``otolith serve`` as a process of its own; started again, it keeps its port."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._folder = folder
        self._arguments = arguments
        self._ready = folder / "ready.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self.url = ""
        self.token = ""

    def start(self) -> None:
        """Returns once it serves."""
        self._ready.unlink(missing_ok=True)
        command = [*OTOLITH, "serve", *self._arguments, "--port", str(self._port), "--ready-file", str(self._ready)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._ready.exists():
            assert self._process.poll() is None, "the station ended before it served"
            assert time.monotonic() < deadline, "the station does not serve"
            time.sleep(0.05)
        ready = json.loads(self._ready.read_text())
        self.url, self.token = ready["url"], ready["token"]
        self._port = httpx.URL(self.url).port or 0

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_SECONDS)
            self._process = None

    async def restart(self) -> None:
        await asyncio.to_thread(self.start)

    async def kill(self) -> None:
        """As a power cut would end it."""
        await asyncio.to_thread(self.end, signal.SIGKILL)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The station of ``otolith serve --demo``, one for all tests of this module."""
    service = Service(tmp_path_factory.mktemp("demo"), "--demo")
    service.start()
    yield service
    service.end()


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Service]:
    """A station that keeps its records, and with them its tokens."""
    configuration = tmp_path / "station.toml"
    configuration.write_text(CONFIGURATION)
    service = Service(tmp_path, "--config", str(configuration))
    service.start()
    yield service
    service.end()


async def sign_in(page: Page, service: Service, token: str = "") -> None:
    await page.goto(service.url)
    await page.get_by_label("Access token").fill(token or service.token)
    await page.get_by_role("button", name="Sign in").click()
    await all_live(page)


async def all_live(page: Page) -> None:
    """Every widget shows data that is current."""
    await expect(page.locator('.panel[data-freshness="live"]')).to_have_count(7, timeout=RECOVERY_MS)


async def operator_token(service: Service) -> str:
    """A token that outlives the process, unlike the one of the ready file."""
    async with httpx.AsyncClient(base_url=service.url, headers={"authorization": f"Bearer {service.token}"}) as client:
        made = await client.post("/api/v1/tokens", json={"name": "wall screen", "role": "operator"})
        assert made.status_code == httpx.codes.CREATED
        return str(made.json()["secret"])


@pytest.mark.usefixtures("dist")
async def test_the_page_shows_live_motion(page: Page, demo: Service) -> None:
    await sign_in(page, demo)
    picture = "() => document.querySelector('[role=img] canvas').toDataURL()"
    before = await page.evaluate(picture)
    await page.wait_for_function(f"before => ({picture})() !== before", arg=before)
    for value in ("x", "y"):
        shown = page.locator(f'[data-value="{value}"]')
        before = await shown.text_content()
        await expect(shown).not_to_have_text(before or "", timeout=RECOVERY_MS)
    for figure in ("mean_velocity", "path_length", "rms_ml", "rms_ap", "range_ml", "range_ap"):
        await expect(page.locator(f'[data-figure="{figure}"]')).not_to_contain_text("\N{EN DASH}", timeout=RECOVERY_MS)
    await expect(page.get_by_text("Simulated", exact=True)).to_be_visible()


@pytest.mark.usefixtures("dist")
async def test_a_tare_with_somebody_on_the_board_is_refused_with_the_reason(page: Page, demo: Service) -> None:
    await sign_in(page, demo)
    await page.get_by_role("button", name="Set zero").click()
    await expect(page.locator('.toast[data-tone="bad"]')).to_contain_text("the board is loaded with")


@pytest.mark.usefixtures("dist")
async def test_a_recording_is_made_from_the_page(page: Page, demo: Service) -> None:
    await sign_in(page, demo)
    await expect(page.locator('[data-health="health.recording"]')).to_contain_text("Continuous")
    await page.get_by_role("button", name="Start recording").click()
    await page.get_by_role("button", name="Stop recording").click()
    await expect(page.get_by_text("Recording stopped and kept")).to_be_visible()
    await expect(page.get_by_role("button", name="Start recording")).to_be_visible()


@pytest.mark.usefixtures("dist")
async def test_axe_finds_nothing_wrong(page: Page, demo: Service, violations: Violations) -> None:
    await page.goto(demo.url)
    await expect(page.get_by_label("Access token")).to_be_visible()  # nothing is there before the page knows who looks
    assert await violations(page) == []
    await sign_in(page, demo)
    for theme in ("light", "dark"):
        await page.get_by_label("Appearance").select_option(theme)
        assert await violations(page) == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await violations(page) == []


@pytest.mark.usefixtures("dist")
async def test_the_page_survives_a_restart_of_the_station(page: Page, clinic: Service) -> None:
    await sign_in(page, clinic, await operator_token(clinic))
    await page.get_by_label("Language").select_option("fr")
    await page.evaluate("window.sameAsBefore = true")
    await clinic.kill()
    await expect(page.locator('.panel[data-freshness="stale"]')).to_have_count(7)
    await expect(page.get_by_text("Pas de connexion à la station")).to_be_visible()
    await clinic.restart()
    await all_live(page)
    assert await page.evaluate("window.sameAsBefore") is True
    await expect(page.locator("html")).to_have_attribute("lang", "fr")


@pytest.mark.usefixtures("dist")
async def test_a_token_that_ended_with_the_station_asks_to_sign_in_again(page: Page, clinic: Service) -> None:
    await sign_in(page, clinic)
    await clinic.kill()
    await clinic.restart()
    await expect(page.get_by_text("Your session has ended. Please sign in again.")).to_be_visible(timeout=RECOVERY_MS)
    await page.get_by_label("Access token").fill(clinic.token)
    await page.get_by_role("button", name="Sign in").click()
    await all_live(page)
