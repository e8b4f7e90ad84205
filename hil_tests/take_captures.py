"""Take captures of twins, and write down what their drivers make of them: ``python hil_tests/take_captures.py``.

A capture of a real board is taken with ``otolith rig capture``; this gives it its account too, by ``--account FILE``.
"""

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from otolith.drivers.capture.account import account, expected_file, play
from otolith.drivers.capture.file import Capture, write_capture
from otolith.drivers.capture.taking import take_capture, take_reports
from otolith.drivers.hid.channel import Channel
from otolith.drivers.hid.l2cap import CONTROL
from otolith.drivers.hid.way import ListenWay
from otolith.drivers.monikers import Stance, Wii
from otolith.drivers.rig.bench import Bench
from otolith.drivers.wii.board import WiiBoard, board_over
from otolith.drivers.wii.l2cap import open_l2cap
from otolith.drivers.wii.twin import DolphinBar, Manner, serve_hidraw, serve_l2cap

FOLDER = Path(__file__).parent / "captures"
SAMPLES = 300
ADDRESS = "00:1f:c5:12:34:56"
FAULTS = "torn@0.5,battery-low@1,garbage@1.5,long@2"
ABOUT = f"taken from our twin with recording BDS00004 and these faults: {FAULTS}"


def plug(bench: Bench, manner: Manner = Manner.PROMPT) -> tuple[DolphinBar, str]:
    plugged = bench.plug("wii", "recording:BDS00004", fault=FAULTS)
    assert isinstance(plugged.twin, DolphinBar)
    plugged.twin.body.manner = manner
    return plugged.twin, plugged.moniker


async def bar() -> Capture:
    async with Bench() as bench:
        _, moniker = plug(bench)
        return await take_capture(moniker, SAMPLES, ABOUT)


async def hidraw() -> Capture:
    async with Bench() as bench:
        twin, _ = plug(bench, Manner.TWICE)
        near, far = sockets()
        serving = asyncio.create_task(serve_hidraw(twin, far))

        async def opener(listen: ListenWay) -> WiiBoard:
            name = "hidraw (twin)"
            return await board_over(listen(Channel(near.detach(), name)), name, Stance(), name)

        capture = await take_reports(opener, SAMPLES, f"{ABOUT}; every answer comes twice")
        await serving
        return capture


async def l2cap() -> Capture:
    async with Bench() as bench:
        twin, _ = plug(bench, Manner.DISORDERLY)
        controls: list[socket.socket] = []
        serving: list[asyncio.Task[None]] = []

        async def dial(_: str, psm: int) -> socket.socket:
            near, far = sockets()
            if psm == CONTROL:
                controls.append(far)
            else:
                serving.append(asyncio.create_task(serve_l2cap(twin, controls.pop(), far)))
            return near

        capture = await take_reports(
            lambda listen: open_l2cap(Wii(ADDRESS, "l2cap"), listen, dial=dial, name=f"{ADDRESS} (twin)"),
            SAMPLES,
            f"{ABOUT}; answers in disorder",
        )
        await asyncio.gather(*serving)
        return capture


def sockets() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


KINDS: dict[str, Callable[[], Awaitable[Capture]]] = {
    "wii-dolphinbar-twin": bar,
    "wii-hidraw-twin": hidraw,
    "wii-l2cap-twin": l2cap,
}


async def write_account(path: Path) -> None:
    text = json.dumps(account(*await play(path)), indent=2)
    expected_file(path).write_text(f"{text}\n")


async def main(args: list[str]) -> None:
    if args[:1] == ["--account"]:
        for name in args[1:]:
            await write_account(Path(name))
        return
    for name, take in KINDS.items():
        path = FOLDER / f"{name}.jsonl.gz"
        write_capture(path, await take())
        await write_account(path)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
