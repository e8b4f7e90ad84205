"""The live WebSocket, over a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from otolith.api.messages import (
    BoardMessage,
    ErrorMessage,
    GuidanceMessage,
    LostMessage,
    ProgramMessage,
    ServerMessage,
    SwayMessage,
    Trace,
    Welcome,
)
from otolith.service.guidance.guidance import Guidance
from otolith.service.programs.event import ProgramEvent
from otolith.service.state import BoardPhase
from otolith.service.store import Role

if TYPE_CHECKING:
    from tests.api.conftest import Bench

M = TypeVar("M", bound=msgspec.Struct)
decode = msgspec.json.Decoder(ServerMessage).decode
PATIENCE = 20.0


def address(bench: "Bench") -> str:
    return f"ws://127.0.0.1:{bench.client.base_url.port}/api/v1/live"


@asynccontextmanager
async def reader(bench: "Bench", role: Role = Role.VIEWER, **hello: object) -> AsyncIterator[ClientConnection]:
    async with connect(address(bench), compression=None, proxy=None) as socket:
        await socket.send(json.dumps({"type": "hello", "token": bench.secrets[role], **hello}))
        yield socket


async def next_of(socket: ClientConnection, kind: type[M]) -> M:
    """The next message of a kind; others are passed over."""
    async with asyncio.timeout(PATIENCE):
        while not isinstance(message := decode(await socket.recv()), kind):
            pass
        return message


async def ending(socket: ClientConnection) -> tuple[str | None, int | None]:
    """Code of the error message, if one came, and of the close."""
    code = None
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                if isinstance(message := decode(await socket.recv()), ErrorMessage):
                    code = message.code
        except ConnectionClosed as closed:
            return code, closed.rcvd.code if closed.rcvd else None


async def test_welcome_is_the_whole_picture(served: "Bench") -> None:
    async with reader(served, Role.OPERATOR) as socket:
        welcome = await next_of(socket, Welcome)
        assert (welcome.v, welcome.role, welcome.state.ready) == (1, "operator", True)
        assert [board.moniker for board in welcome.boards] == ["fed:port/1"]


async def test_guidance_comes_to_who_asked_for_it_and_to_the_others_not(served: "Bench") -> None:
    made = Guidance(
        session="s1", run="r1", trial="c1-1", board=served.id, seq=7, t_ns=1, elapsed_s=0.5, quantity="place",
        target=(1.0, 2.0), band=15.0, shape="circle", cursor=(0.0, 0.0), error=2.2, on_target=True, ahead=((1.0, 2.0),),
        ahead_s=0.05, beat_s=None, rate_hz=125.0, latency_ms=26.5,
    )  # fmt: skip
    async with reader(served, guidance=True) as asked, reader(served) as other:
        await next_of(asked, Welcome)
        await next_of(other, Welcome)
        async with asyncio.timeout(PATIENCE):
            while len(served.station.guidance.statistics().taps) < 2:  # noqa: ASYNC110 - a tap announces nothing
                await asyncio.sleep(0.001)
        await served.station.guidance.publish(made)
        assert (await next_of(asked, GuidanceMessage)).moment == made
        await served.publish(1)
        async with asyncio.timeout(PATIENCE):
            while not isinstance(message := decode(await other.recv()), Trace):
                assert not isinstance(message, GuidanceMessage)


async def test_what_happens_on_a_program_comes_to_every_reader(served: "Bench") -> None:
    event = ProgramEvent(
        at="2026-01-01T00:00:00.000000Z", enrolment="e1", seq=3, kind="set", program="ours", session="s1", run="r1",
        rung="stand", next={"en": "the same"}, set="t1", asks=("pain",),
    )  # fmt: skip
    async with reader(served) as socket:
        await next_of(socket, Welcome)
        async with asyncio.timeout(PATIENCE):
            while not served.station.programs.statistics().taps:  # noqa: ASYNC110 - a tap announces nothing
                await asyncio.sleep(0.001)
        await served.station.programs.publish(event)
        assert (await next_of(socket, ProgramMessage)).event == event


async def test_a_browser_comes_in_with_its_cookie(served: "Bench") -> None:
    origin = str(served.client.base_url).rstrip("/")
    await served.client.post("/api/v1/session", json={"token": served.secrets[Role.VIEWER]})
    cookie = f"otolith_session={served.client.cookies['otolith_session']}"
    async with connect(
        address(served), origin=Origin(origin), additional_headers={"cookie": cookie}, proxy=None
    ) as socket:
        await socket.send('{"type": "hello"}')
        assert (await next_of(socket, Welcome)).role == "viewer"


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null"])
async def test_another_sites_page_is_refused_before_anything(served: "Bench", origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(address(served), origin=Origin(origin), proxy=None):
            pass
    assert refused.value.response.status_code == 403


async def test_an_unknown_host_is_refused(served: "Bench") -> None:
    port = served.client.base_url.port
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://evil.example:{port}/api/v1/live", host="127.0.0.1", port=port, proxy=None):
            pass
    assert refused.value.response.status_code == 421


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("garbage", "hello-unreadable"),
        ("[]", "hello-unreadable"),
        ('{"type": "hello", "token": 1}', "hello-unreadable"),
        ('{"type": "hello", "more": 1}', "hello-unreadable"),
        ('{"type": "welcome"}', "hello-unreadable"),
        (b"\x00\xff", "message-refused"),
        ("x" * 5000, "message-refused"),
        ('{"type": "hello"}', "token-refused"),
        ('{"type": "hello", "token": "wrong"}', "token-refused"),
    ],
)
async def test_a_bad_hello_is_told_and_closed(served: "Bench", message: str | bytes, code: str) -> None:
    async with connect(address(served), proxy=None) as socket:
        await socket.send(message)
        assert await ending(socket) == (code, 1008)


async def test_who_says_nothing_is_closed(served: "Bench", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otolith.api.stream.HELLO_SECONDS", 0.05)
    async with connect(address(served), proxy=None) as socket:
        assert await ending(socket) == ("hello-missing", 1008)


async def test_garbage_after_the_hello_is_told_and_closed(served: "Bench") -> None:
    async with reader(served) as socket:
        await next_of(socket, Welcome)
        await socket.send("garbage")
        assert await ending(socket) == ("message-unexpected", 1008)


async def test_a_revoked_token_ends_the_connection(served: "Bench") -> None:
    row, secret = await served.station.store.tokens.create("short-lived", Role.VIEWER)
    async with reader(served, token=secret) as socket:
        await next_of(socket, Welcome)
        await served.station.store.tokens.revoke(row.id)
        assert await ending(socket) == ("token-refused", 1008)


@pytest.mark.parametrize("served", [False], indirect=True, ids=["unplugged"])
async def test_the_board_answers_by_its_own_id_and_the_picture_is_told_again(served: "Bench") -> None:
    async with reader(served) as socket:
        assert (await next_of(socket, Welcome)).boards[0].phase is BoardPhase.CONNECTING
        served.board.plugged.set()
        await served.stream()
        while (await next_of(socket, Welcome)).boards[0].id != served.id:
            pass
        while (await next_of(socket, BoardMessage)).board.phase is not BoardPhase.STREAMING:
            pass


async def test_a_lost_board_is_told_with_its_reason(served: "Bench") -> None:
    await served.stream()
    async with reader(served) as socket:
        served.board.unplug()
        while (board := (await next_of(socket, BoardMessage)).board).phase is not BoardPhase.LOST:
            pass
        assert "unplugged by the test" in board.reason


async def test_every_sample_arrives_once_with_its_gap(served: "Bench") -> None:
    await served.stream()
    async with reader(served) as socket:
        await next_of(socket, Welcome)
        served.board.feed(300, missed=7)
        served.board.feed(50)
        first = await next_of(socket, Trace)
        traces = [first]
        while sum(len(trace.t) for trace in traces) < 350:
            traces.append(await next_of(socket, Trace))
        assert first.missed == 7
        assert [trace.seq + i for trace in traces for i in range(len(trace.t))] == list(
            range(first.seq, first.seq + 350)
        )
        assert first.force[0] == pytest.approx(700.0)
        assert first.x[0] == pytest.approx(0.0, abs=1e-6)
        assert first.y[0] == pytest.approx(0.0, abs=1e-6)
        assert first.t[1] - first.t[0] == pytest.approx(0.008, abs=1e-5)


async def test_a_reader_may_ask_for_no_traces(served: "Bench") -> None:
    await served.stream()
    async with reader(served, trace=False) as socket:
        await next_of(socket, Welcome)
        for _ in range(20):
            served.board.feed(125)
        sway = await next_of(socket, SwayMessage)
        assert sway.figures["seconds"] is not None


async def test_a_slow_reader_is_told_what_it_missed_and_slows_nobody(served: "Bench") -> None:
    await served.stream()
    n, rounds, per_round = 100, 40, 64
    async with reader(served) as fast, reader(served) as slow:
        await next_of(fast, Welcome)
        await next_of(slow, Welcome)
        slow.transport.pause_reading()
        got = 0
        for turn in range(1, rounds + 1):
            for _ in range(per_round):
                served.board.feed(n)
            while got < turn * per_round * n:
                got += len((await next_of(fast, Trace)).t)
        assert got == rounds * per_round * n
        slow.transport.resume_reading()
        received, lost = 0, 0
        while received + lost * n < got:
            async with asyncio.timeout(PATIENCE):
                message = decode(await slow.recv())
            received += len(message.t) if isinstance(message, Trace) else 0
            lost += message.frames if isinstance(message, LostMessage) else 0
        assert lost > 0
        assert received + lost * n == got


async def test_prometheus_counts_what_was_streamed(served: "Bench") -> None:
    await served.stream()
    async with reader(served) as socket:
        await next_of(socket, Welcome)
        served.board.feed()
        await next_of(socket, Trace)
        headers = served.bearer(Role.VIEWER)
        text = (await served.client.get("/api/v1/metrics", headers=headers)).text
    assert f'otolith_board_streaming{{board="{served.id}"}} 1.0' in text
    assert f'otolith_latency_seconds_count{{board="{served.id}"}}' in text
    assert 'otolith_taps{tap="live"} 1.0' in text
    assert "otolith_ready 1.0" in text
