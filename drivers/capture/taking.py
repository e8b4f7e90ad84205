"""Taking a capture: a board is opened and read, and everything said on the way is kept."""

from collections.abc import AsyncGenerator, Awaitable, Callable

from otolith.drivers.board import TWIN, Board
from otolith.drivers.capture.file import Capture, Heading
from otolith.drivers.capture.reports import ReportSnoop
from otolith.drivers.capture.snoop import Snoop
from otolith.drivers.errors import MonikerError
from otolith.drivers.families import FAMILIES, open_usb
from otolith.drivers.hid.way import ListenWay, Way
from otolith.drivers.monikers import Usb, Usbip, Wii, form, parse
from otolith.drivers.opening import locate
from otolith.drivers.wii.hidraw import open_hidraw
from otolith.drivers.wii.l2cap import open_l2cap
from otolith.drivers.wii.pairing import NAME
from otolith.drivers.wii.slot import PRODUCT, VENDOR
from otolith.drivers.wire import UsbWire


async def take_capture(moniker: str, samples: int, about: str = "") -> Capture:
    """Open the board, read so many samples, close it; raises DriverError. ``about``: who, when, with what on it."""
    place = parse(moniker)
    if isinstance(place, Wii) and place.via != "evdev":
        opener = open_l2cap if place.via == "l2cap" else open_hidraw
        return await take_reports(lambda listen: opener(place, listen), samples, about)
    if not isinstance(place, Usb | Usbip):
        raise MonikerError(f"only a device has traffic to capture, not {moniker!r}. Right is: {Usb.example}")
    seen = await locate(place)
    snoops: list[Snoop] = []

    def listen(wire: UsbWire) -> UsbWire:
        snoops.append(Snoop(wire, FAMILIES[seen.vendor, seen.product].endpoint))
        return snoops[-1]

    async with await open_usb(seen, form(place), place, listen) as board:
        simulated = board.info.simulated
        await _read(board, samples)
    heading = Heading(seen.vendor, seen.product, seen.release, seen.serial, seen.name, simulated, about)
    return Capture(heading, tuple(snoops[-1].transfers))


async def take_reports(opener: Callable[[ListenWay], Awaitable[Board]], samples: int, about: str = "") -> Capture:
    """The same of a Wii Balance Board by its reports; ``opener`` opens it with somebody listening."""
    snoops: list[ReportSnoop] = []

    def listen(way: Way) -> Way:
        snoops.append(ReportSnoop(way))
        return snoops[-1]

    async with await opener(listen) as board:
        info = board.info
        await _read(board, samples)
    name = f"{NAME} {TWIN}" if info.simulated else NAME
    heading = Heading(VENDOR, PRODUCT, 0, info.serial, name, info.simulated, about, "hid")
    return Capture(heading, tuple(snoops[-1].transfers))


async def _read(board: Board, samples: int) -> None:
    taken, stream = 0, board.batches()
    async for batch in stream:
        taken += len(batch)
        if taken >= samples:
            break
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()
