"""A Wii Balance Board that this machine's Bluetooth holds, by its hidraw node (Linux)."""

import asyncio
import os
from pathlib import Path

from otolith.drivers.errors import BoardNotFound
from otolith.drivers.hid.channel import Channel
from otolith.drivers.hid.nodes import SYSFS, Node, forbidden, nodes
from otolith.drivers.hid.way import ListenWay, Way
from otolith.drivers.monikers import Wii, form
from otolith.drivers.wii.board import WiiBoard, board_over
from otolith.drivers.wii.pairing import NAME, PAIRING
from otolith.drivers.wii.slot import PRODUCT, VENDOR


async def open_hidraw(moniker: Wii, listen: ListenWay | None = None, *, sysfs: Path = SYSFS) -> WiiBoard:
    """Open the node; raises BoardForbidden, BoardNotFound, and what ``board_over`` raises."""
    node = await asyncio.to_thread(_found, moniker.node, sysfs)
    fd = await asyncio.to_thread(_opened, node.path)
    way: Way = Channel(fd, node.path)
    way = listen(way) if listen else way
    try:
        return await board_over(way, form(moniker), moniker, node.name)
    except BaseException:
        await way.aclose()
        raise


def _found(subject: str, sysfs: Path) -> Node:
    """The node by path or address; one that sysfs does not know is taken by its path all the same."""
    found = nodes(NAME, sysfs)
    for node in found:
        if subject in (node.path, node.address):
            return node
    if subject.startswith("/"):
        return Node(subject, "", "", VENDOR, PRODUCT, None)
    listed = ", ".join(node.address or node.path for node in found) or "none"
    raise BoardNotFound(f"no Wii Balance Board {subject} is connected; connected: {listed}; {PAIRING}")


def _opened(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
    except PermissionError as error:
        raise forbidden(path) from error
    except OSError as error:
        raise BoardNotFound(f"{path} cannot be opened ({error.strerror}); {PAIRING}") from error
