"""Which hidraw nodes there are, by what the kernel says in sysfs; nothing is opened."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otolith.drivers.board import TWIN
from otolith.drivers.errors import BoardForbidden
from otolith.drivers.permission import remedy

SYSFS: Final = Path("/sys/class/hidraw")


@dataclass(frozen=True, slots=True)
class Node:
    """A hidraw node; ``problem`` says why it cannot be opened, if so."""

    path: str
    name: str
    address: str
    """Of a Bluetooth device, in lower case; else whatever the kernel tells devices apart by, or nothing."""
    vendor: int
    product: int
    problem: BoardForbidden | None


def nodes(name: str, sysfs: Path = SYSFS) -> list[Node]:
    """The nodes of all devices of this name, and of their twins, in the order of their numbers."""
    found = sorted(sysfs.glob("hidraw*"), key=lambda path: (len(path.name), path.name))
    return [node for path in found for node in _read(path) if node.name in (name, f"{name} {TWIN}")]


def said(device: Path) -> dict[str, str]:
    """What the kernel says of a HID device in its folder's ``uevent``; OSError where it is gone."""
    text = (device / "uevent").read_text(errors="replace")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def forbidden(path: str) -> BoardForbidden:
    """Why a node may not be opened, and what to do."""
    return BoardForbidden(f"{path} may not be opened by this user. {remedy()}")


def _read(path: Path) -> Iterator[Node]:
    try:
        words = said(path / "device")
        _, vendor, product = (int(part, 16) for part in words.get("HID_ID", "").split(":"))
    except (OSError, ValueError):  # it went away while we looked, or is none of ours
        return
    device = f"/dev/{path.name}"
    problem = None if os.access(device, os.R_OK | os.W_OK) else forbidden(device)
    yield Node(device, words.get("HID_NAME", ""), words.get("HID_UNIQ", "").lower(), vendor, product, problem)
