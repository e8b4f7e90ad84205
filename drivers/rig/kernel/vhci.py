"""An exported device on a port of this machine's own USB stack: what ``usbip attach`` does, without that tool (root).

Source: Linux ``drivers/usb/usbip/vhci_sysfs.c``; the module is ``vhci-hcd``.
"""

from pathlib import Path
from typing import Final

from otolith.drivers.errors import BoardNotFound, BoardRefused
from otolith.drivers.usb.usbip.dial import import_device, list_devices

HOST: Final = Path("/sys/devices/platform/vhci_hcd.0")
FREE: Final = "004"
"""VDEV_ST_NULL: nothing is plugged into the port."""


def attach(host: str, port: int, busid: str, vhci: Path = HOST) -> int:
    """Import ``busid`` and give it to the kernel; returns the port of the kernel's. It is pulled by the server.

    Blocks. Raises BoardNotFound, BoardRefused, OSError where there is no such module, or we are not root.
    """
    found = [listed.record for listed in list_devices(host, port) if listed.record.busid == busid]
    if not found:
        raise BoardNotFound(f"nothing is exported at {host}:{port} as {busid}")
    ours = free_port((vhci / "status").read_text())
    link = import_device(host, port, found[0])
    if link is None:
        raise BoardRefused(f"{host}:{port}/{busid} is held by another host")
    with link:  # the kernel keeps the connection by itself from here on
        (vhci / "attach").write_text(f"{ours} {link.fileno()} {found[0].devid} {found[0].speed}")
    return ours


def free_port(status: str) -> int:
    """The first free port for devices up to high speed; BoardRefused where there is none."""
    for line in status.splitlines():
        hub, number, state, *_ = line.split()
        if (hub, state) == ("hs", FREE):
            return int(number)
    raise BoardRefused("all ports of the kernel's virtual USB host are taken")
