"""A Wii Balance Board over L2CAP channels of our own, past the system's HID driver (Linux)."""

from otolith.drivers.hid.l2cap import Dial, connect
from otolith.drivers.hid.way import ListenWay, Way
from otolith.drivers.monikers import Wii, form
from otolith.drivers.wii.board import WiiBoard, board_over


async def open_l2cap(
    moniker: Wii, listen: ListenWay | None = None, *, dial: Dial | None = None, name: str = ""
) -> WiiBoard:
    """Connect and open; closing the board switches it off. Raises DriverError."""
    name = name or moniker.node
    way: Way = await connect(moniker.node, name, by_control=moniker.output == "control", dial=dial)
    way = listen(way) if listen else way
    try:
        return await board_over(way, form(moniker), moniker, name)
    except BaseException:
        await way.aclose()
        raise
