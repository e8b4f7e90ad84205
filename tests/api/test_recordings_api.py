"""The catalogue of recordings, and the download of a journal."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from otolith.service.store import RecordingRow, Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench

JOURNAL = bytes(range(256)) * 5


async def add(bench: "Bench", number: int, path: str = "", ended: str | None = "2026-01-01T00:01:00.000000Z") -> str:
    """An entry of the catalogue."""
    row = RecordingRow(
        id=f"20260101t000000000-{number:06x}",
        board=bench.id,
        serial="1",
        mode="on_demand",
        by="test",
        started="2026-01-01T00:00:00.000000Z",
        path=path or f"recordings/{number}.mcap",
        ended=ended,
    )
    await bench.station.store.recordings.add(row)
    return row.id


@pytest.fixture
async def recording(bench: "Bench") -> str:
    """An ended recording with its file."""
    file = bench.station.config.folder / "recordings" / "1.mcap"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(JOURNAL)
    return f"/api/v1/recordings/{await add(bench, 1)}"


async def test_start_and_stop(bench: "Bench") -> None:
    await bench.stream()
    operator = bench.bearer(Role.OPERATOR)
    started = await bench.client.post("/api/v1/recordings", json={"board": bench.id}, headers=operator)
    assert (started.status_code, started.json()["by"]) == (201, "test operator")
    where = started.headers["location"]
    running = await bench.client.get(f"{where}/journal", headers=operator)
    assert (running.status_code, running.json()["type"]) == (409, "urn:otolith:problem:still-recording")
    again = await bench.client.post("/api/v1/recordings", json={"board": bench.id}, headers=operator)
    assert (again.status_code, again.json()["type"]) == (409, "urn:otolith:problem:recording-refused")
    await bench.publish(10)
    stopped = await bench.client.post(f"{where}/stop", headers=operator)
    assert (stopped.json()["end_reason"], stopped.json()["samples"]) == ("stopped", 10)
    assert (await bench.client.get(where, headers=operator)).json() == stopped.json()
    journal = await bench.client.get(f"{where}/journal", headers=operator)
    assert journal.content.startswith(b"\x89MCAP0")
    assert len(journal.content) == stopped.json()["size"]


async def test_pages_follow_each_other(bench: "Bench") -> None:
    ids = [await add(bench, number) for number in range(5)]
    headers = bench.bearer(Role.VIEWER)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    for _ in range(3):
        page = (await bench.client.get("/api/v1/recordings", params=query, headers=headers)).json()
        seen += [row["id"] for row in page["items"]]
        query["cursor"] = page["cursor"]
    assert seen == ids[::-1]
    assert query["cursor"] is None


async def test_the_whole_journal(bench: "Bench", recording: str) -> None:
    response = await bench.client.get(f"{recording}/journal", headers=bench.bearer(Role.VIEWER))
    assert response.content == JOURNAL
    assert response.headers["content-type"] == "application/x-mcap"
    assert response.headers["content-disposition"].endswith('.mcap"')


async def test_a_recording_in_another_format(bench: "Bench") -> None:
    await bench.stream()
    operator, viewer = bench.bearer(Role.OPERATOR), bench.bearer(Role.VIEWER)
    started = await bench.client.post("/api/v1/recordings", json={"board": bench.id}, headers=operator)
    where = started.headers["location"]
    await bench.publish(10)
    await bench.client.post(f"{where}/stop", headers=operator)
    response = await bench.client.get(f"{where}/journal?format=csv", headers=viewer)
    lines = response.text.splitlines()
    assert (len(lines), lines[0].split(",")[:2]) == (11, ["t[s]", "ml[mm]"])
    assert response.headers["content-type"] == "text/csv; charset=us-ascii"
    assert response.headers["content-disposition"].endswith(f'{where.rpartition("/")[2]}.csv"')
    unknown = await bench.client.get(f"{where}/journal?format=exe", headers=viewer)
    assert unknown.status_code == 422


async def test_what_cannot_be_converted_is_told_without_the_station_s_paths(bench: "Bench", recording: str) -> None:
    response = await bench.client.get(f"{recording}/journal?format=xdf", headers=bench.bearer(Role.VIEWER))
    assert (response.status_code, response.json()["type"]) == (422, "urn:otolith:problem:cannot-convert")
    assert str(bench.station.config.folder) not in response.text


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-9", JOURNAL[:10]),
        ("bytes=1270-", JOURNAL[1270:]),
        ("bytes=-3", JOURNAL[-3:]),
        ("bytes=9-99999", JOURNAL[9:]),
    ],
)
async def test_a_part_of_the_journal(bench: "Bench", recording: str, wanted: str, part: bytes) -> None:
    headers = {**bench.bearer(Role.VIEWER), "range": wanted}
    response = await bench.client.get(f"{recording}/journal", headers=headers)
    assert (response.status_code, response.content) == (206, part)


@pytest.mark.parametrize(
    "wanted",
    [
        "bytes=1280-",
        "bytes=9-3",
        "bytes=-0",
        "bytes=-",
        "bytes=0-1,5-6",
        "lines=1-2",
        "bytes=x-y",
        "bytes=" + "9" * 99 + "-",
    ],
)
async def test_an_impossible_part(bench: "Bench", recording: str, wanted: str) -> None:
    headers = {**bench.bearer(Role.VIEWER), "range": wanted}
    response = await bench.client.get(f"{recording}/journal", headers=headers)
    assert (response.status_code, response.json()["type"]) == (416, "urn:otolith:problem:range-not-satisfiable")
    assert response.headers["content-range"] == "bytes */1280"


@pytest.mark.parametrize(
    "path", ["../outside.mcap", "/etc/passwd", "recordings/../../outside.mcap", "link.mcap", "recordings"]
)
async def test_nothing_outside_the_folder_is_sent(bench: "Bench", tmp_path: Path, path: str) -> None:
    (tmp_path / "outside.mcap").write_text("outside")
    (bench.station.config.folder / "link.mcap").symlink_to(tmp_path / "outside.mcap")
    (bench.station.config.folder / "recordings").mkdir(exist_ok=True)
    name = await add(bench, 1, path)
    response = await bench.client.get(f"/api/v1/recordings/{name}/journal", headers=bench.bearer(Role.VIEWER))
    assert (response.status_code, response.json()["type"]) == (404, "urn:otolith:problem:journal-gone")


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "%2e%2e", "a%00b", "nothing", "x" * 200])
async def test_an_unknown_recording(bench: "Bench", name: str) -> None:
    response = await bench.client.get(f"/api/v1/recordings/{name}/journal", headers=bench.bearer(Role.VIEWER))
    assert response.status_code in (404, 422)
    assert response.headers["content-type"] == "application/problem+json"
