"""Take the captures of all twins, and write down what their drivers make of them.

    python hil_tests/take_captures.py                        all of them
    python hil_tests/take_captures.py ofp-twin               one
    python hil_tests/take_captures.py --account FILE         only the account, of a capture that somebody sent

A family adds a line to ``TWINS``. A capture of a real board is taken with ``otolith snoop``: see docs/captures.md.
"""

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from otolith.drivers.capture.account import account, expected_file, play
from otolith.drivers.capture.file import SUFFIX, Capture, write_capture
from otolith.drivers.capture.taking import so_many, take_capture, take_records, take_reports
from otolith.drivers.hid.channel import Channel
from otolith.drivers.hid.l2cap import CONTROL
from otolith.drivers.hid.way import ListenWay
from otolith.drivers.monikers import Stance, Wii
from otolith.drivers.ofp.board import OfpBoard, ofp_over
from otolith.drivers.ofp.serial import ListenSerial, SerialWire
from otolith.drivers.ofp.twin import PlateTwin, serve_stream
from otolith.drivers.rig.bench import Bench
from otolith.drivers.wii.board import WiiBoard, board_over
from otolith.drivers.wii.l2cap import open_l2cap
from otolith.drivers.wii.twin import DolphinBar, Manner, serve_hidraw, serve_l2cap

FOLDER = Path(__file__).parent / "captures"
SAMPLES = 300
ADDRESS = "00:1f:c5:12:34:56"
LOAD = "load=recording:BDS00004&serial=100001"
FAULTS = "torn@0.5,battery-low@1,garbage@1.5,long@2"
OUR_TWIN = "our twin with trial BDS00004 of the Human Balance Data Set (Santos & Duarte 2016, CC BY 4.0) on it"
TWINS = {
    "btracks-1046_0-twin": f"sim:btracks?{LOAD}&rev=0&fault=torn@1,repeat@1.5",
    "btracks-1046_1-twin": f"sim:btracks?{LOAD}&rev=1&fault=torn@0.1",
    "ofp-twin": f"sim:ofp?{LOAD}&fault=torn@0.1,drop@0.2",
    "labjack-u6-twin": f"sim:labjack-u6?{LOAD}&fault=drop@0.1",
    "labjack-u3-twin": f"sim:labjack-u3?{LOAD}",
    "labjack-t7-twin": f"sim:labjack-t7?{LOAD}",
    "wii-dolphinbar-twin": f"sim:wii?{LOAD}&fault={FAULTS}",
    "tecgihan-twin": f"sim:tecgihan?{LOAD}&fault=torn@0.3",
    "mcc-usb-1608fs-plus-twin": f"sim:mcc?{LOAD}&fault=drop@0.1",
    "godirect-twin": f"sim:godirect?{LOAD}&fault=torn@1.5,drop@2",
    "golink-twin": f"sim:golink?{LOAD}&fault=drop@1,torn@1.5",
}


async def of_twin(moniker: str) -> Capture:
    """Through USB/IP, as any board on a port."""
    return await take_capture(moniker, SAMPLES, f"{OUR_TWIN}: {moniker}")


async def ofp_serial() -> Capture:
    async with Bench() as bench:
        twin = bench.plug("ofp", "recording:BDS00004", fault="torn@0.1").twin
        assert isinstance(twin, PlateTwin)
        near, far = socket.socketpair()
        served = asyncio.create_task(serve_stream(twin, *await asyncio.open_connection(sock=far)))

        async def opener(listen: ListenSerial) -> OfpBoard:
            near.setblocking(False)
            return await ofp_over(listen(SerialWire(near, "the twin")), None, "serial (twin)", Stance())

        taken = await take_records(opener, so_many(SAMPLES), f"{OUR_TWIN} on a byte stream")
        await served
    return taken.capture


async def hidraw() -> Capture:
    async with Bench() as bench:
        near, far = sockets()
        served = asyncio.create_task(serve_hidraw(bar(bench, Manner.TWICE), far))

        async def opener(listen: ListenWay) -> WiiBoard:
            name = "hidraw (twin)"
            return await board_over(listen(Channel(near.detach(), name)), name, Stance(), name)

        taken = await take_reports(opener, so_many(SAMPLES), f"{OUR_TWIN}; every answer comes twice; faults: {FAULTS}")
        await served
    return taken.capture


async def l2cap() -> Capture:
    async with Bench() as bench:
        twin, controls, served = bar(bench, Manner.DISORDERLY), list[socket.socket](), list[asyncio.Task[None]]()

        async def dial(_: str, psm: int) -> socket.socket:
            near, far = sockets()
            if psm == CONTROL:
                controls.append(far)
            else:
                served.append(asyncio.create_task(serve_l2cap(twin, controls.pop(), far)))
            return near

        taken = await take_reports(
            lambda listen: open_l2cap(Wii(ADDRESS, "l2cap"), listen, dial=dial, name=f"{ADDRESS} (twin)"),
            so_many(SAMPLES),
            f"{OUR_TWIN}; answers in disorder; faults: {FAULTS}",
        )
        await asyncio.gather(*served)
    return taken.capture


def bar(bench: Bench, manner: Manner) -> DolphinBar:
    twin = bench.plug("wii", "recording:BDS00004", fault=FAULTS).twin
    assert isinstance(twin, DolphinBar)
    twin.body.manner = manner
    return twin


def sockets() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


WAYS: dict[str, Callable[[], Awaitable[Capture]]] = {
    **{name: partial(of_twin, moniker) for name, moniker in TWINS.items()},
    "ofp-serial-twin": ofp_serial,
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
    for name in args or WAYS:
        path = FOLDER / f"{name}{SUFFIX}"
        capture = await WAYS[name]()
        path.unlink(missing_ok=True)
        write_capture(path, capture)
        await write_account(path)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
