"""Where USB boards are looked for: this machine's ports, or a USB/IP server."""

import importlib
from typing import Any

from otolith.drivers.errors import DriverError
from otolith.drivers.usb.usbip.backend import UsbipBackend
from otolith.drivers.usb.usbip.handshake import PORT

Backend = Any  # a usb.backend.IBackend; pyusb ships no annotations
READ_AHEAD = 4  # transfers in flight: at 1 kHz a reader may be late by 3 ms before the device is left without one


def libusb() -> Backend:
    """Boards on this machine's ports; blocks while it loads libusb. Raises DriverError when it cannot be loaded."""
    try:
        backend = importlib.import_module("libusb_package").get_libusb1_backend()
    except ImportError as error:
        raise DriverError("USB needs the package libusb-package: pip install libusb-package") from error
    if backend is None:
        raise DriverError("libusb could not be loaded on this system; reinstall the package libusb-package")
    return backend


def usbip(host: str = "127.0.0.1", port: int = PORT) -> UsbipBackend:
    """Boards that a USB/IP server exports, be they real or twins; nothing is asked of the server before ``find``."""
    return UsbipBackend(host, port, read_ahead=READ_AHEAD)
