"""The boards that are known by their USB identity, and who drives them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from otolith.drivers.board import Board, board_id
from otolith.drivers.errors import MonikerError
from otolith.drivers.ftdi import numbers as ftdi
from otolith.drivers.labjack import way as labjack
from otolith.drivers.labjack.board import labjack_over, open_labjack, serial_of
from otolith.drivers.labjack.models import MODELS, Model
from otolith.drivers.mcc1608.board import mcc1608_over, open_mcc1608
from otolith.drivers.mcc1608.codec import numbers as mcc
from otolith.drivers.monikers import Stance
from otolith.drivers.ofp.board import ofp_over, open_ofp
from otolith.drivers.ofp.codec import numbers as ofp
from otolith.drivers.ofp.plate import FAMILY as OFP
from otolith.drivers.phidget_bridge import codec as bridge
from otolith.drivers.phidget_bridge.board import FAMILY as BRIDGE
from otolith.drivers.phidget_bridge.board import bridge_over, open_bridge
from otolith.drivers.tec_gihan.board import open_tec_gihan, tec_gihan_over
from otolith.drivers.tec_gihan.codec import numbers as tec_gihan
from otolith.drivers.usb.seen import Seen
from otolith.drivers.vernier.go_direct import board as go_direct
from otolith.drivers.vernier.go_link import board as go_link
from otolith.drivers.vernier.plate import VENDOR as VERNIER
from otolith.drivers.wii import slot as wii
from otolith.drivers.wii.bar import bar_over, open_bar
from otolith.drivers.wire import Identity, Listen, UsbWire

CHOSEN: Final = ("rate", "plate", "places", "sensor", "range")
"""Options that mean something to some boards only, and are refused by the others."""


@dataclass(frozen=True, slots=True)
class Family:
    """How boards of one USB identity are opened; both raise DriverError."""

    model: str
    open: Callable[[Seen, str, Stance, Listen | None], Awaitable[Board]]
    """What was found on a port, what it is called, how it stands, who listens."""
    over: Callable[[UsbWire, Identity, str, Stance], Awaitable[Board]]
    """The same on a wire that is there already: a capture, a test."""
    takes: tuple[str, ...] = ()
    """Which of ``CHOSEN`` mean something to it."""
    name: str = ""
    """In the product string; others with this identity are of another maker, and are left alone."""
    endpoint: int = 0x81
    """Where its packets come from."""
    serial: Callable[[Seen], Awaitable[str]] | None = None
    """How boards are asked for their serial numbers that have none in their descriptors; raises DriverError."""
    known_as: str = ""
    """``BoardInfo.family`` where the descriptor's serial number is the board's; empty where it has to be asked."""

    def id_of(self, serial: str) -> str | None:
        """``BoardInfo.id`` of a board with this serial number in its descriptor; None where that is not enough."""
        return board_id(self.known_as, serial) if self.known_as else None


def _labjack(model: Model) -> Family:
    return Family(
        f"LabJack {model.name}",
        partial(open_labjack, model),
        partial(labjack_over, model),
        takes=("rate", "plate"),
        endpoint=labjack.STREAM,
        serial=partial(serial_of, model),
    )


_BRIDGE: Final = Family("BTrackS (Phidget Bridge 1046)", open_bridge, bridge_over, known_as=BRIDGE)
_BAR: Final = Family("Wii Balance Board (DolphinBar)", open_bar, bar_over)
_GO_DIRECT: Final = Family("Vernier Go Direct", go_direct.open_go_direct, go_direct.go_direct_over, takes=("sensor",))
_GO_LINK: Final = Family("Vernier Go!Link with FP-BTA", go_link.open_go_link, go_link.go_link_over, takes=("range",))
_OFP: Final = Family("OFP plate (test identity)", open_ofp, ofp_over, takes=("rate",), known_as=OFP)
_MCC: Final = Family("MCC USB-1608FS-Plus", open_mcc1608, mcc1608_over, takes=("rate", "plate"))

_TEC_GIHAN: Final = Family(
    "Tec Gihan force plate controller",
    open_tec_gihan,
    tec_gihan_over,
    takes=("rate", "places", "range"),
    name=tec_gihan.NAME,
)

FAMILIES: Final[dict[tuple[int, int], Family]] = {
    (bridge.VENDOR, bridge.PRODUCT): _BRIDGE,
    (ofp.VENDOR, ofp.PRODUCT): _OFP,
    (VERNIER, go_direct.PRODUCT): _GO_DIRECT,
    (VERNIER, go_link.PRODUCT): _GO_LINK,
    (mcc.VENDOR, mcc.PRODUCT): _MCC,
    **{(labjack.VENDOR, model.product): _labjack(model) for model in MODELS},
    **{(ftdi.VENDOR, product): _TEC_GIHAN for product in (ftdi.FT232R, ftdi.FT232H)},
    **{(wii.VENDOR, product): _BAR for product in wii.PRODUCTS},
}
"""By vendor and product."""


def ours(seen: Seen) -> bool:
    """Whether a device is one of a family, by its identity and, where many makers share that, by its name.

    One whose name cannot be read, for want of permission, may be.
    """
    family = FAMILIES.get((seen.vendor, seen.product))
    return family is not None and (family.name in seen.name or (seen.problem is not None and not seen.name))


async def open_usb(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> Board:
    """Open what was found on a port; its identity is one of ``FAMILIES``. Raises DriverError."""
    family = FAMILIES[seen.vendor, seen.product]
    for option in CHOSEN:
        if getattr(stance, option) not in (None, ()) and option not in family.takes:
            raise MonikerError(f"{option}= means nothing to this board: {family.model}")
    return await family.open(seen, moniker, stance, listen)
