"""What the kernel makes of our twins, and our drivers of the kernel: runs in the machine, tells facts, judges nothing.

One line of JSON for each examination, with its name; where it fails, with the ``traceback``.
"""

import asyncio
import fcntl
import json
import struct
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from otolith.drivers.board import TWIN, Board
from otolith.drivers.hid.evdev import ABSOLUTE, axes_now
from otolith.drivers.hid.inputs import inputs
from otolith.drivers.hid.nodes import nodes
from otolith.drivers.monikers import Sim, parse
from otolith.drivers.opening import open_board, sightings
from otolith.drivers.rig.kernel.uhid import on_uhid
from otolith.drivers.rig.kernel.vhci import attach
from otolith.drivers.rig.ports import Rig
from otolith.drivers.rig.tape import Tape, record
from otolith.drivers.twins import Twin, make_twin
from otolith.drivers.wii.codec.block import GRAVITY
from otolith.drivers.wii.evdev import AXES, NODE, UNIT, EvdevBoard
from otolith.drivers.wii.kernel import Kernel
from otolith.drivers.wii.pairing import NAME
from otolith.drivers.wii.twin import DolphinBar, factory_block

PATIENCE: Final = 90.0
"""Seconds for each thing that is waited for: Python is about ten times slower here than outside."""
LOOK: Final = 0.05
ADDRESS: Final = "00:1f:c5:00:00:07"
SERIAL: Final = 7
SAMPLES: Final = 150
Facts = dict[str, Any]


