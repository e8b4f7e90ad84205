"""How late and how many: 64-byte packets from a gadget through USB/IP, stock pyusb and a pipe into an event loop.

Run it by hand: ``PYTHONPATH=src python tests/drivers/usb/bench_pipe.py [seconds]``.
"""

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Callable
from contextlib import aclosing
from multiprocessing.connection import Connection

from otolith.drivers.usb import backends
from otolith.drivers.usb.loopback import Loopback
from otolith.drivers.usb.pipe import Pipe, open_pipe
from otolith.drivers.usb.seen import find
from otolith.drivers.usb.usbip.backend import UsbipBackend
from otolith.drivers.usb.usbip.server import UsbipServer

RATE = 1000
Run = Callable[[int], str]


class Metronome(Loopback):
    """A packet every millisecond, with its number and the time at which it was sent; or as fast as it is read."""

    paced = True

    async def attach(self) -> None:
        await super().attach()
        self._number, self._start = 0, time.monotonic_ns()

    async def read(self, endpoint: int, length: int) -> bytes:  # noqa: ARG002 - the loopback's signature
        due = self._start + self._number * 1_000_000_000 // RATE
        if self.paced:
            await asyncio.sleep(max(0, due - time.monotonic_ns()) / 1e9)
        self._number += 1
        return self._number.to_bytes(8, "big") + time.monotonic_ns().to_bytes(8, "big") + bytes(48)


def _serve(told: Connection, paced: bool) -> None:
    async def serve() -> None:
        gadget = Metronome()
        gadget.paced = paced
        async with UsbipServer({"1-1": gadget}).serving() as port:
            told.send(port)
            await asyncio.to_thread(told.recv)

    asyncio.run(serve())


def _times(packet: bytes, t_host: int) -> tuple[int, int, int]:
    return int.from_bytes(packet[:8], "big"), int.from_bytes(packet[8:16], "big"), t_host


async def _measure(pipe: Pipe, seconds: float) -> str:
    rows: list[tuple[int, int, int, int]] = []
    end = time.monotonic() + seconds
    async with aclosing(pipe.packets(_times, room=1 << 20)) as packets:
        async for number, sent, completed in packets:
            rows.append((number, sent, completed, time.monotonic_ns()))
            if time.monotonic() > end:
                break
    numbers = [row[0] for row in rows]
    lost = numbers[-1] - numbers[0] + 1 - len(numbers)
    rate = (len(rows) - 1) / (rows[-1][1] - rows[0][1]) * 1e9
    return f"{len(rows)} packets, {rate:.0f}/s, {lost} lost; " + "; ".join(
        f"{name} p50 {low:.0f} us, p99 {high:.0f} us, max {top:.0f} us"
        for name, (low, high, top) in {
            "sent to completion": _percentiles([row[2] - row[1] for row in rows]),
            "sent to event loop": _percentiles([row[3] - row[1] for row in rows]),
        }.items()
    )


def _percentiles(ages: list[int]) -> tuple[float, float, float]:
    ordered = sorted(ages)
    return ordered[len(ordered) // 2] / 1e3, ordered[len(ordered) * 99 // 100] / 1e3, ordered[-1] / 1e3


async def _read(port: int, seconds: float, ahead: int) -> str:
    backend = UsbipBackend(port=port, read_ahead=ahead)
    (seen,) = await asyncio.to_thread(find, backend)
    async with await open_pipe(seen) as pipe:
        return await _measure(pipe, seconds)


async def _together(seconds: float, ahead: int) -> str:
    async with UsbipServer({"1-1": Metronome()}).serving() as port:
        return await _read(port, seconds, ahead)


def _apart(seconds: float, ahead: int, *, paced: bool) -> str:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, paced))
    server.start()
    try:
        return asyncio.run(_read(ours.recv(), seconds, ahead))
    finally:
        ours.send("enough")
        server.join()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    runs: dict[str, Run] = {
        "1 kHz, twin in the same event loop": lambda ahead: asyncio.run(_together(seconds, ahead)),
        "1 kHz, twin in another process": lambda ahead: _apart(seconds, ahead, paced=True),
        "as fast as it goes, twin in another process": lambda ahead: _apart(seconds / 2, ahead, paced=False),
    }
    for name, run in runs.items():
        for ahead in (1, backends.READ_AHEAD):
            print(f"{name}, read ahead {ahead}: {run(ahead)}")  # noqa: T201 - it is what this program is for


if __name__ == "__main__":
    main()
