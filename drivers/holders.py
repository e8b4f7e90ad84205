"""Who has a device open, as far as this user may know (Linux)."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
SYSFS: Final = Path("/sys/bus/usb/devices")
USBFS: Final = "usbfs"
"""The kernel's name for programs that drive a device themselves."""


def holders(node: str, proc: Path = PROC) -> str:
    """Programs that have a device node open, in words: ``chromium (process 4711)``; empty where none is known.

    Processes of other users cannot be looked into, except by root.
    """
    found = sorted(_programs(os.path.realpath(node), proc)) if node else []
    return ", ".join(f"{name} (process {pid})" for pid, name in found)


def kernel_driver(port: str, interface: int, sysfs: Path = SYSFS) -> str:
    """The kernel's driver on an interface of the device on a port such as ``1-1.4``; empty where there is none."""
    for place in sysfs.glob(f"{port}:*.{interface}"):
        with suppress(OSError):
            name = (place / "driver").readlink().name
            return "" if name == USBFS else name
    return ""


def _programs(node: str, proc: Path) -> Iterator[tuple[int, str]]:
    for folder in proc.glob("[0-9]*"):
        if int(folder.name) == os.getpid():
            continue
        with suppress(OSError):  # it ended meanwhile, or is another user's
            if any(_target(link) == node for link in (folder / "fd").iterdir()):
                yield int(folder.name), (folder / "comm").read_text(errors="replace").strip()


def _target(link: Path) -> str:
    with suppress(OSError):
        return str(link.readlink())
    return ""
