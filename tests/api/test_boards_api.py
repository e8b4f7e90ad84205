import asyncio
from typing import TYPE_CHECKING

from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench


async def test_the_list_and_one_of_it_with_an_etag(bench: "Bench") -> None:
    await bench.stream()
    viewer = bench.bearer(Role.VIEWER)
    (board,) = (await bench.client.get("/api/v1/boards", headers=viewer)).json()
    assert (board["id"], board["phase"], board["simulated"]) == (bench.id, "streaming", True)
    one = await bench.client.get(f"/api/v1/boards/{bench.id}", headers=viewer)
    assert one.json()["serial"] == "1"
    station = await bench.client.get("/api/v1/station", headers=viewer)
    again = await bench.client.get(
        "/api/v1/station", headers={**viewer, "if-none-match": f'"other", W/{station.headers["etag"]}'}
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_an_unknown_board_says_which_there_are(bench: "Bench") -> None:
    await bench.stream()
    response = await bench.client.get("/api/v1/boards/fed-2", headers=bench.bearer(Role.VIEWER))
    problem = response.json()
    assert (response.status_code, problem["type"]) == (404, "urn:otolith:problem:unknown-board")
    assert bench.id in problem["detail"]


async def test_identify_makes_the_board_blink(bench: "Bench") -> None:
    await bench.stream()
    path = f"/api/v1/boards/{bench.id}/identify"
    assert (await bench.client.post(path, headers=bench.bearer(Role.OPERATOR))).status_code == 204
    assert bench.board.blinks == 1


async def test_tare_takes_the_zero_and_says_who_took_it(bench: "Bench") -> None:
    await bench.stream()
    path = f"/api/v1/boards/{bench.id}/tare"
    asked = asyncio.create_task(bench.client.post(path, headers=bench.bearer(Role.OPERATOR)))
    async with asyncio.timeout(10):
        while not asked.done():
            bench.board.feed(125, newtons=8.0)
            await asyncio.sleep(0)
    tare = (await asked).json()
    assert (tare["by"], tare["zero"]) == ("test operator", [2.0] * 4)


async def test_tare_is_refused_while_somebody_stands_there(bench: "Bench") -> None:
    await bench.stream()
    path = f"/api/v1/boards/{bench.id}/tare"
    asked = asyncio.create_task(bench.client.post(path, headers=bench.bearer(Role.OPERATOR)))
    async with asyncio.timeout(10):
        while not asked.done():
            bench.board.feed(125)
            await asyncio.sleep(0)
    response = await asked
    assert (response.status_code, response.json()["type"]) == (409, "urn:otolith:problem:tare-refused")
