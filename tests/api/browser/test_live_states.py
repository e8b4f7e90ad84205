"""States of the Live page that a real station cannot be brought to quickly: against a station that follows a script."""

import asyncio
import math
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from otolith.api.messages import (
    BoardMessage,
    ErrorMessage,
    LostMessage,
    ServerMessage,
    SwayMessage,
    Trace,
    Welcome,
)
from otolith.service.state import BoardPhase, BoardState, Grid, RecordingState, StationState, StreamHealth

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Violations = Callable[[Page], Awaitable[list[str]]]

RATE = 125.0
BLOCK = 5
"""Samples in a trace: 25 traces a second."""
NONE = "\N{EN DASH}"
"""What stands where there is no number."""
TOKEN = "correct-horse"  # noqa: S105 -- of a station that lives for one test
WALL = "2026-01-02T03:04:05.000000Z"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"
FIGURES = {
    "n": 2500.0,
    "seconds": 20.0,
    "mean_velocity": 11.2,
    "path_length": 224.0,
    "rms_ml": 2.1,
    "rms_ap": 4.3,
    "rms_radius": 4.8,
    "range_ml": 9.5,
    "range_ap": 19.5,
    "prediction_ellipse_area": 172.0,
    "mean_frequency": 0.47,
    "mean_ml": 12.0,
    "mean_ap": -20.0,
    "ellipse_major": 10.6,
    "ellipse_minor": 5.2,
    "ellipse_angle": 1.3,
}
BOARD = BoardState(
    id="twin-1",
    moniker="sim:twin",
    phase=BoardPhase.STREAMING,
    reason="",
    since=WALL,
    family="phidget_bridge",
    model="BTrackS Balance Plate",
    serial="478213",
    simulated=True,
    rate_nominal=RATE,
    cells_x=(-200.0, 200.0, -200.0, 200.0),
    cells_y=(150.0, 150.0, -150.0, -150.0),
    calibration="nominal",
    health=StreamHealth(125.0, 0.4, 0, 0, 0, 2.1, 6.3, 100_000),
)


async def _police(request: Request, call_next: RequestResponseEndpoint) -> Response:
    response = await call_next(request)
    response.headers["content-security-policy"] = POLICY
    return response


