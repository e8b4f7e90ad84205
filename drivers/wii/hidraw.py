"""A Wii Balance Board that this machine's Bluetooth holds, by its hidraw node (Linux)."""

import asyncio
import os
from typing import Final

from otolith.drivers.errors import BoardNotFound
from otolith.drivers.hid.hidraw import Hidraw
from otolith.drivers.hid.nodes import forbidden, nodes
from otolith.drivers.monikers import Wii, form
from otolith.drivers.wii.board import WiiBoard, board_over

NAME: Final = "Nintendo RVL-WBC-01"
"""What a board calls itself."""
PAIRING: Final = (
    "to connect one, open the system's Bluetooth settings, take off the lid of the board's battery case, press the red "
    f"SYNC button and choose {NAME!r}; where a PIN is asked for, leave that to the system"
)


async def open_hidraw(moniker: Wii) -> WiiBoard:
    """Open the node; raises BoardForbidden, BoardNotFound, and what ``board_over`` raises."""
    path = moniker.node if moniker.node.startswith("/") else await asyncio.to_thread(_node_of, moniker.node)
    fd = await asyncio.to_thread(_opened, path)
    way = Hidraw(fd, path)
    try:
        return await board_over(way, form(moniker), moniker, path)
    except BaseException:
        await way.aclose()
        raise


def _node_of(address: str) -> str:
    found = nodes(NAME)
    for node in found:
        if node.address == address:
            return node.path
    listed = ", ".join(node.address or node.path for node in found) or "none"
    raise BoardNotFound(f"no Wii Balance Board {address} is connected; connected: {listed}; {PAIRING}")


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    except PermissionError as error:
        raise forbidden(path) from error
    except OSError as error:
        raise BoardNotFound(f"{path} cannot be opened ({error.strerror}); {PAIRING}") from error
