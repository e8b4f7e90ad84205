"""Programs over REST: somebody is put on one, does sets, is asked, is decided about, by the ladder and by hand."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from otolith.service.hub import Policy
from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench

WELL = {"dizziness": 0, "pain": 0, "nausea": 0, "fatigue": 1e-3}
EMPTY = (None, "idle", "prepare", "empty", "zero")
"""Phases in which nobody stands on the board."""
OURS = """
format = "otolith-program/1"
id = "ours"
name = { en = "Ours", de = "Unseres", fr = "Le nôtre" }
description = { en = "Short.", de = "Kurz.", fr = "Court." }
for_whom = { en = "Tests", de = "Tests", fr = "Tests" }
sources = ["nobody"]
gate = { kind = "error", passed = 1, of = 1, static_hold_s = 1 }

[[rungs]]
id = "open"
name = { en = "Open", de = "Offen", fr = "Ouverts" }
task = { kind = "hold" }
duration_s = 2
rest_s = 600

[[rungs]]
id = "closed"
name = { en = "Closed", de = "Zu", fr = "Fermés" }
axis = "proprioception"
eyes = "closed"
task = { kind = "hold" }
duration_s = 2
rest_s = 600
"""


class Desk:
    """An operator's client, and somebody who stands on the board when asked to."""

    def __init__(self, bench: "Bench") -> None:
        self.bench = bench
        self.headers = bench.bearer(Role.OPERATOR)

    async def ask(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        """The answer's JSON, where it has this status."""
        answer = await self.bench.client.request(method, f"/api/v1{path}", json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
        return answer.json()

    async def refused(self, method: str, path: str, body: Any, status: int = 409) -> tuple[str, str]:
        """Code and sentence of a problem."""
        problem = await self.ask(method, path, body, status)
        return problem["type"].removeprefix("urn:otolith:problem:"), problem["detail"]

    async def enrolled(self, person: str = "p-1", **how: Any) -> str:
        await self.ask("POST", "/people", {"id": person}, 201)
        found = await self.ask("POST", f"/people/{person}/programs", {"program": "ours", **how}, 201)
        return str(found["enrolment"]["id"])

    async def until_asked(self, enrolment: str, session: str) -> Any:
        """Let samples come until a set is done; what there is to do today then."""
        async with asyncio.timeout(60):
            with self.bench.station.frames.tap("test", Policy.OLDEST, 64) as frames:
                while True:
                    running = (await self.ask("GET", "/runs"))["running"]
                    phase = running[0]["latest"] and running[0]["latest"]["phase"] if running else None
                    if phase == "rest":
                        return await self.ask("GET", f"/enrolments/{enrolment}/today?session={session}")
                    self.bench.board.feed(50, newtons=0.0 if phase in EMPTY else 700.0)
                    await anext(frames)

    async def a_set(self, enrolment: str) -> tuple[str, str]:
        """A set, done and not asked about: its visit and itself."""
        run = await self.ask("POST", f"/enrolments/{enrolment}/runs", {"board": self.bench.id, "automatic": True}, 201)
        today = await self.until_asked(enrolment, run["session"])
        assert (today["run"], today["ask"]["set"]["run"]) == (run["id"], run["id"])
        return run["session"], today["ask"]["set"]["id"]


@pytest.fixture
async def desk(bench: "Bench") -> Desk:
    await asyncio.to_thread(_write, Path(bench.station.config.folder) / "programs")
    await bench.stream()
    return Desk(bench)


def _write(folder: Path) -> None:
    folder.mkdir()
    (folder / "ours.toml").write_text(OURS)
    (folder / "bad.toml").write_text('format = "otolith-program/1"\nid = 3\n')


async def test_the_list_has_what_ships_what_is_ours_and_why_a_file_is_left_out(desk: Desk) -> None:
    found = await desk.ask("GET", "/programs")
    entries = {one["program"]["id"]: one for one in found["programs"]}
    assert {"vestibular", "fall-prevention", "ours"} <= entries.keys()
    assert [name for name, one in entries.items() if one["own"]] == ["ours"]
    assert all(one["refused"] == {} for one in entries.values())
    (problem,) = found["problems"]
    assert "bad.toml, line 2: id" in problem
    assert await desk.ask("GET", "/programs/ours") == entries["ours"]
    assert "did you mean ours" in (await desk.refused("GET", "/programs/our", None, 404))[1]


async def test_a_set_is_begun_done_asked_about_and_decided_and_everything_is_told(desk: Desk) -> None:
    with desk.bench.station.programs.tap("test", Policy.OLDEST, 64) as events:
        enrolment = await desk.enrolled()
        session, done = await desk.a_set(enrolment)
        path = f"/enrolments/{enrolment}"
        today = await desk.ask("GET", f"{path}/today?session={session}&language=de")
        assert (today["next"], today["left"], today["why_none"]) == ("„Offen“", 11, "")
        assert today["ask"]["symptoms"] == ["dizziness", "pain", "nausea", "fatigue"]
        again = await desk.refused("POST", f"{path}/runs", {"session": session})
        assert again == ("program-refused", f"ask for the symptoms after the set {done} first")
        ready = await desk.refused("POST", f"/runs/{today['run']}/press", {"trigger": "ready"})
        assert ready == ("trigger-refused", f"ask for the symptoms after the set {done} first")
        said = await desk.ask("POST", f"{path}/sets/{done}/answer", WELL)
        assert said["words"] == (
            "1 of the last 1 sets reached 80 %; fatigue 0 of 10 at most; next: the same with eyes closed."
        )
        assert (said["decision"]["outcome"], said["decision"]["inputs"]["given"]["place"]["rung"]) == (
            "advance",
            "open",
        )
        (row,) = await desk.ask("GET", f"{path}/sets")
        assert (row["id"], row["score"], row["symptoms"], row["decision"]) == (
            done,
            100.0,
            WELL,
            said["decision"]["id"],
        )
        trial = await desk.ask("GET", f"/trials/{done}")
        assert trial["content"]["figures"]["set_score"]["value"] == 100.0
        history = await desk.ask("GET", f"{path}/decisions?language=fr")
        assert [one["decision"]["because"] for one in history] == ["enrolled", "advance-proprioception"]
        assert history[0]["words"] == "Commence par « Ouverts »."
        (now,) = await desk.ask("GET", "/people/p-1/programs")
        assert (now["enrolment"]["rung"], now["latest"]) == ("closed", said)
        assert now == await desk.ask("GET", path)
        told = [(one.kind, one.because, one.rung, one.set) for one in events.take_ready()]
    assert told == [
        ("decision", "enrolled", "open", ""),
        ("begun", "", "open", ""),
        ("set", "", "open", done),
        ("decision", "advance-proprioception", "closed", done),
    ]
    actions = [line.action for line in (await desk.bench.station.store.audit.list(limit=200)).items]
    assert {"program-enrol", "program-answer", "program-read"} <= set(actions)


async def test_of_two_operators_the_slower_is_told(desk: Desk) -> None:
    enrolment = await desk.enrolled()
    session, done = await desk.a_set(enrolment)
    path = f"/enrolments/{enrolment}"
    seen = (await desk.ask("GET", path))["enrolment"]["seq"]
    answers = [
        desk.bench.client.post(f"/api/v1{path}/sets/{done}/answer", json=WELL, headers=desk.headers) for _ in range(2)
    ]
    assert sorted([one.status_code for one in await asyncio.gather(*answers)]) == [200, 409]
    late = {"act": "lock", "reason": "sore today", "seq": seen}
    code, why = await desk.refused("POST", f"{path}/decisions", late)
    assert (code, "changed this program meanwhile" in why) == ("program-refused", True)
    begin = {"session": session, "automatic": True}
    begun = [desk.bench.client.post(f"/api/v1{path}/runs", json=begin, headers=desk.headers) for _ in range(2)]
    assert sorted([one.status_code for one in await asyncio.gather(*begun)]) == [201, 409]


async def test_a_clinician_decides_otherwise_and_sets_that_no_longer_fit_end(desk: Desk) -> None:
    enrolment = await desk.enrolled()
    path = f"/enrolments/{enrolment}"
    session, _ = await desk.a_set(enrolment)
    (run,) = (await desk.ask("GET", "/runs"))["running"]
    paused = await desk.ask("POST", f"{path}/decisions", {"act": "pause", "reason": "a cold"}, 201)
    assert paused["latest"]["words"] == "Test operator paused the program: a cold"
    row = (await desk.ask("GET", f"/runs/{run['row']['id']}"))["run"]
    assert (row["end"], row["reason"]) == ("stopped", "a clinician decided otherwise")
    today = await desk.ask("GET", f"{path}/today?session={session}")
    assert (today["left"], today["why_none"]) == (0, "the program is paused")
    await desk.ask("POST", f"{path}/sets/{today['ask']['set']['id']}/answer", {"dizziness": 8})
    (_, why) = await desk.refused("POST", f"{path}/runs", {"session": session})
    assert why == "there is nothing left to do in this visit: the program is paused"
    await desk.ask("POST", f"{path}/decisions", {"act": "continue", "reason": "well again"}, 201)
    assert (await desk.ask("GET", f"{path}/today?session={session}"))["why_none"] == "symptoms ended the visit"
    moved = await desk.ask("POST", f"{path}/decisions", {"act": "move", "to": "closed", "reason": "bored"}, 201)
    assert (moved["enrolment"]["rung"], moved["latest"]["decision"]["by"]) == ("closed", "test operator")
    easier = {**moved["program"], "rungs": [{**rung, "sets": 1} for rung in moved["program"]["rungs"]]}
    edited = await desk.ask("PUT", f"{path}/ladder", {"program": easier, "reason": "one is enough"})
    assert (edited["enrolment"]["revision"], edited["program"]["rungs"][1]["sets"]) == (2, 1)
    ended = await desk.ask("POST", f"{path}/decisions", {"act": "withdraw", "reason": "moved away"}, 201)
    assert ended["enrolment"]["end"] == "withdrawn"
    words = [one["words"] for one in await desk.ask("GET", f"{path}/decisions")]
    assert words[-1] == "Test operator ended the program: moved away"


REFUSED: tuple[tuple[str, dict[str, Any], int, str], ...] = (
    ("people/nobody/programs", {"program": "ours"}, 404, "nobody is called 'nobody'"),
    ("people/p-1/programs", {"program": "moon"}, 404, "no program 'moon'"),
    ("people/p-1/programs", {"program": "ours", "side": "left"}, 409, "has no affected side"),
    ("people/p-1/programs", {"program": "ours", "rung": "moon"}, 409, "it has open, closed"),
    ("people/p-1/programs", {"program": "ours"}, 409, "is on ours already"),
    ("people/p-1/programs", {"program": "OURS"}, 422, "body/program"),
    ("enrolments/none/runs", {"board": "b"}, 404, "no enrolment 'none'"),
    ("enrolments/{e}/runs", {"board": "moon"}, 404, "no board 'moon'"),
    ("enrolments/{e}/runs", {"session": "moon"}, 404, "no session 'moon'"),
    ("enrolments/{e}/runs", {}, 422, "body"),
    ("enrolments/{e}/sets/none/answer", {"pain": 1}, 409, "no set without an answer"),
    ("enrolments/{e}/sets/none/answer", {"pain": 11}, 422, "less than or equal to 10"),
    ("enrolments/{e}/sets/none/answer", {"boredom": 1}, 422, "boredom"),
    ("enrolments/{e}/decisions", {"act": "lock", "reason": " "}, 409, "say why"),
    ("enrolments/{e}/decisions", {"act": "move", "reason": "x"}, 409, "which rung"),
    ("enrolments/{e}/decisions", {"act": "regress", "reason": "x"}, 409, "no rung to regress"),
    ("enrolments/{e}/decisions", {"act": "fly", "reason": "x"}, 422, "body/act"),
)
"""Address below that of the interface, body, status, and what the sentence says."""


async def test_what_cannot_be_is_refused_in_plain_words(desk: Desk) -> None:
    enrolment = await desk.enrolled()
    for path, body, status, says in REFUSED:
        _, why = await desk.refused("POST", "/" + path.format(e=enrolment), body, status)
        assert says in why


async def test_a_ladder_that_makes_no_sense_is_refused_with_every_mistake(desk: Desk) -> None:
    path = f"/enrolments/{await desk.enrolled()}/ladder"
    code, why = await desk.refused("PUT", path, {"program": {"id": "x"}, "reason": "x"})
    assert code == "program"
    assert "format" in why
    assert "rungs" in why


async def test_a_visit_of_somebody_else_is_refused(desk: Desk) -> None:
    mine, other = await desk.enrolled(), await desk.enrolled("p-2")
    visit = await desk.ask("POST", "/sessions", {"board": desk.bench.id, "person": "p-1"}, 201)
    assert (await desk.ask("GET", f"/enrolments/{mine}/today?session={visit['id']}"))["left"] == 12
    _, why = await desk.refused("GET", f"/enrolments/{other}/today?session={visit['id']}", None)
    assert why == "this visit is somebody else's"


async def test_no_event_says_who_what_was_answered_or_why(desk: Desk) -> None:
    with desk.bench.station.programs.tap("test", Policy.OLDEST, 64) as events:
        enrolment = await desk.enrolled()
        await desk.ask("POST", f"/enrolments/{enrolment}/decisions", {"act": "lock", "reason": "Mr. Smith fell"}, 201)
        told = events.take_ready()
    assert len(told) == 2
    assert not {"p-1", "test operator", "Smith"} & {word for one in told for word in str(one).replace("'", " ").split()}
