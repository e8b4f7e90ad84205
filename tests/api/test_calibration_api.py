"""Calibration over REST: view, upload, and the guided procedure with somebody else's hands."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import numpy as np
import pytest

from otolith.drivers.batch import Batch
from otolith.drivers.loads import corner_loads
from otolith.service.calibrating.content import BoardTable, Content, LinearTable
from otolith.service.calibrating.file import text_of
from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench

URL = "/api/v1/boards/fed-1/calibration"
TRUE = np.array([1.05, 0.98, 1.01, 0.97])
Say = Callable[..., Awaitable[httpx.Response]]
CONTENT = Content(
    board=BoardTable(family="fed", serial="1", unit="N"), linear=LinearTable(gain=(1.01,) * 4, zero=(0.5,) * 4)
)


@pytest.fixture
async def streaming(bench: "Bench") -> "Bench":
    await bench.stream()
    return bench


@pytest.fixture
def say(streaming: "Bench") -> Say:
    """Ask as an operator, or as somebody else."""

    async def ask(method: str, path: str = "", *, role: Role = Role.OPERATOR, **given: object) -> httpx.Response:
        return await streaming.client.request(method, URL + path, headers=streaming.bearer(role), **given)  # type: ignore[arg-type]  # json or content

    return ask


@pytest.fixture
async def weights(streaming: "Bench") -> AsyncIterator[dict[str, float]]:
    """What stands on the board, sent on and on while the test runs."""
    on = {"newtons": 0.0, "x": 0.0, "y": 0.0}

    async def send() -> None:
        rng, board = np.random.default_rng(1), streaming.board
        while True:
            force, x, y = (np.array([on[name]]) for name in ("newtons", "x", "y"))
            loads = corner_loads(force, x, y, board.info.cells) / TRUE + rng.normal(0.0, 0.05, (25, 4))
            now = np.full(25, streaming.station.clock.monotonic_ns(), dtype=np.int64)
            board._items.put_nowait(Batch(board._seq, loads, now, np.zeros(25, dtype=np.uint32)))
            board._seq += 25
            await asyncio.sleep(0.002)

    task = asyncio.create_task(send())
    yield on
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def phase(say: Say, wanted: str) -> dict[str, object]:
    async with asyncio.timeout(20):
        while (state := (await say("GET", "/procedure")).json())["phase"] != wanted:  # noqa: ASYNC110 - a client polls
            await asyncio.sleep(0.005)
    return dict(state)


async def test_a_dashboard_leads_a_calibration(say: Say, weights: dict[str, float], streaming: "Bench") -> None:
    start = {"weights": [{"kg": 30.0, "u": 0.003}], "gravity": 9.81}
    begun = await say("POST", "/procedure", json=start)
    assert begun.status_code == 201, begun.text
    state = begun.json()
    while state["phase"] != "done":
        weights |= {"newtons": state["expected_n"], "x": state["x"] or 0.0, "y": state["y"] or 0.0}
        assert (await say("POST", "/procedure/act/measure")).json()["phase"] == "measuring"
        assert (await phase(say, "review"))["reading"] is not None
        state = (await say("POST", "/procedure/act/accept")).json()
    report = (await say("GET", "/procedure/report")).json()
    assert report["version"] == 0
    checked = (await say("GET", "/procedure/verification")).json()
    assert checked["passed"] is None
    kept = await say("POST", "/procedure/keep", json={"temperature_c": 20.0, "note": "by hand"})
    assert kept.status_code == 200, kept.text
    for one, true in zip(kept.json()["coefficients"], TRUE, strict=True):
        assert abs(one["value"] - true) < 3.0 * one["u"]
    view = (await say("GET")).json()
    assert [one["hash"] for one in view["history"]] == [kept.json()["hash"]]
    lines = (await streaming.station.store.audit.list()).items
    assert [line.action for line in lines[:2]] == ["calibration", "calibration-begun"]


async def test_a_file_is_uploaded_by_an_admin_and_comes_back(say: Say, weights: dict[str, float]) -> None:
    assert (await say("GET", "/file")).status_code == 409
    refused = await say("PUT", content=text_of(CONTENT), role=Role.ADMIN)
    assert (refused.status_code, "not what was signed" in refused.json()["detail"]) == (409, True)
    signed = text_of(CONTENT.signed())
    assert (await say("PUT", content=signed)).status_code == 403
    put = await say("PUT", content=signed, role=Role.ADMIN)
    assert put.status_code == 200, put.text
    assert put.json()["version"] == 1
    async with asyncio.timeout(20):
        while (got := await say("GET", "/file")).status_code != 200:  # noqa: ASYNC110 - a client polls
            await asyncio.sleep(0.005)
    assert put.json()["hash"] in got.text
    assert weights["newtons"] == 0.0


async def test_another_boards_file_is_refused(say: Say, tmp_path: Path) -> None:
    board = CONTENT.board.model_copy(update={"serial": "2"})
    foreign = CONTENT.model_copy(update={"board": board}).signed()
    refused = await say("PUT", content=text_of(foreign), role=Role.ADMIN)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:otolith:problem:calibration-refused")
    assert "belongs to fed 2, and this board is fed 1" in refused.json()["detail"]
    assert not (tmp_path / "station" / "calibrations").exists()


async def test_what_cannot_be_is_a_problem(say: Say) -> None:
    for method, path in (("GET", "/procedure"), ("POST", "/procedure/act/measure"), ("POST", "/procedure/resume")):
        assert (await say(method, path)).status_code == 409
    middle = {"weights": [{"kg": 10.0}], "places": [{"name": "middle", "x": 0, "y": 0}]}
    refused = await say("POST", "/procedure", json=middle)
    assert (refused.status_code, "add a weight off the middle" in refused.json()["detail"]) == (409, True)
    begun = await say("POST", "/procedure", json={"weights": [{"kg": 10.0}], "latitude": 48.0})
    assert begun.status_code == 201
    assert (await say("POST", "/procedure", json={"weights": [{"kg": 10.0}]})).status_code == 409
    assert (await say("GET", "/procedure/report")).status_code == 409
    assert (await say("DELETE", "/procedure")).status_code == 204
    assert (await say("GET", "/procedure")).status_code == 409
