"""A device this host holds: its descriptors, its configuration, its transfers. Blocking; made for threads."""

import errno
import socket
import threading
from dataclasses import dataclass
from struct import pack

from usb.core import USBError

from otolith.drivers.usb.descriptors import (
    CONFIGURATION,
    DEVICE,
    ConfigurationDescriptor,
    DescriptorError,
    DeviceDescriptor,
    EndpointDescriptor,
    parse_configuration,
    parse_device,
)
from otolith.drivers.usb.usbip.faults import busy, check
from otolith.drivers.usb.usbip.handshake import Record
from otolith.drivers.usb.usbip.intake import Intake
from otolith.drivers.usb.usbip.link import Link
from otolith.drivers.usb.usbip.wire import MAX_TRANSFER

STANDARD = 1.0  # seconds for a standard request; USB 2.0, 9.2.6 allows 5 s, devices take milliseconds
_IN = 0x80


@dataclass(frozen=True, slots=True)
class Description:
    """What a device says of itself."""

    device: DeviceDescriptor
    configurations: tuple[ConfigurationDescriptor, ...]


class Imported:
    """One import, shared by all handles of one backend; transfers run at once, in order on each endpoint.

    Raises USBError and USBTimeoutError as libusb does.
    """

    def __init__(self, connection: socket.socket, record: Record, read_ahead: int) -> None:
        self.record = record
        self.configuration = 0
        self._link = Link(connection, record.devid)
        self._read_ahead = read_ahead
        self._lock = threading.Lock()
        self._claims: dict[int, object] = {}
        self._intakes: dict[int, Intake] = {}
        try:
            self.description = self._examine()
        except BaseException:
            self._link.close()
            raise

    @property
    def lost(self) -> bool:
        """Whether the link is gone."""
        return not self._link.look()

    def close(self) -> None:
        """Give the device back to its server."""
        self._link.close()

    def configure(self, value: int) -> None:
        """SET_CONFIGURATION."""
        self._stop(set(self._intakes))
        self.control(0x00, 9, value, 0)
        self.configuration = value

    def select(self, interface: int, alternate: int) -> None:
        """SET_INTERFACE."""
        self._stop(set(self._endpoints(interface)))
        self.control(0x01, 11, alternate, interface)

    def reset(self) -> None:
        """Reset the port, as the kernel's USB/IP passes it on: a hub's SET_FEATURE(PORT_RESET)."""
        self._stop(set(self._intakes))
        self.control(0x23, 3, 4, 0)
        self.configure(self.configuration)

    def claim(self, interface: int, owner: object) -> None:
        """Reserve an interface; ``EBUSY`` when another owner has it."""
        with self._lock:
            if self._claims.setdefault(interface, owner) is not owner:
                raise busy(f"interface {interface} of {self.record.busid} is claimed")

    def release(self, interface: int, owner: object) -> None:
        """Let go of an interface, and of what is unread on its endpoints."""
        if self._claims.get(interface) is owner:
            self._stop(set(self._endpoints(interface)))
            self._claims.pop(interface, None)

    def release_all(self, owner: object) -> None:
        """Let go of all that ``owner`` has."""
        for interface in [interface for interface, holder in self._claims.items() if holder is owner]:
            self.release(interface, owner)

    def read(self, address: int, interface: int, length: int, timeout: float | None) -> bytes:
        """Next transfer of an IN endpoint, at most ``length`` bytes."""
        with self._lock:
            intake = self._intakes.get(address)
            if intake is None:
                intake = Intake(self._link, address, self._interval(interface, address), self._read_ahead)
                self._intakes[address] = intake
        status, data = intake.read(min(length, MAX_TRANSFER), timeout)
        check(status)
        return data

    def write(self, address: int, interface: int, data: bytes, timeout: float | None) -> int:
        """Send to an OUT endpoint; returns how many bytes were taken, some of them when time runs out midway."""
        if len(data) > MAX_TRANSFER:
            raise USBError(f"{len(data)} bytes in one transfer; the limit is {MAX_TRANSFER}", -2, errno.EINVAL)
        urb = self._link.submit(address, len(data), data, interval=self._interval(interface, address))
        if not self._link.wait(urb, timeout):
            self._link.cancel(urb)
        check(urb.status)
        return urb.actual

    def control(
        self,
        request_type: int,
        request: int,
        value: int,
        index: int,
        payload: int | bytes = b"",
        *,
        timeout: float | None = STANDARD,
    ) -> bytes:
        """Control transfer: ``payload`` is what to send, or how much to read."""
        length, data = (payload, b"") if isinstance(payload, int) else (len(payload), payload)
        setup = pack("<BBHHH", request_type, request, value, index, length)
        urb = self._link.submit(request_type & _IN, length, data, setup)
        if not self._link.wait(urb, timeout):
            self._link.cancel(urb)
        check(urb.status)
        return urb.data

    def _examine(self) -> Description:
        try:
            device = parse_device(self.control(0x80, 6, DEVICE << 8, 0, 18))
            configurations = tuple(map(self._examine_configuration, range(device.bNumConfigurations)))
        except DescriptorError as error:
            raise USBError(f"Input/Output Error: {error}", -1, errno.EIO) from error
        return Description(device, configurations)

    def _examine_configuration(self, index: int) -> ConfigurationDescriptor:
        head = self.control(0x80, 6, CONFIGURATION << 8 | index, 0, 9)
        total = int.from_bytes(head[2:4], "little")
        return parse_configuration(self.control(0x80, 6, CONFIGURATION << 8 | index, 0, total))

    def _stop(self, addresses: set[int]) -> None:
        with self._lock:
            intakes = [self._intakes.pop(address) for address in addresses & self._intakes.keys()]
        for intake in intakes:
            intake.stop()

    def _endpoints(self, interface: int) -> dict[int, EndpointDescriptor]:
        return {
            endpoint.bEndpointAddress: endpoint
            for configuration in self.description.configurations
            if configuration.bConfigurationValue == self.configuration
            for setting in configuration.settings
            if setting.bInterfaceNumber == interface
            for endpoint in setting.endpoints
        }

    def _interval(self, interface: int, address: int) -> int:
        endpoint = self._endpoints(interface).get(address)
        return endpoint.bInterval if endpoint else 0
