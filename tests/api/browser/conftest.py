"""A browser that reaches nothing but this machine, and a look at the accessibility of what it shows."""

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

DASHBOARD = Path(__file__).parents[3] / "api" / "dashboard"
DIST = DASHBOARD / "dist"
AXE = DASHBOARD / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Violations = Callable[[Page], Awaitable[list[str]]]


def _needed(path: Path, how: str) -> Path:
    """The path, or a skip that says how to get it; a failure where the browser is required."""
    if not path.exists():
        sentence = f"{path.relative_to(DASHBOARD.parents[1])} is missing: {how}"
        if "browser" in os.environ.get("OTOLITH_REQUIRE", "").split(","):
            pytest.fail(sentence, pytrace=False)
        pytest.skip(sentence)
    return path


@pytest.fixture
def dist() -> Path:
    """The built dashboard."""
    return _needed(DIST / "index.html", "make dashboard").parent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One process for all tests; each test gets a context of its own, with its own cookies and storage."""
    program = next(filter(None, map(shutil.which, NAMES)))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, headless=True, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(context: BrowserContext) -> AsyncIterator[Page]:
    """An empty page; the test fails if it raises an error or breaks the content security policy."""
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    assert faults == []


@pytest.fixture
def violations() -> Violations:
    """What axe finds wrong with a page, one sentence each."""
    source = _needed(AXE, "npm ci in api/dashboard").read_text()

    async def look(page: Page) -> list[str]:
        await page.evaluate(source)
        found = await page.evaluate("rules => axe.run({runOnly: rules})", RULES)
        return [
            f"{violation['id']}: {violation['help']}: {node['html']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return look
