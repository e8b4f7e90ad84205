"""The station as a user starts it: a process of its own, told apart by its own id, on free loopback ports."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

START_SECONDS = 60.0
"""A cold start on a busy two-core machine takes a tenth of it."""
STOP_SECONDS = 30.0

CONFIG = """
station = "bench"
folder = "{folder}"

[http]
port = 0

[mqtt]
port = 0

[[boards]]
moniker = "{moniker}"
"""


@dataclass(frozen=True)
class Served:
    """A running station: what its ready file said, and its process."""

    ready: dict[str, Any]
    process: asyncio.subprocess.Process

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ready['token']}"}

    async def kill(self) -> None:
        """``kill -9``: nothing gets a chance to tidy up."""
        self.process.kill()
        await self.process.wait()


Serve = Callable[[Path, str], AbstractAsyncContextManager[Served]]


@pytest.fixture
def serve() -> Serve:
    """``async with serve(folder, moniker) as served``: the station with its state in ``folder``."""

    @asynccontextmanager
    async def started(folder: Path, moniker: str) -> AsyncIterator[Served]:
        config, ready = folder / "station.toml", folder / "ready.json"
        ready.unlink(missing_ok=True)
        config.write_text(CONFIG.format(folder=folder / "state", moniker=moniker))
        command = [sys.executable, "-m", "otolith", "serve", "--config", str(config), "--ready-file", str(ready)]
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        try:
            yield Served(await asyncio.wait_for(_ready(ready, process), START_SECONDS), process)
        finally:
            await _end(process)

    return started


async def _ready(path: Path, process: asyncio.subprocess.Process) -> dict[str, Any]:
    while (text := _text(path)) is None:
        if process.returncode is not None:
            pytest.fail(f"the station ended with {process.returncode} before it was ready")
        await asyncio.sleep(0.05)
    found: dict[str, Any] = json.loads(text)
    return found


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        pytest.fail(f"the station did not end within {STOP_SECONDS:.0f} s of SIGINT")