class Script:
    """A station that does what a test tells it, over real HTTP and a real WebSocket."""

    def __init__(self, dist: Path) -> None:
        self.boards = [BOARD]
        self.role = "operator"
        self.sending = True
        """False: the station is there and says nothing."""
        self.occupied = True
        self.refusal = "Somebody stands on the board (712 N). Ask them to step off, then set zero."
        self.asked: list[str] = []
        self._sockets: set[WebSocket] = set()
        self._seq = 0
        api = [
            Route("/session", self._session, methods=["POST", "DELETE"]),
            WebSocketRoute("/live", self._live),
            Route("/recordings/{id}", self._recording),
            Route("/{path:path}", self._act, methods=["POST"]),
        ]
        pages = StaticFiles(directory=dist, html=True)
        police = Middleware(BaseHTTPMiddleware, dispatch=_police)
        self.app = Starlette(routes=[Mount("/api/v1", routes=api), Mount("/", app=pages)], middleware=[police])
        self.url = ""

    async def tell(self, *messages: ServerMessage) -> None:
        await self.say(*(msgspec.json.encode(message).decode() for message in messages))

    async def say(self, *texts: str) -> None:
        for websocket in [*self._sockets]:
            with suppress(WebSocketDisconnect, RuntimeError):  # the page has just left
                for text in texts:
                    await websocket.send_text(text)

    async def change(self, board: BoardState) -> None:
        self.boards = [board if old.id == board.id else old for old in self.boards]
        await self.tell(BoardMessage(WALL, time.monotonic(), board))

    async def drop(self) -> None:
        for websocket in [*self._sockets]:
            await websocket.close(1012)

    async def _session(self, request: Request) -> Response:
        if request.method == "DELETE":
            gone = Response(status_code=204)
            gone.delete_cookie("session", httponly=True, samesite="strict")
            return gone
        if (await request.json()).get("token") != TOKEN:
            return JSONResponse({"detail": "Unknown token."}, 401, media_type="application/problem+json")
        response = JSONResponse({"role": self.role})
        response.set_cookie("session", TOKEN, httponly=True, samesite="strict")
        return response

    async def _recording(self, _: Request) -> Response:
        return JSONResponse({"mode": "on_demand"})

    async def _act(self, request: Request) -> Response:
        self.asked.append(request.path_params["path"])
        if self.refusal:
            return JSONResponse({"detail": self.refusal}, 409, media_type="application/problem+json")
        return JSONResponse({"noise_n": 0.31, "samples": 5000})

    async def _live(self, websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()
        if websocket.cookies.get("session") != TOKEN:
            await websocket.send_text(msgspec.json.encode(ErrorMessage("token-refused", "Unknown token.")).decode())
            await websocket.close(1008)
            return
        station = StationState("Room 2", "0.1.0", WALL, ready=True, faults=())
        welcome = Welcome(1, WALL, time.monotonic(), self.role, station, self.boards)
        await websocket.send_text(msgspec.json.encode(welcome).decode())
        self._sockets.add(websocket)
        with suppress(WebSocketDisconnect):
            await websocket.receive_text()
        self._sockets.discard(websocket)

    async def play(self) -> None:
        """The person on the board, for ever."""
        while True:
            await asyncio.sleep(BLOCK / RATE)
            if self.sending:
                await self.tell(*self._block())

    def _block(self) -> list[ServerMessage]:
        now = time.monotonic()
        times = [now - (BLOCK - 1 - i) / RATE for i in range(BLOCK)]
        x = [12 + 3 * math.sin(2.1 * t) + math.sin(7.7 * t) if self.occupied else None for t in times]
        y = [-20 + 7 * math.sin(1.3 * t) + 2 * math.sin(5.1 * t) if self.occupied else None for t in times]
        force = [712 + 4 * math.sin(9 * t) if self.occupied else 0.4 for t in times]
        loads = [[f * share for share in (0.2, 0.22, 0.27, 0.31)] for f in force]
        t0, seq = times[0], self._seq
        self._seq += BLOCK
        flags = [0 if self.occupied else 8] * BLOCK
        figures = {name: value if self.occupied else None for name, value in FIGURES.items()}
        return [
            message
            for board in self.boards
            if board.phase is BoardPhase.STREAMING
            for message in (
                Trace(board.id, seq, 0, t0, [t - t0 for t in times], x, y, force, loads, flags),
                SwayMessage(board.id, now, figures, Grid(125.0, "samples", 0.0, 0.0)),
            )
        ]


@pytest_asyncio.fixture(loop_scope="session")
async def script(dist: Path) -> AsyncIterator[Script]:
    script = Script(dist)
    server = uvicorn.Server(uvicorn.Config(script.app, ws="websockets-sansio", log_level="error", lifespan="off"))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        script.url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        serving = asyncio.create_task(server.serve(sockets=[listener]), name="server")
        playing = asyncio.create_task(script.play(), name="player")
        yield script
        playing.cancel()
        server.should_exit = True
        await asyncio.wait([serving, playing])


@pytest_asyncio.fixture(loop_scope="session")
async def live(page: Page, script: Script) -> Page:
    """The page, signed in and showing somebody who sways."""
    await sign_in(page, script)
    return page


async def sign_in(page: Page, script: Script) -> None:
    await page.goto(script.url)
    await page.get_by_label("Access token").fill(TOKEN)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.locator('[data-figure="mean_velocity"]')).to_contain_text("11.2")


async def test_a_wrong_token_is_refused_in_plain_words(page: Page, script: Script) -> None:
    await page.goto(script.url)
    await page.get_by_label("Access token").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert").filter(has_text="does not accept that token")).to_be_visible()
    await expect(page.get_by_label("Access token")).to_be_focused()


