"""The whole program in a process of its own: up, ready, down; and what it says when it cannot."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiomqtt
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE = 30.0
ANYWHERE = "0.0.0.0"  # noqa: S104 -- to see it refused


@asynccontextmanager
async def otolith(*args: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command; killed where the test failed to end it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "otolith.api.cli", *args),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "XDG_STATE_HOME": str(folder), "TMPDIR": str(folder), "OTOLITH_MQTT__PORT": "0"},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def said(process: asyncio.subprocess.Process, words: str) -> str:
    """Standard output up to the line with these words."""
    assert process.stdout is not None
    text = ""
    async with asyncio.timeout(PATIENCE):
        while words not in text:
            line = await process.stdout.readline()
            assert line, f"ended after {text!r}"
            text += line.decode()
    return text


async def failed(*args: str, folder: Path) -> tuple[int | None, str]:
    """Exit status and standard error of a command that ends by itself."""
    async with otolith(*args, folder=folder) as process, asyncio.timeout(PATIENCE):
        _, err = await process.communicate()
        return process.returncode, err.decode()


async def close_code(socket: ClientConnection) -> int | None:
    """How the server ended the connection."""
    async with asyncio.timeout(PATIENCE):
        with suppress(ConnectionClosed):
            while True:
                await socket.recv()
        return socket.close_code


def left_behind(folder: Path) -> list[str]:
    """What a demo should have taken with it."""
    return [path.name for path in folder.iterdir() if path.name.startswith(("ready", "otolith-demo"))]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_demo_serves_and_ends_at_once(tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready.json"
    async with otolith("serve", "--demo", "--port", "0", "--ready-file", str(ready), folder=tmp_path) as process:
        text = await said(process, "Ctrl-C")
        assert "SIMULATED" in text
        assert ready.stat().st_mode & 0o777 == 0o600
        told = json.loads(ready.read_text())
        assert told["url"] in text
        assert told["boards"] == ["sim:btracks?load=recording:BDS00001"]
        headers = {"authorization": f"Bearer {told['token']}"}
        mqtt = told["mqtt"]
        async with aiomqtt.Client(mqtt["host"], mqtt["port"], username=mqtt["username"], password=mqtt["password"]):
            pass
        async with httpx.AsyncClient(base_url=told["url"], headers=headers) as client:
            assert (await client.get("/api/v1/mqtt")).json()["port"] == mqtt["port"]
            assert 'otolith_mqtt_total{what="published"}' in (await client.get("/api/v1/metrics")).text
            assert (await client.get("/api/v1/session")).json()["role"] == "admin"
            address = told["url"].replace("http", "ws") + "api/v1/live"
            async with connect(address, proxy=None) as live:
                await live.send(json.dumps({"type": "hello", "token": told["token"]}))
                await live.recv()
                process.send_signal(number)
                assert await close_code(live) in (1001, 1012)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
    assert left_behind(tmp_path) == []


async def test_the_first_start_alone_prints_an_admin_token(tmp_path: Path) -> None:
    for first in (True, False):
        async with otolith("serve", "--port", "0", folder=tmp_path) as process:
            assert ("Admin token" in await said(process, "Ctrl-C")) == first
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(PATIENCE):
                assert await process.wait() == 0


async def test_the_token_of_a_ready_file_ends_with_it(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    for _ in range(2):
        async with otolith("serve", "--port", "0", "--ready-file", str(ready), folder=tmp_path) as process:
            await said(process, "Ctrl-C")
            told = json.loads(ready.read_text())
            process.kill()
            await process.wait()
    async with otolith("token", "list", "--json", folder=tmp_path) as process:
        out, _ = await process.communicate()
    assert [row["revoked"] is None for row in json.loads(out) if row["name"] == "ready-file"] == [False, True]
    assert told["token"] not in out.decode()


async def test_a_port_in_use_is_told_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status, err = await failed("serve", "--demo", "--port", str(port), folder=tmp_path)
    assert status == 1
    assert f"port {port} on 127.0.0.1 is in use" in err
    assert "Traceback" not in err


async def test_nothing_listens_beyond_this_machine_unasked(tmp_path: Path) -> None:
    status, err = await failed("serve", "--host", ANYWHERE, "--port", "0", folder=tmp_path)
    assert status == 2
    assert "allow_remote" in err


async def test_a_malformed_configuration_says_where(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text('station = "x"\n[http]\nport = "many"\n')
    status, err = await failed("serve", "--config", str(config), folder=tmp_path)
    assert status == 2
    assert "station.toml" in err
    assert "3" in err
    assert "Traceback" not in err


async def test_a_foolish_moniker_leaves_the_station_up(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text('[[boards]]\nmoniker = "nonsense:1"\n[http]\nport = 0\n[mqtt]\nport = 0\n')
    ready = tmp_path / "ready.json"
    async with otolith("serve", "--config", str(config), "--ready-file", str(ready), folder=tmp_path) as process:
        await said(process, "Ctrl-C")
        told = json.loads(ready.read_text())
        async with httpx.AsyncClient(base_url=told["url"]) as client:
            headers = {"authorization": f"Bearer {told['token']}"}
            (board,) = (await client.get("/api/v1/boards", headers=headers)).json()
            assert (await client.get("/api/v1/ready")).json() == {"ready": True}
        assert board["phase"] in ("connecting", "refused")
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0


async def test_a_rig_serves_a_board_and_makes_it_fail(tmp_path: Path) -> None:
    async with otolith("rig", "serve", "--port", "0", "--orders", "0", folder=tmp_path) as process:
        text = await said(process, "Ctrl-C")
        moniker = text.split()[3]
        orders = text.rpartition("port ")[2].partition(";")[0]
        async with otolith("watch", moniker, "--json", folder=tmp_path) as watching:
            assert '"streaming"' in await said(watching, "streaming")
            status, err = await failed("rig", "fault", "unplug", "--orders", orders, folder=tmp_path)
            assert (status, err) == (0, "")
            async with asyncio.timeout(PATIENCE):
                assert await watching.wait() == 3
        assert (await failed("rig", "fault", "nonsense", "--orders", orders, folder=tmp_path))[0] == 3
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
