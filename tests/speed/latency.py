"""``python -m tests.speed.latency``: USB completion to MQTT subscriber, with the dashboard open in a real browser.

Three processes and a browser, as on a clinic's machine: a simulated board behind USB/IP, the station, and this
subscriber. Every message carries the monotonic time of its newest USB completion; the clock is the same in all
processes.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import numpy as np
from playwright.async_api import async_playwright
from rich.console import Console
from rich.table import Table

from otolith.api.mqtt.payloads import TraceBlock

GOAL_MS = 15.0
"""p99 of the newest sample of each message."""
WARM_UP_S, MEASURED_S = 5.0, 30.0
RATES = {"125 Hz (1046_0)": "rev=0", "1 kHz (1046_1)": "rev=1"}
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


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from USB completion to the subscriber."""

    p50: float
    p99: float
    worst: float
    samples: int
    missing: int


async def main() -> int:
    """Measure each rate; 0 where every goal is met."""
    table = Table("board", "p50 ms", "p99 ms", "worst ms", "samples", "missing", "goal", title="USB to subscriber")
    met = True
    for name, options in RATES.items():
        found = await _measure(options)
        good = found.p99 <= GOAL_MS and found.missing == 0
        met = met and good
        figures = (f"{found.p50:.2f}", f"{found.p99:.2f}", f"{found.worst:.2f}", str(found.samples), str(found.missing))
        table.add_row(name, *figures, f"p99 ≤ {GOAL_MS:g}: {'met' if good else 'MISSED'}")
    Console(width=110).print(table)
    return 0 if met else 1


async def _measure(options: str) -> Latency:
    with tempfile.TemporaryDirectory() as folder:
        rig = ["rig", "serve", "--port", "0", "--orders", "0", "--options", options]
        async with _otolith(*rig) as board:
            assert board.stdout is not None
            moniker = (await board.stdout.readline()).decode().split()[-1]
            async with _station(Path(folder), moniker) as ready, _dashboard(ready):
                return await _subscribe(ready["mqtt"])


@asynccontextmanager
async def _otolith(*words: str) -> AsyncIterator[asyncio.subprocess.Process]:
    command = [sys.executable, "-m", "otolith", *words]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def _station(folder: Path, moniker: str) -> AsyncIterator[dict[str, Any]]:
    config, ready = folder / "station.toml", folder / "ready.json"
    _write(config, CONFIG.format(folder=folder / "state", moniker=moniker))
    async with _otolith("serve", "--config", str(config), "--ready-file", str(ready)), asyncio.timeout(300):
        while (text := _text(ready)) is None:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.1)
        yield json.loads(text)


@asynccontextmanager
async def _dashboard(ready: dict[str, Any]) -> AsyncIterator[None]:
    """The Live page, signed in and drawing."""
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium") or sys.exit("chromium is missing: apt-get install chromium")
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
        browser = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(ready["url"])
        await page.locator("input[type=password]").fill(ready["token"])
        await page.keyboard.press("Enter")
        await page.locator("canvas").first.wait_for()
        yield
        await browser.close()


async def _subscribe(mqtt: dict[str, Any]) -> Latency:
    account = {"username": mqtt["username"], "password": mqtt["password"]}
    latencies: list[float] = []
    numbers: list[int] = []
    start = time.monotonic_ns()
    async with aiomqtt.Client(mqtt["host"], mqtt["port"], **account) as client:
        await client.subscribe("otolith/v1/bench/board/+/trace/bin")
        async for message in client.messages:
            now = time.monotonic_ns()
            if now - start < WARM_UP_S * 1e9:
                continue
            assert isinstance(message.payload, bytes)
            block = msgspec.msgpack.decode(message.payload, type=TraceBlock)
            latencies.append((now - block.arrived_ns) / 1e6)
            numbers.extend(range(block.seq, block.seq + len(block.force)))
            if now - start > (WARM_UP_S + MEASURED_S) * 1e9:
                break
    p50, p99 = (float(np.percentile(latencies, q)) for q in (50, 99))
    missing = numbers[-1] - numbers[0] + 1 - len(set(numbers))
    return Latency(p50, p99, max(latencies), len(numbers), missing)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _text(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
