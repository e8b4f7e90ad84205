"""Which evdev nodes there are, by what the kernel says in sysfs; nothing is opened."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from otolith.drivers.hid.nodes import said

SYSFS: Final = Path("/sys/class/input")
DEV: Final = Path("/dev/input")


@dataclass(frozen=True, slots=True)
class Input:
    """An evdev node of a HID device."""

    path: str
    device: str
    """Name of the HID device that it belongs to."""
    address: str
    """Of a Bluetooth device, in lower case."""
    folder: Path
    """The HID device in sysfs: its driver's own files are there."""
    readable: bool


def inputs(name: str, sysfs: Path = SYSFS, dev: Path = DEV) -> list[Input]:
    """The evdev nodes of this name, in the order of their numbers."""
    found = sorted(sysfs.glob("event*"), key=lambda path: (len(path.name), path.name))
    return [node for path in found for node in _read(path, name, dev)]


def _read(path: Path, name: str, dev: Path) -> Iterator[Input]:
    folder = path / "device" / "device"
    try:
        if (path / "device" / "name").read_text(errors="replace").strip() != name:
            return
        words = said(folder)
    except OSError:  # it went away while we looked, or has no device of its own
        return
    node = dev / path.name
    yield Input(
        str(node), words.get("HID_NAME", ""), words.get("HID_UNIQ", "").lower(), folder, os.access(node, os.R_OK)
    )
