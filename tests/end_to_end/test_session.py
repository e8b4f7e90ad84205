"""A session at a station as a process: the power fails in the middle, the operator's client dies."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Serve, Served

MONIKER = "sim:btracks?load=script:sway"
QUICK = """
format = "otolith-challenge/1"
id = "quick"
name = { en = "Quick", de = "Kurz", fr = "Court" }
description = { en = "For a test.", de = "Zum Testen.", fr = "Pour un test." }
sources = ["nobody"]
status = "unverified"
zero = { before = "never", after = "never" }

[[conditions]]
id = "open"
name = { en = "Open", de = "Offen", fr = "Ouverts" }
duration_s = 1.5
settle_s = 0.5
lead_s = 0.5
rest_s = 0.5
trials = 40

[scoring]
metrics = ["path_length"]
primary = "path_length"
"""


def client(served: "Served") -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=served.url, headers=served.headers, timeout=30)


async def until(http: httpx.AsyncClient, path: str, holds: Callable[[Any], bool]) -> Any:
    """What is at ``path``, once it is so."""
    async with asyncio.timeout(60):
        while not holds(found := (await http.get(path)).json()):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)
    return found


async def begun(http: httpx.AsyncClient) -> str:
    """A run that needs nobody, on the station's one board."""
    boards = await until(http, "/api/v1/boards", lambda boards: boards[0]["phase"] == "streaming")
    session = (await http.post("/api/v1/sessions", json={"board": boards[0]["id"]})).json()["id"]
    start = {"challenge": "quick", "automatic": True}
    run = await http.post(f"/api/v1/sessions/{session}/runs", json=start)
    assert run.status_code == 201, run.text
    return str(run.json()["id"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a station with a quick challenge of its own."""
    own = tmp_path / "state" / "challenges"
    own.mkdir(parents=True)
    (own / "quick.toml").write_text(QUICK, encoding="utf-8")
    return tmp_path


@pytest.mark.timeout(180)
async def test_a_power_cut_loses_no_finished_trial_and_the_run_goes_on(serve: "Serve", folder: Path) -> None:
    async with serve(folder, MONIKER) as served:
        async with client(served) as http:
            run = await begun(http)
            told = await until(http, f"/api/v1/runs/{run}/trials", lambda trials: len(trials) >= 1)
        await served.kill()
    async with serve(folder, MONIKER) as served, client(served) as http:
        kept = (await http.get(f"/api/v1/runs/{run}/trials")).json()
        assert kept[: len(told)] == told
        assert all(trial["verdict"] == "valid" for trial in told)
        assert [one["id"] for one in (await http.get("/api/v1/runs")).json()["interrupted"]] == [run]
        await until(http, "/api/v1/boards", lambda boards: boards[0]["phase"] == "streaming")
        resumed = await http.post(f"/api/v1/runs/{run}/resume")
        assert resumed.status_code == 200, resumed.text
        assert [one["row"]["id"] for one in (await http.get("/api/v1/runs")).json()["running"]] == [run]
        stopped = await http.post(f"/api/v1/runs/{run}/press", json={"trigger": "stop"})
        assert stopped.json()["run"]["end"] == "stopped"


@pytest.mark.timeout(180)
async def test_a_run_goes_on_when_the_client_that_began_it_dies(serve: "Serve", folder: Path) -> None:
    async with serve(folder, MONIKER) as served:
        async with client(served) as first:
            run = await begun(first)
        async with client(served) as second:
            await until(second, f"/api/v1/runs/{run}/trials", lambda trials: len(trials) >= 1)
            stopped = await second.post(f"/api/v1/runs/{run}/press", json={"trigger": "stop"})
            assert stopped.json()["run"]["end"] == "stopped"


LADDER = """
format = "otolith-program/1"
id = "ladder"
name = { en = "Ladder", de = "Leiter", fr = "Échelle" }
description = { en = "For a test.", de = "Zum Testen.", fr = "Pour un test." }
for_whom = { en = "x", de = "x", fr = "x" }
sources = ["nobody"]
gate = { kind = "error", passed = 2, of = 2 }
[[rungs]]
id = "open"
name = { en = "Open", de = "Offen", fr = "Ouverts" }
task = { kind = "hold" }
duration_s = 1.5
rest_s = 0.5
[[rungs]]
id = "closed"
name = { en = "Closed", de = "Zu", fr = "Fermés" }
axis = "proprioception"
eyes = "closed"
task = { kind = "hold" }
duration_s = 1.5
rest_s = 0.5
"""
WELL = {"dizziness": 0, "pain": 0, "nausea": 0, "fatigue": 0}


@pytest.mark.slow  # settling and zeroing twice takes its time; in one process: tests/service/programs/test_training.py
@pytest.mark.timeout(240)
async def test_a_power_cut_in_the_middle_of_a_set_loses_no_set_and_no_decision(serve: "Serve", folder: Path) -> None:
    programs = folder / "state" / "programs"
    programs.mkdir()
    (programs / "ladder.toml").write_text(LADDER, encoding="utf-8")
    async with serve(folder, MONIKER) as served:
        async with client(served) as http:
            boards = await until(http, "/api/v1/boards", lambda boards: boards[0]["phase"] == "streaming")
            await http.post("/api/v1/people", json={"id": "p-1"})
            enrolled = await http.post("/api/v1/people/p-1/programs", json={"program": "ladder"})
            path = enrolled.headers["location"]
            start = {"board": boards[0]["id"], "automatic": True}
            run = (await http.post(f"{path}/runs", json=start)).json()
        async with client(served) as other:  # the one that began is gone
            sets = await until(other, f"{path}/sets", lambda sets: len(sets) == 1)
            told = (await other.post(f"{path}/sets/{sets[0]['id']}/answer", json=WELL)).json()
            assert told["decision"]["outcome"] == "stay"
            await until(other, f"/api/v1/runs/{run['id']}", lambda found: found["latest"]["trial"] == "open-2")
        await served.kill()
    async with serve(folder, MONIKER) as served, client(served) as http:
        assert (await http.get(f"{path}/decisions")).json()[-1] == told
        assert [one["id"] for one in (await http.get(f"{path}/sets")).json()] == [sets[0]["id"]]
        await until(http, "/api/v1/boards", lambda boards: boards[0]["phase"] == "streaming")
        again = await http.post(f"{path}/runs", json=start)
        assert (again.status_code, again.json()["id"], again.json()["session"]) == (201, run["id"], run["session"])
        sets = await until(http, f"{path}/sets", lambda sets: len(sets) == 2)
        told = (await http.post(f"{path}/sets/{sets[1]['id']}/answer", json=WELL)).json()
        assert told["words"] == "2 of the last 2 sets reached 80 %; no symptoms; next: the same with eyes closed."
        assert (await http.get(f"/api/v1/runs/{run['id']}")).json()["run"]["end"] in ("stopped", "finished")
