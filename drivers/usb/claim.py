"""Taking a board's interface from the system, and giving it back. Blocking; for the one thread that uses it."""

from contextlib import suppress
from typing import Any

import usb.util
from usb.core import USBError

from otolith.drivers.errors import BoardRefused
from otolith.drivers.usb.seen import Seen

Device = Any  # a usb.core.Device; pyusb ships no annotations
_SIZE = 0x7FF  # bits of wMaxPacketSize; the others are of high-bandwidth endpoints (USB 2.0, 9.6.6)


class Claim:
    """An open device with one interface claimed; the kernel's driver steps aside for as long as it lasts.

    ``packet`` is how many bytes the endpoint sends at once.
    Raises USBError, BoardLost when the device is no longer there, and BoardRefused when it lacks the endpoint.
    """

    def __init__(self, seen: Seen, interface: int, endpoint: int) -> None:
        self.device: Device = seen.device()
        self._interface = interface
        self._detached = False
        try:
            self.packet: int = max(1, self._find(endpoint).wMaxPacketSize & _SIZE)
            self._take()
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Give the interface back to the kernel's driver and close the device; safe when it is gone."""
        with suppress(USBError, NotImplementedError):  # it is gone, or a system without kernel drivers
            usb.util.release_interface(self.device, self._interface)
            if self._detached:
                self.device.attach_kernel_driver(self._interface)
        with suppress(USBError):
            usb.util.dispose_resources(self.device)

    def _find(self, address: int) -> Any:  # noqa: ANN401 - a usb.core.Endpoint
        interface = usb.util.find_descriptor(self._configuration(), bInterfaceNumber=self._interface)
        endpoint = interface and usb.util.find_descriptor(interface, bEndpointAddress=address)
        if endpoint is None:
            raise BoardRefused(f"no endpoint {address:#04x} in interface {self._interface}: another kind of board")
        return endpoint

    def _configuration(self) -> Any:  # noqa: ANN401 - a usb.core.Configuration
        try:
            return self.device.get_active_configuration()
        except USBError as error:
            if error.errno:
                raise
        self.device.set_configuration()  # an error without a number: it was not configured
        return self.device.get_active_configuration()

    def _take(self) -> None:
        with suppress(NotImplementedError):  # systems where no kernel driver is ever in the way
            if self.device.is_kernel_driver_active(self._interface):
                self.device.detach_kernel_driver(self._interface)
                self._detached = True
        usb.util.claim_interface(self.device, self._interface)
