"""Which driver goes with which USB device."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from otolith.drivers.board import Board
from otolith.drivers.monikers import Stance
from otolith.drivers.ofp.board import open_ofp
from otolith.drivers.ofp.codec import numbers as ofp
from otolith.drivers.phidget_bridge import codec as phidget
from otolith.drivers.phidget_bridge.board import open_bridge
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wire import Wire


class Opening(Protocol):
    """How a family opens what was found on a port."""

    def __call__(
        self, seen: Seen, moniker: str, stance: Stance, listen: Callable[[Wire], Wire] | None = None
    ) -> Awaitable[Board]:
        """Open it; raises DriverError. ``listen`` may put itself between the driver and the board."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """Boards with one USB identity."""

    model: str
    open: Opening


FAMILIES: Final[dict[tuple[int, int], Family]] = {
    (phidget.VENDOR, phidget.PRODUCT): Family("BTrackS (Phidget Bridge 1046)", open_bridge),
    (ofp.VENDOR, ofp.PRODUCT): Family("OFP plate (test identity)", open_ofp),
}
"""By vendor and product."""


async def open_device(seen: Seen, moniker: str, stance: Stance, listen: Callable[[Wire], Wire] | None = None) -> Board:
    """Open what was found with the driver of its family; raises DriverError, KeyError where there is none."""
    return await FAMILIES[seen.vendor, seen.product].open(seen, moniker, stance, listen)
