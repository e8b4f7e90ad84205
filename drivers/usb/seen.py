"""Which USB boards are plugged in, and what each needs before it can be opened. Blocking: call it from a thread."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import usb.core
import usb.util
from usb.core import USBError

from otolith.drivers.errors import BoardLost, BoardNotFound, DriverError
from otolith.drivers.holders import holders, kernel_driver
from otolith.drivers.usb.backends import Backend
from otolith.drivers.usb.faults import GONE, translate
from otolith.drivers.usb.usbip.backend import UsbipBackend


@dataclass(frozen=True, slots=True)
class Seen:
    """A device on a port at the moment of looking; ``problem`` says why it cannot be opened, if so."""

    vendor: int
    product: int
    release: int
    """bcdDevice: 0x0123 is release 1.23."""
    serial: str
    """iSerialNumber, empty where there is none or it could not be read."""
    name: str
    """iProduct, likewise."""
    bus: int
    address: int
    ports: tuple[int, ...]
    problem: DriverError | None = field(compare=False)
    backend: Backend = field(repr=False)

    @property
    def path(self) -> str:
        """Where it is plugged in, as Linux writes it: ``1-1.4`` is bus 1, port 1, port 4 of the hub there."""
        return _path(self.bus, self.ports)

    def holder(self, interface: int = 0) -> str:
        """Who holds it, in words: programs of this machine, or the kernel's own driver; empty where nobody knows."""
        if isinstance(self.backend, UsbipBackend):
            return ""
        bound = kernel_driver(self.path, interface)
        node = f"/dev/bus/usb/{self.bus:03d}/{self.address:03d}"
        return holders(node) or (f"the kernel's driver {bound}" if bound else "")

    def device(self) -> Any:  # noqa: ANN401 - a usb.core.Device; pyusb ships no annotations
        """Fresh pyusb device with a handle of its own. Raises BoardLost when it is no longer there."""
        for device in _devices(self.backend, self.vendor, self.product):
            if (device.bus, device.address) == (self.bus, self.address):
                return device
        raise BoardLost(f"USB board {self.vendor:04x}:{self.product:04x} is no longer on port {self.path}")


def find(backend: Backend, vendor: int | None = None, product: int | None = None) -> list[Seen]:
    """Look at every device, or at those of one vendor and product; nothing in use is disturbed.

    Raises BoardNotFound when the place itself is missing, such as a USB/IP server that does not answer.
    """
    found = (_look(backend, device) for device in _devices(backend, vendor, product))
    return [seen for seen in found if seen]


def path(device: Any) -> str:  # noqa: ANN401 - pyusb ships no annotations
    """Where a pyusb device is plugged in, as ``Seen.path``."""
    return _path(device.bus, device.port_numbers or ())


def _path(bus: int, ports: tuple[int, ...]) -> str:
    return f"{bus}-{'.'.join(map(str, ports))}"


def _devices(backend: Backend, vendor: int | None, product: int | None) -> Iterator[Any]:
    wanted = {"idVendor": vendor, "idProduct": product}
    match = {name: value for name, value in wanted.items() if value is not None}
    try:
        yield from usb.core.find(find_all=True, backend=backend, **match)
    except USBError as error:
        raise BoardNotFound(f"cannot look for USB boards: {error.strerror}") from error


def _look(backend: Backend, device: Any) -> Seen | None:  # noqa: ANN401 - pyusb ships no annotations
    serial = name = ""
    problem: DriverError | None = None
    try:
        device.get_active_configuration()  # opens it, and moves nothing
        serial, name = _string(device, device.iSerialNumber), _string(device, device.iProduct)
    except (USBError, NotImplementedError) as error:
        number = getattr(error, "errno", None)
        if number in GONE:
            return None
        if number:  # without a number: not configured, or a system that cannot tell
            problem = translate(error, device.idVendor, device.idProduct)
    finally:
        usb.util.dispose_resources(device)
    identity = device.idVendor, device.idProduct, device.bcdDevice
    place = device.bus, device.address, tuple(device.port_numbers or ())
    return Seen(*identity, serial, name, *place, problem, backend)


def _string(device: Any, index: int) -> str:  # noqa: ANN401 - pyusb ships no annotations
    try:
        return str(usb.util.get_string(device, index) or "").strip("\0 ")
    except (ValueError, UnicodeDecodeError):  # no language, or no text
        return ""
