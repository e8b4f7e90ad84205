"""A Wii Balance Board that Bluetooth reaches, by the way that its name says."""

from otolith.drivers.board import Board
from otolith.drivers.monikers import Wii
from otolith.drivers.wii.evdev import open_evdev
from otolith.drivers.wii.hidraw import open_hidraw
from otolith.drivers.wii.l2cap import open_l2cap


async def open_wii(moniker: Wii) -> Board:
    """Open it; raises DriverError."""
    match moniker.via:
        case "l2cap":
            return await open_l2cap(moniker)
        case "evdev":
            return await open_evdev(moniker)
    return await open_hidraw(moniker)
