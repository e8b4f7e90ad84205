"""One run: twins in their own process, the station in this one."""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.speed.endurance.account import Account, Delays, account_of
from tests.speed.endurance.crowd import members

from otolith.service.config import BoardConfig, Config, RecordingConfig
from otolith.service.hub import Policy
from otolith.service.prompt import prompt
from otolith.service.station import Station

GRACE_S = 60.0
"""For every board to come up, beyond the time asked for."""
MB = 1e6


@dataclass(frozen=True, slots=True)
class Moment:
    """The machine over one interval."""

    minutes: float
    """At its end, since the first sample of the last board."""
    station_cpu: float
    """Percent of one processor."""
    twins_cpu: float
    station_mb: float
    """Resident."""
    twins_mb: float
    p99: float
    """ms, see ``Account.newest``."""
    load: float
    """Of the whole machine, one minute's average."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out."""

    seconds: float
    account: Account
    moments: list[Moment]
    up: int
    """Boards that ever sent a frame."""

    @property
    def whole(self) -> bool:
        """Every sample of every board once and in order."""
        return all(track.whole for track in self.account.tracks.values())

    def slope(self, what: str) -> float:
        """Per minute, by least squares, without the first quarter: caches fill then."""
        steady = self.moments[len(self.moments) // 4 :]
        if len(steady) < 3:
            return float("nan")
        x, y = [moment.minutes for moment in steady], [getattr(moment, what) for moment in steady]
        return float(np.polyfit(x, y, 1)[0])


async def endure(seconds: float, plates: int, boards: int, *, every: float = 10.0, record: bool = True) -> Outcome:
    """Run for so long after the last board has come up; TimeoutError where one never does."""
    crowd = members(plates, boards)
    with tempfile.TemporaryDirectory() as folder:
        async with _twins(plates, boards) as (monikers, pid), asyncio.timeout(seconds + GRACE_S):
            config = Config(
                folder=Path(folder),
                boards=[BoardConfig(moniker=moniker) for moniker in monikers],
                recording=RecordingConfig(mode="always" if record else "on_demand"),
            )
            with prompt():
                async with Station(config) as station:
                    return await _watch(station, account_of(crowd), seconds, every, pid)


async def _watch(station: Station, account: Account, seconds: float, every: float, pid: int) -> Outcome:
    moments: list[Moment] = []
    awaited, started = set(account.tracks), 0.0
    meter = _Meter(pid)
    with station.frames.tap("endurance", Policy.BLOCK, 4096) as tap:
        async for frame in tap:
            account.see(frame, time.monotonic_ns())
            now = time.monotonic()
            if awaited:
                awaited.discard(frame.board)
                if not awaited:  # connecting is no part of the run
                    account.newest, account.lately = Delays(), Delays()
                    started, meter = now, _Meter(pid)
                continue
            if now - meter.since >= every:
                moments.append(meter.read((now - started) / 60.0, account))
            if now - started >= seconds:
                break
    return Outcome(now - started, account, moments, len(account.tracks) - len(awaited))


class _Meter:
    """Processor time and memory of this process and of another."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.since = time.monotonic()
        self._used = time.process_time(), _processor_time(pid)

    def read(self, minutes: float, account: Account) -> Moment:
        """Since the last reading."""
        now, used = time.monotonic(), (time.process_time(), _processor_time(self._pid))
        ours, theirs = (100.0 * (b - a) / (now - self.since) for a, b in zip(self._used, used, strict=True))
        self.since, self._used = now, used
        p99, account.lately = account.lately.percentile(99.0), Delays()
        memory = _resident("self") / MB, _resident(self._pid) / MB
        return Moment(minutes, ours, theirs, *memory, p99, os.getloadavg()[0])


def _processor_time(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int | str) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def _twins(plates: int, boards: int) -> AsyncIterator[tuple[list[str], int]]:
    """Monikers, and the process; it ends with its standard input, so never later than this one."""
    command = [sys.executable, "-m", "tests.speed.endurance.crowd", str(plates), str(boards)]
    pipe = asyncio.subprocess.PIPE
    root = Path(__file__).parents[3]
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=root)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(await process.stdout.readline()), process.pid
    finally:
        process.stdin.close()
        await process.wait()