async def until(what: Callable[[], Any]) -> Any:
    """Wait for what the kernel does in its own time and tells nobody of; TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await asyncio.to_thread(what)):  # noqa: ASYNC110 - sysfs has no events to wait for
            await asyncio.sleep(LOOK)
    return found


def twin_of(moniker: str) -> Twin:
    sim = parse(moniker)
    assert isinstance(sim, Sim)
    return make_twin(sim)


def seen_by_kernel(vendor: str) -> Facts | None:
    for folder in Path("/sys/bus/usb/devices").glob("*-*"):
        try:
            if (folder / "idVendor").read_text().strip() == vendor and list(folder.glob("*:*/bInterfaceNumber")):
                names = ("idVendor", "idProduct", "bcdDevice", "manufacturer", "product", "serial", "speed")
                said = {name: (folder / name).read_text().strip() for name in names if (folder / name).exists()}
                drivers = [path.resolve().name for path in folder.glob("*:*/driver")]
                return said | {"drivers": drivers}
        except FileNotFoundError:  # it is only just coming
            continue
    return None


def gone(vendor: str) -> bool:
    return seen_by_kernel(vendor) is None


async def taped(board: Board, samples: int) -> Tape:
    return await record(board, lambda tape: len(tape) >= samples, PATIENCE)


def compared(tape: Tape, sent: NDArray[np.float64]) -> Facts:
    ours, theirs = tape.counts, sent[: len(tape)]
    differing = int((ours != theirs).any(axis=1).sum()) if ours.shape == theirs.shape else -1
    return {
        "samples": len(tape),
        "missed": tape.missed,
        "differing": differing,
        "misnumbered": tape.misnumbered(),
        "distinct": len(np.unique(ours, axis=0)),
        "error": repr(tape.error) if tape.error else "",
    }


async def usb(twin: Twin, moniker: str) -> Facts:
    """Plug in, see, open, stream, pull out."""
    vendor = moniker.partition(":")[2][:4]
    async with Rig() as rig:
        busid = rig.add(twin)
        await asyncio.to_thread(attach, rig.host, rig.port, busid)
        kernel = await until(lambda: seen_by_kernel(vendor))
        listed = [sighting.moniker for sighting in await sightings()]
        async with await open_board(moniker) as board:
            tape = await taped(board, SAMPLES)
            sent = np.array(twin.delivered(), dtype=np.float64)
            stream = compared(tape, sent)
            info = {"serial": board.info.serial, "simulated": board.info.simulated}
            lost = Tape()
            streaming = asyncio.create_task(record(board, lambda _: False, PATIENCE, lost))
            await lost.reaches(10)
            await rig.unplug(busid)
            await streaming
        await until(lambda: gone(vendor))
        unplugged = type(lost.error).__name__
        return {"kernel": kernel, "listed": listed, "info": info, "stream": stream, "unplugged": unplugged}


async def btracks() -> Facts:
    return await usb(
        twin_of("sim:btracks?load=recording:BDS00001&serial=4711&interval=16"), "usb:06c2:003b?interval=16"
    )


async def ofp() -> Facts:
    twin = twin_of("sim:ofp?load=recording:BDS00001&serial=4711&rate=100")
    vendor, product = struct.unpack_from("<HH", twin.device_descriptor, 8)
    return await usb(twin, f"usb:{vendor:04x}:{product:04x}")


def hid_folder() -> Path | None:
    found = [folder for folder in Path("/sys/bus/hid/devices").glob("0005:*") if (folder / "bboard_calib").exists()]
    return found[0] if found and inputs(NODE) and nodes(NAME) else None


class Wii:
    """The twin behind the kernel's own driver, and what it heard from there."""

    def __init__(self) -> None:
        twin = twin_of(f"sim:wii?load=recording:BDS00001&serial={SERIAL}")
        assert isinstance(twin, DolphinBar)
        self.twin = twin
        self.heard: list[str] = []
        hear = twin.hear

        def listen(value: int, data: bytes) -> None:
            self.heard.append(data.hex())
            hear(value, data)

        twin.hear = listen  # type: ignore[method-assign]  # a tap between the kernel and the twin

    def sent(self) -> NDArray[np.float64]:
        return np.array(self.twin.delivered(), dtype=np.float64)

    async def handshake(self) -> Facts:
        folder = await until(hid_folder)
        kernel = Kernel(folder)
        return {
            "heard": list(self.heard),
            "driver": (folder / "driver").resolve().name,
            "devtype": (folder / "devtype").read_text().strip(),
            "points": await asyncio.to_thread(kernel.points),
            "factory": factory_block(SERIAL).points,
            "battery": await asyncio.to_thread(kernel.battery),
            "nodes": [node.address for node in nodes(NAME)],
            "sightings": [sighting.moniker for sighting in await sightings()],
        }

    async def hidraw(self) -> Facts:
        async with await open_board(f"wii:{ADDRESS}") as board:
            tape = await taped(board, SAMPLES)
            return compared(tape, self.sent()) | {
                "serial": board.info.serial,
                "simulated": board.info.simulated,
                "leds": self.twin.body.leds,
            }

    async def evdev(self) -> Facts:
        node = inputs(NODE)[0].path
        async with await open_board(f"wii:{node}?via=evdev") as board:
            assert isinstance(board, EvdevBoard)
            self.twin.body.button = True
            tape = await taped(board, SAMPLES)
            now = await asyncio.to_thread(axes_of, node)
            self.twin.body.button = False
            return {
                "moniker": board.info.moniker,
                "simulated": board.info.simulated,
                "samples": len(tape),
                "kg": tape.counts[-1].sum() * UNIT,
                "now": now,
                "clock": bool(np.diff(np.concatenate([batch.t_host for batch in tape.batches])).min() >= 0),
                "mode": self.twin.body.mode,
            }

    async def both(self) -> Facts:
        """The same samples by both ways at once, the kernel told to smooth nothing."""
        node = inputs(NODE)[0].path
        async with (
            await open_board(f"wii:{ADDRESS}") as ours,
            await open_board(f"wii:{node}?via=evdev") as theirs,
        ):
            unsmoothed(node)
            raw, cooked = await asyncio.gather(taped(ours, 2 * SAMPLES), events(theirs, SAMPLES))
            return agreement(ours, raw, cooked)

    async def asleep(self, carrying: asyncio.Task[None]) -> Facts:
        node = inputs(NODE)[0].path
        async with (
            await open_board(f"wii:{ADDRESS}") as ours,
            await open_board(f"wii:{node}?via=evdev") as theirs,
        ):
            tapes = Tape(), Tape()
            ends = [
                asyncio.create_task(record(board, lambda _: False, PATIENCE, tape))
                for board, tape in zip((ours, theirs), tapes, strict=True)
            ]
            for tape in tapes:
                await tape.reaches(5)
            self.twin.inject("power-save")
            await asyncio.gather(carrying, *ends)
            return {"ended": [type(tape.error).__name__ for tape in tapes]}


