"""Taking a capture: a board is opened and read, and everything said on the way is kept."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, fields

from otolith.drivers.batch import Batch
from otolith.drivers.board import TWIN, Board, BoardInfo
from otolith.drivers.capture.file import Capture, Heading
from otolith.drivers.capture.snoop import Snoop
from otolith.drivers.errors import BoardLost, BoardTimeout, DriverError, MonikerError
from otolith.drivers.families import FAMILIES, open_usb
from otolith.drivers.hid.way import ListenWay
from otolith.drivers.monikers import Moniker, Serial, Sim, Stance, Usb, Usbip, Wii, form, parse
from otolith.drivers.ofp.codec import numbers as ofp
from otolith.drivers.ofp.serial import ListenSerial, open_serial
from otolith.drivers.opening import locate
from otolith.drivers.sim import open_sim
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wii.hidraw import open_hidraw
from otolith.drivers.wii.l2cap import open_l2cap
from otolith.drivers.wii.pairing import NAME
from otolith.drivers.wii.slot import PRODUCT, VENDOR

Enough = Callable[[BoardInfo, Batch], bool]
"""Whether a board's stream is long enough with this batch."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken, and of whom."""

    capture: Capture
    info: BoardInfo
    began: int
    """When, by the clock of ``Batch.t_host``: nanoseconds; the capture's own times count from here."""
    samples: int
    lost: DriverError | None
    """Why there are fewer than were wanted, if there are."""


def so_many(samples: int) -> Enough:
    """Enough are so many samples, or a batch more."""
    left = samples

    def enough(_: BoardInfo, batch: Batch) -> bool:
        nonlocal left
        left -= len(batch)
        return left <= 0

    return enough


async def take_capture(moniker: str, samples: int, about: str = "") -> Capture:
    """Open the board, read so many samples, close it; raises DriverError. ``about``: who, when, with what on it."""
    taken = await take(moniker, so_many(samples), about)
    if taken.lost:
        raise taken.lost
    return taken.capture


async def take(moniker: str, enough: Enough, about: str = "") -> Taken:
    """The same for as long as it takes, and with what there is when the board goes away. Raises DriverError."""
    place = parse(moniker)
    match place:
        case Usb() | Usbip():
            return await _of_usb(place, enough, about)
        case Sim():
            return await _of_sim(place, enough, about)
        case Wii(via="hidraw") as wii:
            return await take_reports(lambda listen: open_hidraw(wii, listen), enough, about, _options(wii))
        case Wii(via="l2cap") as wii:
            return await take_reports(lambda listen: open_l2cap(wii, listen), enough, about, _options(wii))
        case Serial() as port:
            return await take_records(lambda listen: open_serial(port, listen), enough, about, _options(port))
    raise MonikerError(f"only a device has traffic to capture, not {moniker!r}. Right is: {Usb.example}")


async def take_reports(
    opener: Callable[[ListenWay], Awaitable[Board]], enough: Enough, about: str = "", options: str = ""
) -> Taken:
    """Of a Wii Balance Board, by its reports; ``opener`` opens it with somebody listening."""
    snoop = Snoop()
    async with await opener(snoop.way) as board:
        info = board.info
        name = f"{NAME} {TWIN}" if info.simulated else NAME
        heading = Heading(VENDOR, PRODUCT, 0, info.serial, name, info.simulated, about, "hid", options)
        return await _read(board, snoop, heading, enough)


async def take_records(
    opener: Callable[[ListenSerial], Awaitable[Board]], enough: Enough, about: str = "", options: str = ""
) -> Taken:
    """Of an OFP plate on a byte stream, by the records that it frames; ``opener`` opens it with somebody listening."""
    snoop = Snoop()
    async with await opener(snoop.wire) as board:
        info, name = board.info, f"OFP plate {TWIN}" if board.info.simulated else "OFP plate"
        heading = Heading(ofp.VENDOR, ofp.PRODUCT, 0, info.serial, name, info.simulated, about, "serial", options)
        return await _read(board, snoop, heading, enough)


async def _of_usb(place: Usb | Usbip, enough: Enough, about: str) -> Taken:
    seen, snoop = await locate(place), Snoop()
    endpoint = FAMILIES[seen.vendor, seen.product].endpoint
    async with await open_usb(seen, form(place), place, lambda wire: snoop.usb(wire, endpoint)) as board:
        return await _read(board, snoop, _usb_heading(seen, board, place, about), enough)


async def _of_sim(place: Sim, enough: Enough, about: str) -> Taken:
    snoop = Snoop()
    async with await open_sim(place, snoop.usb) as board:
        return await _read(board, snoop, _usb_heading(board.seen, board, place, about), enough)


def _usb_heading(seen: Seen, board: Board, place: Usb | Usbip | Sim, about: str) -> Heading:
    stance = {field.name: getattr(place, field.name) for field in fields(Stance)}
    return Heading(
        seen.vendor,
        seen.product,
        seen.release,
        seen.serial,
        seen.name,
        board.info.simulated,
        about,
        options=_options(Usb(seen.vendor, seen.product, **stance)),
    )


async def _read(board: Board, snoop: Snoop, heading: Heading, enough: Enough) -> Taken:
    """Until it is enough, or the board is gone."""
    samples, lost = 0, None
    stream = board.batches()
    try:
        async for batch in stream:
            samples += len(batch)
            if enough(board.info, batch):
                break
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
    except (BoardLost, BoardTimeout) as error:
        lost = error
    return Taken(Capture(heading, tuple(snoop.transfers)), board.info, snoop.began, samples, lost)


def _options(place: Moniker) -> str:
    """Those of a board's name, without a number that would tell which one it is."""
    _, _, options = form(place).partition("?")
    return options