async def test_signing_out_forgets_what_was_seen(live: Page) -> None:
    await live.get_by_role("button", name="Sign out").click()
    await expect(live.get_by_role("heading", name="Sign in to the station")).to_be_visible()
    await live.reload()
    await expect(live.get_by_role("heading", name="Sign in to the station")).to_be_visible()


async def test_somebody_on_the_board_fills_every_widget(live: Page) -> None:
    for figure in ("path_length", "rms_ml", "rms_ap", "range_ml", "range_ap", "prediction_ellipse_area"):
        await expect(live.locator(f'[data-figure="{figure}"]')).not_to_contain_text(NONE)
    await expect(live.locator('[data-value="total"]')).to_contain_text("71")
    await expect(live.get_by_role("img", name="Left 47 %, Right 53 %")).to_be_visible()
    await expect(live.get_by_text("Simulated", exact=True)).to_be_visible()
    await expect(live.locator('[data-health="health.rate"]')).to_contain_text("good")


async def test_nobody_on_the_board_leaves_the_centre_of_pressure_blank(live: Page, script: Script) -> None:
    script.occupied = False
    await expect(live.get_by_text("Nobody on the board", exact=True)).to_be_visible()
    await expect(live.locator('[data-value="cop"]')).not_to_contain_text("0")
    await expect(live.locator('[data-value="x"]')).to_have_text(f"{NONE}\xa0mm")
    await expect(live.locator('[data-figure="mean_velocity"]')).to_have_text(f"{NONE}\xa0mm/s")


async def test_silence_makes_every_widget_look_stale(live: Page, script: Script) -> None:
    panels = live.locator(".panel")
    await expect(live.locator('.panel[data-freshness="live"]')).to_have_count(await panels.count())
    script.sending = False
    await expect(live.locator('.panel[data-freshness="stale"]')).to_have_count(await panels.count())
    await expect(live.locator("[data-announcer]")).to_have_text(
        "Attention: the data on the screen is no longer current."
    )
    await expect(live.get_by_text("No new data", exact=True)).to_be_visible()
    await expect(live.get_by_text("Not current · 2 s").first).to_be_visible()
    script.sending = True
    await expect(live.locator('.panel[data-freshness="live"]')).to_have_count(await panels.count())
    await expect(live.locator("[data-announcer]")).to_have_text("Live data again.")


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (BoardPhase.SILENT, "The board is silent"),
        (BoardPhase.LOST, "The board is lost"),
        (BoardPhase.REFUSED, "The board cannot be used"),
    ],
)
async def test_a_board_in_trouble_says_so_with_its_reason(
    live: Page, script: Script, phase: BoardPhase, words: str
) -> None:
    await script.change(replace(BOARD, phase=phase, reason="The cable was pulled."))
    await expect(live.get_by_text(words, exact=True)).to_be_visible()
    await expect(live.get_by_text("The cable was pulled.")).to_be_visible()
    await expect(live.locator('.panel[data-freshness="live"]')).to_have_count(0)


async def test_a_lost_connection_comes_back_by_itself(live: Page, script: Script) -> None:
    await script.drop()
    await expect(live.locator('[data-link="open"]')).to_have_count(0)
    await expect(live.locator('[data-link="open"]')).to_be_visible()
    await expect(live.locator('.panel[data-freshness="stale"]')).to_have_count(0)


async def test_a_refused_tare_shows_the_reason(live: Page, script: Script) -> None:
    await live.get_by_role("button", name="Set zero").click()
    await expect(live.get_by_text(script.refusal)).to_be_visible()
    assert script.asked == ["boards/twin-1/tare"]
    await live.get_by_role("button", name="Dismiss").click()
    await expect(live.get_by_text(script.refusal)).to_have_count(0)


async def test_a_recording_is_started_shown_and_stopped(live: Page, script: Script) -> None:
    script.refusal = ""
    await live.get_by_role("button", name="Start recording").click()
    await expect(live.get_by_text("Recording started.")).to_be_visible()
    await script.change(replace(BOARD, recording=RecordingState("r-1", WALL, 4_999, 5_000, "on_demand")))
    await expect(live.locator('[data-health="health.recording"]')).to_contain_text("5,000 samples safe")
    await live.get_by_role("button", name="Stop recording").click()
    await expect(live.get_by_text("Recording stopped and kept: 5,000 samples.")).to_be_visible()
    assert script.asked == ["recordings", "recordings/r-1/stop"]