def axes_of(node: str) -> tuple[int, ...]:
    """EVIOCGABS by a second reader of the node."""
    with Path(node).open("rb", buffering=0) as file:
        return axes_now(file.fileno(), AXES, fcntl.ioctl)


def unsmoothed(node: str) -> None:
    """EVIOCSABS with fuzz 0 on every axis: what comes is what ``hid-wiimote`` computed."""
    with Path(node).open("rb", buffering=0) as file:
        for axis in AXES:
            room = bytearray(ABSOLUTE.size)
            fcntl.ioctl(file, 2 << 30 | ABSOLUTE.size << 16 | ord("E") << 8 | 0x40 + axis, room)
            value, low, high, _, flat, resolution = ABSOLUTE.unpack(room)
            plain = ABSOLUTE.pack(value, low, high, 0, flat, resolution)
            fcntl.ioctl(file, 1 << 30 | ABSOLUTE.size << 16 | ord("E") << 8 | 0xC0 + axis, plain)


async def events(board: Board, samples: int) -> Tape:
    return await taped(board, samples)


def agreement(board: Board, raw: Tape, cooked: Tape) -> Facts:
    """Our newtons as the kernel's hundredths of a kilogram, cut off as it cuts, each change once; both in one order."""
    ours = board.info.calibration.loads(raw.counts) / (GRAVITY * UNIT)
    cut = np.floor(np.maximum(ours, 0.0) + 1e-6)
    changes = np.concatenate([[True], (np.diff(cut, axis=0) != 0).any(axis=1)])
    fresh = np.concatenate([[True], (np.diff(cooked.counts, axis=0) != 0).any(axis=1)])
    mine, kernels = cut[changes], cooked.counts[fresh]
    offset, length = overlap(mine, kernels)
    return {
        "hidraw": len(mine),
        "evdev": len(kernels),
        "matching": length,
        "offset": offset,
        "first": [mine[:3].tolist(), kernels[:3].tolist()],
        "widest": float(np.abs(ours[changes][max(offset, 0) :][:length] - kernels[max(-offset, 0) :][:length]).max())
        if length
        else None,
    }


def overlap(mine: NDArray[np.float64], kernels: NDArray[np.float64]) -> tuple[int, int]:
    """How far one has to be shifted for the rest of both to be the same, and how much that is."""
    best = 0, 0
    for offset in range(-len(kernels) + 1, len(mine)):
        a, b = mine[max(offset, 0) :], kernels[max(-offset, 0) :]
        common = min(len(a), len(b))
        if common > best[1] and (a[:common] == b[:common]).all():
            best = offset, common
    return best


def tell(name: str, facts: Facts) -> None:
    sys.stdout.write(json.dumps({"examination": name} | facts) + "\n")


async def examine(name: str, examination: Awaitable[Facts]) -> None:
    try:
        async with asyncio.timeout(3 * PATIENCE):
            tell(name, await examination)
    except Exception:  # noqa: BLE001 - it is told, and the next examination goes on
        tell(name, {"traceback": traceback.format_exc()})


async def main() -> None:
    await examine("btracks", btracks())
    await examine("ofp", ofp())
    wii = Wii()
    async with on_uhid(wii.twin, f"{NAME} {TWIN}", ADDRESS) as carrying:
        await examine("handshake", wii.handshake())
        await examine("hidraw", wii.hidraw())
        await examine("evdev", wii.evdev())
        await examine("both", wii.both())
        await examine("asleep", wii.asleep(carrying))


if __name__ == "__main__":
    asyncio.run(main())
