"""A Wii Balance Board through a Mayflash DolphinBar: which of its slots holds one."""

from typing import Final

from otolith.drivers.errors import BoardNotFound, BoardRefused, BoardTimeout, DriverError
from otolith.drivers.monikers import Stance
from otolith.drivers.usb.pipe import open_pipe
from otolith.drivers.usb.seen import Seen
from otolith.drivers.wii.board import WiiBoard, board_over
from otolith.drivers.wii.codec import reports
from otolith.drivers.wii.slot import SLOTS, Slot, endpoint
from otolith.drivers.wire import Identity, Listen, UsbWire, Wire

PAIRING: Final = (
    "set the bar's switch to mode 4, press SYNC on the bar, take off the lid of the board's battery case and press the "
    "red SYNC button there; the light of the slot stays on once the board is held"
)


async def open_bar(seen: Seen, moniker: str, stance: Stance, listen: Listen | None = None) -> WiiBoard:
    """Open the board in the slot that is asked for, or in the first that holds one; raises DriverError.

    ``listen`` may put itself between the driver and the bar; it is asked once for each slot that is tried.
    """
    troubles: list[DriverError] = []
    for slot in SLOTS if stance.slot is None else (stance.slot,):
        wire: UsbWire = await open_pipe(seen, interface=slot - 1, endpoint=endpoint(slot))
        wire = listen(wire) if listen else wire
        try:
            await _knock(wire, slot)
            return await _over(wire, seen.name, moniker, stance, slot)
        except _Empty:
            await wire.aclose()
        except (BoardRefused, BoardTimeout) as error:
            troubles.append(error)
            await wire.aclose()
        except BaseException:
            await wire.aclose()
            raise
    if troubles:
        raise troubles[0]
    where = "the bar" if stance.slot is None else f"slot {stance.slot} of the bar"
    raise BoardNotFound(f"{where} on port {seen.path} holds no board: {PAIRING}")


async def bar_over(wire: Wire, identity: Identity, moniker: str, stance: Stance) -> WiiBoard:
    """The board in a slot (the first unless told) at the other end of ``wire``; raises DriverError."""
    slot = stance.slot or SLOTS[0]
    await _knock(wire, slot)
    return await _over(wire, identity.name, moniker, stance, slot)


class _Empty(BoardRefused):
    """Nobody is in the slot."""


async def _knock(wire: Wire, slot: int) -> None:
    try:
        await Slot(wire, slot).send(reports.ask_status())
    except BoardRefused as error:
        raise _Empty(f"slot {slot} of the bar is empty: {PAIRING}") from error


async def _over(wire: Wire, name: str, moniker: str, stance: Stance, slot: int) -> WiiBoard:
    return await board_over(Slot(wire, slot), moniker, stance, name)