async def test_a_viewer_is_told_that_acting_needs_a_role(page: Page, script: Script) -> None:
    script.role = "viewer"
    await sign_in(page, script)
    button = page.get_by_role("button", name="Set zero")
    await expect(button).to_have_attribute("aria-disabled", "true")
    await expect(button).to_have_accessible_description("Your role may watch only; this needs the operator role.")
    await button.click(force=True)
    assert script.asked == []


async def test_frames_left_out_for_this_screen_are_told(live: Page, script: Script) -> None:
    await script.tell(LostMessage(BOARD.id, 12))
    await expect(live.get_by_text("12 frames were left out here")).to_be_visible()
    await expect(live.locator('[data-health="health.skipped"]')).to_contain_text("12")


async def test_a_message_that_is_not_understood_advises_to_load_the_page_again(live: Page, script: Script) -> None:
    await script.say('{"type": "poem"}', "{")
    await expect(live.get_by_text("Load the page again.")).to_be_visible()
    await expect(live.locator('.panel[data-freshness="stale"]')).to_have_count(0)


async def test_two_boards_are_chosen_between(page: Page, script: Script) -> None:
    script.boards = [BOARD, replace(BOARD, id="twin-2", moniker="sim:other", serial="478214", simulated=False)]
    await sign_in(page, script)
    await page.get_by_role("group", name="Boards").get_by_role("button", name="478214").click()
    await expect(page.get_by_text("Serial 478214")).to_be_visible()
    await expect(page.get_by_text("Simulated", exact=True)).to_have_count(0)


async def test_a_frozen_display_says_so_and_goes_on(live: Page) -> None:
    value = live.locator('[data-value="x"]')
    await live.get_by_role("button", name="Freeze display").click()
    await expect(live.get_by_text("Frozen ·").first).to_be_visible()
    frozen = await value.text_content()
    await expect(live.locator('[data-health="health.age"]')).to_contain_text("ms")
    assert await value.text_content() == frozen
    await live.get_by_role("button", name="Resume display").click()
    await expect(value).not_to_have_text(frozen or "")


async def test_a_figure_is_explained_on_focus_and_the_explanation_can_be_dismissed(live: Page) -> None:
    button = live.get_by_role("button", name="About: Mean velocity")
    words = live.get_by_role("tooltip").filter(has_text="its path divided by the time")
    await button.focus()
    await expect(words).to_be_visible()
    await live.keyboard.press("Escape")
    await expect(words).to_be_hidden()


async def test_the_language_is_kept(live: Page) -> None:
    await live.get_by_label("Language").select_option("de")
    await expect(live.get_by_role("button", name="Nullpunkt setzen")).to_be_visible()
    await expect(live.locator("html")).to_have_attribute("lang", "de")
    await live.reload()
    await expect(live.get_by_role("button", name="Nullpunkt setzen")).to_be_visible()
    await expect(live.locator('[data-figure="mean_velocity"]')).to_contain_text("11,2")


@pytest.mark.parametrize("state", ["live", "empty", "stale", "frozen"])
async def test_axe_finds_nothing_in_any_state(live: Page, script: Script, violations: Violations, state: str) -> None:
    if state == "empty":
        script.occupied = False
        await expect(live.get_by_text("Nobody on the board", exact=True)).to_be_visible()
    if state == "stale":
        script.sending = False
        await expect(live.get_by_text("No new data", exact=True)).to_be_visible()
    if state == "frozen":
        await live.get_by_role("button", name="Freeze display").click()
    for theme in ("light", "dark"):
        await live.get_by_label("Appearance").select_option(theme)
        assert await violations(live) == []
    await live.set_viewport_size({"width": 360, "height": 740})
    assert await violations(live) == []
    assert await live.evaluate("document.documentElement.scrollWidth <= innerWidth")
