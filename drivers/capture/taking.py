"""Taking a capture: a board is opened and read, and everything said on the way is kept."""

from collections.abc import AsyncGenerator

from otolith.drivers.capture.file import Capture, Heading
from otolith.drivers.capture.snoop import Snoop
from otolith.drivers.errors import MonikerError
from otolith.drivers.families import FAMILIES, open_usb
from otolith.drivers.monikers import Usb, Usbip, form, parse
from otolith.drivers.opening import locate
from otolith.drivers.wire import UsbWire


async def take_capture(moniker: str, samples: int, about: str = "") -> Capture:
    """Open the board, read so many samples, close it; raises DriverError. ``about``: who, when, with what on it."""
    place = parse(moniker)
    if not isinstance(place, Usb | Usbip):
        raise MonikerError(f"only a device has traffic to capture, not {moniker!r}. Right is: {Usb.example}")
    seen = await locate(place)
    snoops: list[Snoop] = []

    def listen(wire: UsbWire) -> UsbWire:
        snoops.append(Snoop(wire, FAMILIES[seen.vendor, seen.product].endpoint))
        return snoops[-1]

    async with await open_usb(seen, form(place), place, listen) as board:
        simulated = board.info.simulated
        taken, stream = 0, board.batches()
        async for batch in stream:
            taken += len(batch)
            if taken >= samples:
                break
        if isinstance(stream, AsyncGenerator):
            await stream.aclose()
    heading = Heading(seen.vendor, seen.product, seen.release, seen.serial, seen.name, simulated, about)
    return Capture(heading, tuple(snoops[-1].transfers))
